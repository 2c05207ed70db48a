"""What stands around a net behind AXI: beats in volume, and what it takes of a part. Its drivers: axi_drivers.py.

    python benchmarks/axi.py --only beats      packets through the ports in Verilator, while both ends stand still at random and registers
                                               are accessed at random, illegal accesses among them: vectors, and then requests
    python benchmarks/axi.py --only luts       look-up tables of the whole top less those of its net, by Yosys for 7 series: an estimate;
                                               and of hwf_axi_shell, which is round applications that take requests

The beats' net gives each vector back (tests/rtl/axi/hwf_axi_bench.sv), and the requests' application is a memory
(tests/rtl/axi/hwf_requests_bench.sv), which stands still at random too; the net of the look-up tables is as large as that of
`hwflow demo can-ids` (128-32-32-5, two bits, not trained).
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/rtl")]

import cocotb  # noqa: E402
from cocotb.triggers import Timer  # noqa: E402
from finn.nets import demo_net  # noqa: E402
from harness import simulate  # noqa: E402
from helpers.axi import DECERR, ENABLE, END, OKAY, SLVERR, Device, Watch  # noqa: E402
from helpers.axi_requests import BENCH, Bench, packet_of, random_request  # noqa: E402
from helpers.streams import STALLS  # noqa: E402
from run import Row  # noqa: E402

from hwflow.board import find_board  # noqa: E402
from hwflow.project import Project  # noqa: E402
from hwflow.quantised.backend.dataflow import Options, compile_network  # noqa: E402
from hwflow.quantised.model import QuantisedModel  # noqa: E402
from hwflow.quantised.network import Network  # noqa: E402
from hwflow.shell.library import rtl_library  # noqa: E402
from hwflow.tool.cells import Module, synthesised  # noqa: E402

CASE, DONE = "case.json", "done.json"
SHAPE = {"S_BITS": 6, "M_BITS": 10, "COUNT": 50, "S_AXIS_BITS": 32, "M_AXIS_BITS": 32}
MOST_LUTS = 400
BYTES, BITS = 8, 50  # of a vector, on either stream


@cocotb.test()
async def passes_beats(dut: Any) -> None:
    wanted, rng = json.loads(Path(CASE).read_text()), random.Random(cocotb.RANDOM_SEED)
    device = await Device.start(dut)
    into, out = Watch(dut, "s_axis"), Watch(dut, "m_axis", ("tdata", "tlast", "tuser"))
    device.stall_control(0.3, rng.getrandbits(32))
    accesses = [0, 0]
    access = cocotb.start_soon(accesses_at_random(device, rng, accesses))
    number = vectors = 0
    while into.beats + out.beats < wanted:
        device.stall(*rng.choice(STALLS), number)
        packets = [[rng.randbytes(BYTES) for _ in range(rng.choice((1, 2, 3, 50)))] for _ in range(20)]
        for packet in packets:
            await device.send(b"".join(packet))
        for packet in packets:
            masked = (int.from_bytes(vector, "little") & (1 << BITS) - 1 for vector in packet)
            assert (await device.take()).data == b"".join(vector.to_bytes(BYTES, "little") for vector in masked)
        number, vectors = number + 2, vectors + sum(map(len, packets))
    access.cancel()
    assert out.beats == into.beats == 2 * vectors
    Path(DONE).write_text(json.dumps({"beats": into.beats + out.beats, "accesses": accesses}))


@cocotb.test()
async def passes_requests(dut: Any) -> None:
    """Every reply is the memory's; none is carried out twice, and none that is refused."""
    wanted = json.loads(Path(CASE).read_text())
    bench = await Bench.start(dut, watch=False)
    into, out = Watch(dut, "s_axis"), Watch(dut, "m_axis", ("tdata", "tlast", "tuser"))
    accesses = [0, 0]
    access = cocotb.start_soon(accesses_at_random(bench.device, random.Random(bench.rng.random()), accesses, rest=100))
    requests = 0
    while into.beats + out.beats < wanted:
        bench.stall()
        packets = [[random_request(bench.rng) for _ in range(bench.rng.choice((1, 2, 3, 50)))] for _ in range(20)]
        for packet in packets:
            await bench.send(packet)
        for packet in packets:
            assert await bench.take() == packet_of([bench.memory.reply(request) for request in packet])
        requests += sum(map(len, packets))
    access.cancel()
    assert int(dut.carried.value) == bench.memory.carried
    done = {"beats": into.beats + out.beats, "accesses": accesses, "requests": requests}
    Path(DONE).write_text(json.dumps(done))


async def accesses_at_random(device: Device, rng: random.Random, counts: list[int], rest: int = 0) -> None:
    """Each is answered as it should be. counts: of all, and of the illegal ones; rest: the most cycles between two."""
    while True:
        address = rng.randrange(0, 0x100, 4) if rng.random() < 0.8 else rng.randrange(0, 0x1000, 4)
        if rng.random() < 0.5:
            answer = int((await device.control.read(address, 4)).resp)
            wanted = OKAY if address < END else DECERR
        else:
            address = rng.choice((address, ENABLE))
            if address in range(0x40, 0x4C, 4):
                address = ENABLE  # the others would reset the net, or clear events
            answer = await device.write(address, rng.getrandbits(32))
            wanted = DECERR if address >= END else OKAY if address == ENABLE else SLVERR
        assert answer == wanted, f"{address:#x}: {answer}"
        counts[0] += 1
        counts[1] += wanted != OKAY
        if rest:
            await Timer(10 * rng.randint(1, rest), "ns")


def run(
    top: str, test: str, parameters: dict[str, int], extra: list[Path], files: dict[str, str], source: str = __file__
) -> Any:
    """What the coroutine left. Raises RuntimeError if it failed."""
    outcome = simulate(source, top, parameters, tests=[test], extra=extra, files=files)
    if outcome.failed or not outcome.tests:
        raise RuntimeError(outcome.log[-4000:])
    newest = max(ROOT.glob(f"build/rtl/{top}-*/run-*/{DONE}"), key=lambda path: path.stat().st_mtime)
    return json.loads(newest.read_text())


def beats(wanted: int) -> Row:
    bench = ROOT / "tests/rtl/axi/hwf_axi_bench.sv"
    done = passed("hwf_axi_bench", passes_beats.name, SHAPE, bench, wanted)
    name = "AXI: beats in and out, none lost, doubled or out of order"
    return Row(name, f"{done['beats']:,}", f"{wanted:,}", done["beats"] >= wanted)


def request_beats(wanted: int) -> Row:
    done = passed("hwf_requests_bench", passes_requests.name, {}, BENCH, wanted)
    name = f"AXI: beats of {done['requests']:,} requests and replies, each as the memory's"
    return Row(name, f"{done['beats']:,}", f"{wanted:,}", done["beats"] >= wanted)


def passed(top: str, test: str, parameters: dict[str, int], bench: Path, wanted: int) -> dict[str, Any]:
    begun = time.perf_counter()
    done = run(top, test, parameters, [bench], {CASE: json.dumps(wanted)})
    every, illegal = done["accesses"]
    took = time.perf_counter() - begun
    print(
        f"      {every:,} accesses of registers meanwhile, {illegal:,} of them illegal, each answered as it should be; {took:.0f} s"
    )
    return done


def net(folder: Path) -> Network:
    return QuantisedModel.read(demo_net(folder / "net.onnx"), argmax=True).network


def compiled(network: Network) -> Project:
    return compile_network(network, find_board("pynq-z1"), Options(shell="axi"))


def luts() -> Row:
    with tempfile.TemporaryDirectory() as name:
        files = dict(compiled(net(Path(name))).files)
    rtl = {path: content for path, content in files.items() if path.startswith(("rtl/", "memory/"))}
    alone = {path: content for path, content in rtl.items() if path not in rtl_library("axi") and "hwf_top" not in path}
    whole, core = synthesised([Module(rtl, "hwf_top"), Module(alone, "hwf_net")], "xilinx")
    more = whole.luts - core.luts
    print(f"      net: {core.luts:,} LUTs, {core.ffs:,} flip-flops; whole: {whole.luts:,} and {whole.ffs:,}")
    return Row(
        "AXI around the net of can-ids: LUTs (Yosys, an estimate)",
        f"{more:,}",
        f"at most {MOST_LUTS}",
        more <= MOST_LUTS,
    )


def shell_luts() -> Row:
    (shell,) = synthesised([Module(rtl_library("axi", "stream"), "hwf_axi_shell")], "xilinx")
    print(f"      {shell.ffs:,} flip-flops, {shell.brams:,} block RAM")
    name = "AXI shell of requests, alone: LUTs (Yosys, an estimate)"
    return Row(name, f"{shell.luts:,}", f"at most {MOST_LUTS}", shell.luts <= MOST_LUTS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("beats", "luts"))
    parser.add_argument("--beats", type=int, default=1_000_000)
    options = parser.parse_args()
    met = True
    for name, work in (
        ("luts", luts),
        ("luts", shell_luts),
        ("beats", lambda: beats(options.beats)),
        ("beats", lambda: request_beats(options.beats)),
    ):
        if options.only in (None, name):
            row = work()
            met = met and row.met
            print(row, flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
