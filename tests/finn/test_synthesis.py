"""Yosys on a net alone: hwflow's own, and one of FINN's making, whose primitives are counted."""

from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_folding, random_network

from hwflow.errors import ToolError
from hwflow.finn.design import FINN, TOP, FinnDesign, FinnNode, Stream
from hwflow.finn.net import finn_files
from hwflow.finn.synthesis import synthesise_net
from hwflow.project import Project, ProjectFolder
from hwflow.quantised.backend.dataflow import FOLDING, MODULE, build_accelerator
from hwflow.quantised.tool.simulate import net_files
from hwflow.records import to_json
from hwflow.tool.yosys import Counts

pytestmark = pytest.mark.slow

# Written for this test: the ports of one of FINN's FIFOs round a multiplier, a pair of tables and what only slang reads.
NODE = """
module Fake (
    input ap_clk, ap_rst_n, output [31:0] count, maxcount,
    output in0_V_TREADY, input in0_V_TVALID, input [7:0] in0_V_TDATA,
    input out0_V_TREADY, output out0_V_TVALID, output [7:0] out0_V_TDATA
);
  typedef int unsigned pair_t[2];
  function pair_t both();
    automatic pair_t made;
    made[0] = 3; made[1] = 4;
    return made;
  endfunction
  localparam pair_t WIDTHS = both();
  wire [47:0] p;
  DSP48E2 #(.AREG(0), .USE_MULT("MULTIPLY")) dsp (.CLK(ap_clk), .A(30'(in0_V_TDATA)), .B(18'd3), .P(p));
  LUT6_2 #(.INIT(64'h8)) lut (.O6(out0_V_TDATA[7]), .O5(out0_V_TDATA[6]), .I0(p[0]), .I1(p[1]), .I2(p[2]), .I3(p[3]),
      .I4(p[4]), .I5(1'b1));
  assign out0_V_TDATA[5:0] = p[WIDTHS[0]+:6];
  assign {in0_V_TREADY, out0_V_TVALID} = {out0_V_TREADY, in0_V_TVALID};
  assign {count, maxcount} = '0;
endmodule
"""


def project_of(folder: Path, text: str) -> ProjectFolder:
    stream = Stream("in0_V", 8, 1, "UINT8", 8)
    node = FinnNode("Fake", "StreamingFIFO", "rtl", "", "Fake", "", 0, 0, 0, 0, 0, 2, stream,
                    Stream("out0_V", 8, 1, "UINT8", 8), None, ("rtl/finn/Fake.sv",), (), None, 0, 0)  # fmt: skip
    design = FinnDesign("1.6.1", "xczu7ev", 10.0, (), (node,))
    Project({"rtl/finn/Fake.sv": text.encode(), FINN: to_json(design).encode()}, TOP, "zcu104").save(folder)
    return ProjectFolder.read(folder)


def synthesise_finn(folder: ProjectFolder) -> Counts:
    return synthesise_net(folder, finn_files(folder.project, FinnDesign.of(folder)), TOP)


def test_primitives_of_finn_are_counted_and_not_opened(tmp_path: Path) -> None:
    counts = synthesise_finn(project_of(tmp_path, NODE))
    assert (counts.luts, counts.dsps, counts.brams, counts.ffs) == (1, 1, 0, 0)


def test_what_yosys_cannot_read_is_said_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="unknown_thing"):
        synthesise_finn(project_of(tmp_path, NODE.replace("endmodule", "  unknown_thing x ();\nendmodule")))
    assert (tmp_path / "synthesis.log").is_file()


def test_own_net_is_synthesised_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    network = random_network(rng, bits=2)
    made = build_accelerator(network, random_folding(rng, network))
    files = dict(made.files) | network.to_files() | {FOLDING: made.folding.to_json().encode()}
    Project(files, MODULE, "zcu104").save(tmp_path)
    said: list[str] = []
    folder = ProjectFolder.read(tmp_path)
    own, tell = net_files(folder.files), lambda what, share=None: said.append(what)
    counts = synthesise_net(folder, own, MODULE, tell)
    assert counts.luts > 20 and counts.ffs > 20 and counts.dsps == 0
    assert synthesise_net(folder, own, MODULE, tell) == counts
    assert said == ["synthesising the net of hwflow"]
