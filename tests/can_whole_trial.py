"""The program of tests/rtl/can/whole.cpp: the whole guard with a project's net in Verilator, on a simulated bus, and its entries.

Whole volume: `python benchmarks/can_whole.py`.
"""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CanLog
from hwflow.paths import data_folder
from hwflow.quantised.host.guard import Verdicts, parse_entries
from hwflow.quantised.project import QuantisedProject
from hwflow.shell.bit_timing import bit_timing
from hwflow.tool.verilator import Model, build_model

MAIN = Path(__file__).resolve().parent / "rtl" / "can" / "whole.cpp"
TOP = "guard_bench"
NONE = (1 << 32) - 1  # no record
_RECORD = np.dtype([("time", "<u8"), ("identifier", "<u4"), ("extended", "u1"), ("dlc", "u1"), ("node", "u1"), ("spare", "u1"),
                    ("payload", "u1", 8)])  # fmt: skip
_RESULT = np.dtype([("entry", "u1", 32), ("row", "<u4")])
_BENCH = """
module guard_bench (
    input logic clk, input logic rst, input logic can_rx, output logic can_tx,
    input logic request_valid, input logic [31:0] request_address, input logic [7:0] request_length,
    input logic p_valid, output logic p_ready, input logic [7:0] p_data, output logic request_done, output logic [7:0] reply_status,
    output logic payload_end, output logic push, output logic [255:0] entry
);
  logic net_rst, s_valid, s_ready, m_valid, m_ready, r_valid;
  logic [S_BITS-1:0] s_data;
  logic [M_BITS-1:0] m_data;
  logic [7:0] r_data;
  localparam int S_BITS = %(S_BITS)s, M_BITS = %(M_BITS)s;
  hwf_guard #(
      .CLOCK_HZ(%(clock)d), .IDENTIFIERS(%(IDENTIFIERS)s), .SINGLE_PORT(%(SINGLE_PORT)s), .S_BITS(S_BITS), .M_BITS(M_BITS), .STRIKE(1)
  ) guard (.request_operation(8'd3), .r_ready(1'b1), .*);
  hwf_net net (.clk, .rst(net_rst), .s_valid, .s_ready, .s_data, .m_valid, .m_ready, .m_data);
  assign payload_end = guard.payload_end && guard.followed;
  assign push = guard.push;
  assign entry = guard.entry;
endmodule
"""


@dataclass(frozen=True, eq=False)
class Judged:
    """What the guard said on a bus.

    verdicts: its entries; rows: int64 [n], the frame of the log that each is of, -1: none; sent: rows that ended without error for
    their sender, in their order; counts: of the program.
    """

    verdicts: Verdicts
    rows: NDArray[np.int64]
    sent: NDArray[np.int64]
    counts: dict[str, int]


@dataclass(frozen=True)
class Bench:
    """The program with a project's net and guard, at a clock that may be another than its board's."""

    program: Path
    folder: Path
    clock_hz: int

    @staticmethod
    def of(project: QuantisedProject, clock_hz: int) -> "Bench":
        """Build it. clock_hz: at least 8 cycles of a bit."""
        rtl = project.path / "rtl"
        packages, others = {}, {}
        for path in sorted(rtl.glob("*.sv")):
            if path.name != "hwf_top.sv":
                (packages if path.name == "hwf_can.sv" else others)[path.name] = path.read_bytes()
        instance = re.search(r"hwf_guard #\((.*?)\n  \)", (rtl / "hwf_top.sv").read_text(), re.DOTALL)
        assert instance is not None, f"{project.path} is no guard"
        parameters = dict(re.findall(r"\.(\w+)\(([^)]*)\)", instance[1]))
        bench = (_BENCH % (parameters | {"clock": clock_hz})).encode()
        headers = tuple(sorted((data_folder("rtl") / "sim").glob("can_*.h")))
        program = build_model(Model(packages | others | {f"{TOP}.sv": bench}, TOP, MAIN, headers=headers))
        return Bench(program, project.path, clock_hz)

    def play(
        self,
        log: CanLog,
        words: NDArray[np.uint16],
        bit_rate: int,
        *,
        speed: float = 1.0,
        strike: frozenset[int] = frozenset(),
        most: int = 1 << 40,
    ) -> Judged:
        """Play a log, what is labelled an attack by a controller of its own, so much faster. words: the profile's; most: entries."""
        frames = np.zeros(len(log), dtype=_RECORD)
        frames["time"] = np.rint((log.time - log.time[0]) * 1e6 / speed).astype(np.int64)
        frames["node"] = log.label != 0
        for name in ("identifier", "extended", "dlc", "payload"):
            frames[name] = getattr(log, name)
        timing = int.from_bytes(bit_timing(self.clock_hz, bit_rate).bytes, "little")
        numbers = (self.clock_hz, bit_rate, timing, sum(1 << index for index in strike), most)
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, name) for name in ("frames", "table", "results", "sent")]
            paths[0].write_bytes(frames.tobytes())
            paths[1].write_bytes(words.astype("<u2").tobytes())
            command = [self.program, *paths, *map(str, numbers)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
            assert done.returncode == 0, done.stdout + done.stderr
            results = np.fromfile(paths[2], dtype=_RESULT)
            sent = np.fromfile(paths[3], dtype="<u4").astype(np.int64)
        rows = results["row"].astype(np.int64)
        rows[rows == NONE] = -1
        return Judged(parse_entries(results["entry"].tobytes()), rows, sent, json.loads(done.stdout))
