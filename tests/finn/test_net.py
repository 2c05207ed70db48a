"""FINN's chain as a module of ours: its wiring, and the changes with which its files are read."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hwflow.errors import ToolError, UserError
from hwflow.finn.design import FinnDesign, FinnNode, Stream, Weights
from hwflow.finn.net import EDITS, edits_of, finn_bench, finn_module, readable
from hwflow.ints import IntType
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold


def stream(size: int, lanes: int, kind: str, width: int, port: str = "in0_V") -> Stream:
    return Stream(port, size, lanes, kind, width)


def node(name: str, op: str, source: Stream, sink: Stream, layer: str = "", weights: Weights | None = None) -> FinnNode:
    return FinnNode(
        name, op, "rtl", "", name, layer, 4, 4, 2, 2, 4, 2, source, replace(sink, port="out0_V"), weights,
        (f"rtl/finn/{name}.v", "rtl/finn/fifo.sv"), (), None, 0, 0,
    )  # fmt: skip


WEIGHTS = Weights("MVAU_rtl_0_memstream_wrapper", "in1_V", 4, 8, "INT2", "memory/finn/MVAU_rtl_0/memblock.dat")
X, SUM, Y = stream(4, 2, "UINT2", 8), stream(4, 2, "INT6", 16), stream(4, 2, "UINT2", 8)
NODES = (
    node("StreamingFIFO_rtl_0", "StreamingFIFO", X, X),
    node("MVAU_rtl_0", "MVAU", X, SUM, "dense0", WEIGHTS),
    node("Thresholding_rtl_0", "Thresholding", SUM, Y, "threshold0"),
    node("StreamingDataWidthConverter_rtl_0", "StreamingDataWidthConverter", Y, replace(Y, lanes=1, width=8)),
)
DESIGN = FinnDesign("1.6.1", "xczu7ev", 10.0, (), NODES)


def network() -> Network:
    weight = Dense(np.eye(4, dtype=np.int64), IntType(2, True))
    levels = np.tile(np.array([1, 2, 3]), (4, 1))
    threshold = Threshold(levels, np.array([False, True, False, True]), 0, IntType(2, False))
    nodes = (Node("dense0", weight, (INPUT,)), Node("threshold0", threshold, ("dense0",)))
    return Network("net", 4, IntType(2, False), nodes)


def test_every_stream_is_wired_to_the_next_node() -> None:
    text = finn_module(DESIGN)
    assert ".in0_V_TDATA(input_stream_data)" in text
    for before, after in pairwise(NODES):
        own = text[text.index(f"  {after.module} {after.name}_node") :]
        for wire in ("data", "valid", "ready"):
            assert f".in0_V_T{wire.upper()}({before.name}_{wire})" in own
            assert f".out0_V_T{wire.upper()}({after.name}_{wire})" in own
    assert ".in1_V_TDATA(MVAU_rtl_0_weights_data)" in text and ".m_axis_0_tdata(MVAU_rtl_0_weights_data)" in text
    assert "input  logic [3:0] s_data" in text and "output logic [1:0] m_data" in text


def test_a_node_without_rtl_is_named_with_its_reason() -> None:
    hls = replace(NODES[1], style="hls", reason="its weights are of one bit")
    with pytest.raises(UserError, match=r"MVAU_rtl_0 \(dense0\) in HLS only, since its weights are of one bit"):
        finn_module(replace(DESIGN, nodes=(NODES[0], hls)))


def test_widths_that_do_not_meet_and_unknown_nodes_are_refused() -> None:
    with pytest.raises(ToolError, match="MVAU_rtl_0 takes 8 bits from 16"):
        finn_module(replace(DESIGN, nodes=(replace(NODES[0], output=SUM), NODES[1])))
    with pytest.raises(UserError, match="X is a Pool, which hwflow does not wire"):
        finn_module(replace(DESIGN, nodes=(node("X", "Pool", X, X),)))


def test_boundaries_are_the_layers_with_turned_rows_turned_back() -> None:
    net = finn_bench(DESIGN, network())
    assert [(tap.node, tap.negated) for tap in net.taps] == [("dense0", (1, 3)), ("threshold0", ())]
    assert (net.bits_in, net.bits_out, net.size_out) == (4, 2, 4)


def test_edits_change_what_they_say_and_nothing_else() -> None:
    files = {
        "rtl/finn/fifo.sv": b"a\n`default_nettype none\n\ttypedef struct {\n\t\tint  lo;\n\t} abits_t;\nb\n",
        "rtl/finn/other.v": b"module other; endmodule\n",
    }
    done = readable(files)
    assert done["rtl/finn/fifo.sv"] == b"a\n\n\ttypedef struct packed {\n\t\tint  lo;\n\t} abits_t;\nb\n"
    assert done["rtl/finn/other.v"] == files["rtl/finn/other.v"]
    assert edits_of(DESIGN) == (f"fifo.sv: {next(e.reason for e in EDITS if e.file == 'fifo.sv')}",)


@pytest.mark.parametrize("name", [edit.file for edit in EDITS])
def test_a_file_of_another_version_is_refused(name: str) -> None:
    with pytest.raises(ToolError, match=f"FINN's {name} is not the file"):
        readable({f"rtl/finn/{name}": b"module m; endmodule\n"})
