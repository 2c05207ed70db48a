"""The drivers that lie in a project behind AXI, in volume, on the project's top in Verilator against the reference.

    python benchmarks/axi_drivers.py                  all of them
    python benchmarks/axi_drivers.py --only vectors   a quantised net, by PYNQ and in C: as large as that of `hwflow demo can-ids`
                                                      (128-32-32-5, two bits, not trained)
    python benchmarks/axi_drivers.py --only ticks     a spiking core with every feature, which learns, by PYNQ and in C

The stand-in for `pynq`, and for a DMA's registers, speaks AXI; both ends of the streams stand still at random.
"""

import argparse
import ctypes
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/rtl")]

import cocotb  # noqa: E402
import numpy as np  # noqa: E402
from axi import CASE, DONE, compiled, net, run  # noqa: E402
from cocotb.task import bridge  # noqa: E402
from helpers.axi import Device  # noqa: E402
from helpers.driver import compiled_driver, loaded_driver, with_registers, write_driver, write_top  # noqa: E402
from helpers.pynq import pynq_for  # noqa: E402
from run import Row  # noqa: E402
from spiking.nets import random_network, random_spikes  # noqa: E402

from hwflow.board import find_board  # noqa: E402
from hwflow.project import Project  # noqa: E402
from hwflow.quantised import reference  # noqa: E402
from hwflow.quantised.flow.vectors import random_vectors  # noqa: E402
from hwflow.spiking.backend.core import spiking_project  # noqa: E402
from hwflow.spiking.host.golden import GoldenModel  # noqa: E402
from hwflow.spiking.network import Core  # noqa: E402

CORE = Core(16, 16, 4, 8, 16, 8, stochastic=True, modulation=True)
_MADE = """\
static uint8_t into[64 * HWF_INPUT_BYTES], back[64 * HWF_OUTPUT_BYTES];
static struct hwf_net made(void) { return (struct hwf_net){0, 0x1000, into, back, (uintptr_t)into, (uintptr_t)back, 64}; }
int check(void) { struct hwf_net net = made(); return hwf_check(&net); }
"""
VECTORS_IN_C = (
    _MADE
    + "int execute(const int32_t *x, int32_t *y, size_t n) { struct hwf_net net = made(); return hwf_execute(&net, x, y, n); }\n"
)
TICKS_IN_C = (
    _MADE
    + """\
int load(void) { struct hwf_net net = made(); return hwf_load(&net); }
int run(const uint8_t *x, size_t ticks, uint8_t *y) { struct hwf_net net = made(); return hwf_run(&net, x, ticks, 1, y); }
int weights(int8_t *w) { struct hwf_net net = made(); return hwf_weights(&net, w); }
"""
)


async def by_pynq(dut: Any, use: Callable[[Any, Mapping[str, Any]], int]) -> None:
    case = json.loads(Path(CASE).read_text())
    pynq_for(await Device.start(dut))
    sys.path.insert(0, case["driver"])
    mismatches = await bridge(use)(importlib.import_module("hwflow_pynq"), case)
    Path(DONE).write_text(json.dumps(mismatches))


async def in_c(dut: Any, use: Callable[[Any, Mapping[str, Any]], int]) -> None:
    case = json.loads(Path(CASE).read_text())

    def in_a_thread(read: Any, write: Any) -> int:
        driver = loaded_driver(case["library"], read, write)
        assert driver.check() == 0
        return use(driver, case)

    Path(DONE).write_text(json.dumps(await with_registers(dut, in_a_thread)))


def differing(found: Any, right: Any) -> int:
    return int(np.count_nonzero(np.asarray(found) != np.asarray(right)))


def place(array: np.ndarray) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)


@cocotb.test()
async def vectors_by_pynq(dut: Any) -> None:
    def use(driver: Any, case: Mapping[str, Any]) -> int:
        with driver.open("hwf_top.bit") as board:
            return differing(board.execute(np.array(case["x"])), case["y"])

    await by_pynq(dut, use)


@cocotb.test()
async def vectors_in_c(dut: Any) -> None:
    def use(driver: Any, case: Mapping[str, Any]) -> int:
        x = np.ascontiguousarray(case["x"], np.int32)
        y = np.zeros((len(x), len(case["y"][0])), np.int32)
        assert driver.execute(place(x), place(y), ctypes.c_size_t(len(x))) == 0
        return differing(y, case["y"])

    await in_c(dut, use)


@cocotb.test()
async def ticks_by_pynq(dut: Any) -> None:
    def use(driver: Any, case: Mapping[str, Any]) -> int:
        with driver.open("hwf_top.bit") as board:
            spikes = board.run(np.array(case["stimuli"], np.bool_), learn=True)
            state = board.state()
            left = sum(differing(getattr(state, name), values) for name, values in case["state"].items())
            return differing(spikes, case["spikes"]) + left

    await by_pynq(dut, use)


@cocotb.test()
async def ticks_in_c(dut: Any) -> None:
    def use(driver: Any, case: Mapping[str, Any]) -> int:
        stimuli = np.packbits(np.array(case["stimuli"], np.bool_), axis=1, bitorder="little")
        spikes = np.zeros((len(stimuli), CORE.neurons // 8), np.uint8)
        weights = np.zeros((CORE.sources, CORE.neurons), np.int8)
        assert driver.load() == 0
        assert driver.run(place(stimuli), ctypes.c_size_t(len(stimuli)), place(spikes)) == 0
        assert driver.weights(place(weights)) == 0
        found = np.unpackbits(spikes, axis=1, bitorder="little")
        return differing(found, case["spikes"]) + differing(weights, case["state"]["weight"])

    await in_c(dut, use)


def mismatches(made: Project, test: Any, functions: str, case: dict[str, Any]) -> int:
    """Of a driver, on the project's top. functions: of a driver in C; empty for PYNQ."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case["driver"] = str(write_driver(made, folder))
        if functions:
            case["library"] = str(compiled_driver(made.files["driver/hwf_net.h"].decode(), functions, folder / "c"))
        memories = {path: content.decode() for path, content in made.files.items() if path.startswith("memory/")}
        files = {CASE: json.dumps(case)} | memories
        return int(run("hwf_top", test.name, {}, write_top(made, folder), files, __file__))


def rows_of_vectors(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        network = net(Path(name))
    made, x = compiled(network), random_vectors(network, count, 1).x
    case = {"x": x.tolist(), "y": reference.run(network, x).tolist()}
    wrong = mismatches(made, vectors_by_pynq, "", case), mismatches(made, vectors_in_c, VECTORS_IN_C, case)
    return [_row(how, f"{count:,} vectors", each) for how, each in zip(("PYNQ", "C"), wrong, strict=True)]


def rows_of_ticks(count: int) -> list[Row]:
    network = random_network(np.random.default_rng(7), CORE, extreme=False)
    made = spiking_project(network, find_board("pynq-z1"), CORE, (), "axi", None)
    stimuli = random_spikes(np.random.default_rng(1), count, CORE.axons)
    model = GoldenModel(CORE)
    model.load(network)
    spikes = model.run(stimuli, learn=True)
    state = {part.name: np.asarray(getattr(model.state(), part.name)).tolist() for part in fields(model.state())}
    case = {"stimuli": stimuli.tolist(), "spikes": spikes.tolist(), "state": state}
    wrong = mismatches(made, ticks_by_pynq, "", case), mismatches(made, ticks_in_c, TICKS_IN_C, case)
    told = f"{count:,} ticks that learn, {np.count_nonzero(spikes):,} spikes"
    return [_row(how, told, each) for how, each in zip(("PYNQ", "C"), wrong, strict=True)]


def _row(how: str, what: str, wrong: int) -> Row:
    return Row(f"driver for {how}: mismatches in {what}", f"{wrong:,}", "0", not wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("vectors", "ticks"))
    parser.add_argument("--count", type=int, default=10_000, help="of either")
    options = parser.parse_args()
    met = True
    for name, rows in (("vectors", rows_of_vectors), ("ticks", rows_of_ticks)):
        if options.only in (None, name):
            for row in rows(options.count):
                met = met and row.met
                print(row, flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
