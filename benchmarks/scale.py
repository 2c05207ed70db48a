"""Large nets: how long compiling and the first simulation take, and how much memory, that of child processes with it.

python benchmarks/scale.py [--nets lfc-1,lfc-2,deep,wide] [--vectors 100]

The nets are generated: LFC (784-1024-1024-1024-10) of one and of two bits, 20 layers of 64, and one matrix of 4096 × 4096 with
weights of two bits. Each is compiled for the simulated board and simulated on random vectors, by the command line, with a cache of
its own, so that the simulation is compiled too. Memory is the largest sum over a process and all below it, read every 50 ms.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from run import HWFLOW, Row

_EVERY = 0.05  # seconds between two looks at memory
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Net:
    """Sizes from the input to the output, bits of weights and activations, and bars: seconds of compiling and of the first
    simulation, and megabytes; None where none is set."""

    sizes: tuple[int, ...]
    bits: int
    compiling: float | None = None
    simulating: float | None = None
    megabytes: float | None = None


NETS = {
    "lfc-1": Net((784, 1024, 1024, 1024, 10), 1),
    "lfc-2": Net((784, 1024, 1024, 1024, 10), 2, 10, 300, 1500),
    "deep": Net((64,) * 21, 2),
    "wide": Net((4096, 4096), 2),
}


def write(net: Net, path: Path) -> None:
    """A QONNX file of a chain of matrices, each but the last with a quantised activation; weights are random."""
    rng = np.random.default_rng(0)
    nodes, before = [], "x"
    constants: dict[str, Any] = {}

    def quant(source: str, out: str, scale: float, bits: int, signed: bool) -> None:
        if bits == 1:
            constants[f"{out}_scale"] = np.float32(scale)
            nodes.append(helper.make_node("BipolarQuant", [source, f"{out}_scale"], [out], domain=_DOMAIN))
            return
        for name, value in (("scale", scale), ("zero", 0.0), ("bits", float(bits))):
            constants[f"{out}_{name}"] = np.float32(value)
        inputs = [source, *(f"{out}_{name}" for name in ("scale", "zero", "bits"))]
        sign = int(signed)
        nodes.append(
            helper.make_node("Quant", inputs, [out], domain=_DOMAIN, signed=sign, narrow=sign, rounding_mode="ROUND")
        )

    quant(before, "q", 1.0, net.bits, False)
    before = "q"
    for i, (columns, rows) in enumerate(zip(net.sizes, net.sizes[1:], strict=False)):
        constants[f"w{i}"] = rng.choice([-1.0, 1.0] if net.bits == 1 else [-1.0, 0.0, 1.0], (columns, rows)).astype(
            np.float32
        )
        quant(f"w{i}", f"wq{i}", 1.0, net.bits, True)
        nodes.append(helper.make_node("MatMul", [before, f"wq{i}"], [f"s{i}"]))
        before = f"s{i}"
        if i + 2 < len(net.sizes):
            quant(before, f"a{i}", 1.0 if net.bits == 1 else float(2 * columns**0.5), net.bits, False)
            before = f"a{i}"
    held = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size])
        for name, size in (("x", net.sizes[0]), (before, net.sizes[-1]))
    ]
    graph = helper.make_graph(nodes, "scale", ends[:1], ends[1:], held)
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid(_DOMAIN, 1)]
    save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)


_DOMAIN = "qonnx.custom_op.general"


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of a command, and megabytes of it and of all processes below it at their largest. Raises if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(_EVERY):
            most = max(most, resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    done.set()
    watcher.join()
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return time.perf_counter() - start, most / 1e6


def resident(root: int) -> int:
    """Bytes that a process and all below it hold; what ended meanwhile counts nothing."""
    below: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
            pages[int(place.name)] = int((place / "statm").read_text().split()[1])
        except (OSError, IndexError, ValueError):
            continue
        below.setdefault(parent, []).append(int(place.name))
    found, left = 0, [root]
    while left:
        pid = left.pop()
        found += pages.get(pid, 0)
        left += below.get(pid, [])
    return found * _PAGE


def rows(name: str, net: Net, vectors: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        model, out = Path(scratch) / f"{name}.onnx", Path(scratch) / "out"
        environment = os.environ | {"XDG_CACHE_HOME": str(Path(scratch) / "cache")}
        write(net, model)
        weights = sum(a * b for a, b in zip(net.sizes, net.sizes[1:], strict=False))
        words = [*HWFLOW, "compile", str(model), "--board", "sim", "--out", str(out), "--no-check"]
        compiling, compile_megabytes = measured(words, environment)
        yield row(f"{name}, {weights:,} weights: compile", compiling, "s", net.compiling)
        yield row(f"{name}: compile, memory", compile_megabytes, "MB", net.megabytes)
        words = [*HWFLOW, "simulate", str(out), "--count", str(vectors)]
        simulating, megabytes = measured(words, environment)
        yield row(f"{name}: first simulation of {vectors} vectors", simulating, "s", net.simulating)
        yield row(f"{name}: simulation, memory", megabytes, "MB", net.megabytes)


def row(name: str, figure: float, unit: str, bar: float | None) -> Row:
    told = "none" if bar is None else f"<= {bar:g} {unit}"
    return Row(name, f"{figure:,.1f} {unit}", told, bar is None or figure <= bar)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", default=",".join(NETS))
    parser.add_argument("--vectors", type=int, default=100)
    given = parser.parse_args()
    missed = 0
    for name in given.nets.split(","):
        for each in rows(name, NETS[name], given.vectors):
            print(each, flush=True)
            missed += not each.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
