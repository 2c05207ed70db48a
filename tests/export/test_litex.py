"""An export for LiteX in a design that a user of LiteX might write, built by LiteX itself."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from export.running import passes, run
from needs import needs_pyosys

from hwflow.handles import CompiledProject

# A design of somebody else's, for an ECP5: a FIFO of LiteX and the net behind it, in a clock domain of their own, with the
# ports of the core.
DESIGN = """\
import json
import sys

sys.path.insert(0, sys.argv[1])
from hwf_net import HwfNet
from litex.build.generic_platform import Pins
from litex.build.lattice import LatticePlatform
from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import ClockDomain, ClockDomainsRenamer

BITS = {"clk": 1, "rst": 1, "s_valid": 1, "s_ready": 1, "s_data": 12, "m_valid": 1, "m_ready": 1, "m_data": 10}
PINS = [(name, 0, Pins(" ".join(f"{name}{bit}" for bit in range(bits)))) for name, bits in BITS.items()]


class Design(LiteXModule):
    def __init__(self, platform):
        pin = {name: platform.request(name) for name in BITS}
        self.cd_samples = ClockDomain()
        here = ClockDomainsRenamer("samples")
        self.fifo = here(stream.SyncFIFO([("data", 12)], 4))
        self.net = here(HwfNet(platform))
        self.comb += [
            self.cd_samples.clk.eq(pin["clk"]),
            self.cd_samples.rst.eq(pin["rst"]),
            self.fifo.sink.valid.eq(pin["s_valid"]),
            self.fifo.sink.data.eq(pin["s_data"]),
            pin["s_ready"].eq(self.fifo.sink.ready),
            self.fifo.source.connect(self.net.sink),
            pin["m_valid"].eq(self.net.source.valid),
            pin["m_data"].eq(self.net.source.data),
            self.net.source.ready.eq(pin["m_ready"]),
        ]


platform = LatticePlatform("LFE5U-25F-6BG381C", PINS, toolchain="trellis")
platform.build(Design(platform), build_dir="build/gateware", build_name="top", run=False)
print(json.dumps([source[0] for source in platform.sources]))
"""


@pytest.fixture
def elaborated(project: CompiledProject, tmp_path: Path) -> tuple[Path, Path, list[str]]:
    """The export, the folder of the design, which is elaborated, and the sources that LiteX gives a toolchain."""
    pytest.importorskip("migen", reason="Migen is not installed")
    pytest.importorskip("litex", reason="LiteX is not installed")
    out, mine = tmp_path / "elsewhere", tmp_path / "mine"
    assert project.export(out, "litex").vectors == 1000
    (tmp_path / "project").rename(tmp_path / "gone")
    mine.mkdir()
    (mine / "design.py").write_text(DESIGN)
    command = [sys.executable, "-I", "design.py", "../elsewhere"]
    done = subprocess.run(command, cwd=mine, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out, mine, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_design_of_litex_passes_the_testbench_of_the_core_and_sees_a_fault(
    elaborated: tuple[Path, Path, list[str]],
) -> None:
    """The testbench drives the design, with gaps and a reset, in a folder in which there is no `memory/`."""
    out, mine, sources = elaborated
    assert str(mine / "build/gateware/top.v") in sources
    bench = (out / "tb/hwf_net_tb.sv").read_text()
    assert bench.count("hwf_net dut (") == 1
    (mine / "tb.sv").write_text(bench.replace("hwf_net dut (", "top dut ("))
    shutil.copytree(out / "vectors", mine / "vectors")
    (mine / "hwf_net_tb.f").write_text("".join(f"{path}\n" for path in [*sources, "tb.sv"]))
    runs = passes(out, mine)

    image = out / "memory/hwf_net_dense1_weights.hex"
    image.write_text("".join(f"{'0' * len(line)}\n" for line in image.read_text().splitlines()))
    failed = run(runs, mine)
    assert failed.returncode != 0 and "FAIL: 1000 vectors" in failed.stdout + failed.stderr


@pytest.mark.slow
def test_synthesis_as_litex_sets_it_up_finds_the_memory_images(elaborated: tuple[Path, Path, list[str]]) -> None:
    needs_pyosys("Yosys is not installed")
    out, mine, _ = elaborated
    script = (mine / "build/gateware/top.ys").read_text()
    reads, _, _ = script.partition("synth_ecp5")
    (mine / "build/gateware/read.ys").write_text(f"{reads}\nhierarchy -check -top top\nproc\n")
    program = "import sys; from pyosys import libyosys; libyosys.run_pass('script read.ys')"
    for there in (True, False):
        if not there:
            (out / "memory").rename(out / "lost")
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=mine / "build/gateware", capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == there, said
        assert ("Can not open file `" in said and "/memory/hwf_net_" in said) != there
