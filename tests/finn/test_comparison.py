"""FINN and hwflow side by side: the bars of cycles and of size, and what a record says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from finn.nets import deep_net, demo_net

from hwflow.errors import UserError
from hwflow.finn.compare import compare
from hwflow.finn.comparison import COMPARISON, Comparison, Cycles, Side
from hwflow.progress import silent
from hwflow.quantised.flow.request import Request
from hwflow.quantised.model import QuantisedModel
from hwflow.records import to_json
from hwflow.resources import Estimate
from hwflow.tool.yosys import Counts

SIDE = Side(8, Cycles(20, 23, 8.0), 5000, 0, Counts(40, 30, 1, 2), Estimate(None, None, 1, 2), 64)


def test_a_multiplier_counts_as_100_luts() -> None:
    assert SIDE.equivalent_luts == 240
    assert replace(SIDE, cells=None).equivalent_luts is None


def test_a_record_reads_back_and_a_wrong_output_is_wrong(tmp_path: Path) -> None:
    record = Comparison(
        "m.onnx", "m", "0", "zcu104", "xczu7ev", 1000, (), SIDE, SIDE, "synth", ("fifo.sv: why",), "tool"
    )
    (tmp_path / COMPARISON).write_text(to_json(record))
    assert Comparison.from_folder(tmp_path) == record and record.right
    assert not replace(record, finn=replace(SIDE, mismatches=1)).right
    with pytest.raises(UserError, match="hwflow compare"):
        Comparison.from_folder(tmp_path / "none")


def checked(record: Comparison, values: int) -> None:
    """The bars: no output differs, and ours takes neither more cycles nor more of the part."""
    finn, own = record.finn, record.own
    assert (finn.values, finn.mismatches) == (own.values, own.mismatches) == (values, 0)
    assert finn.missing == () and finn.cycles and own.cycles
    assert own.cycles.latency <= finn.cycles.latency and own.cycles.fill <= finn.cycles.fill
    assert own.cycles.initiation_interval <= finn.cycles.initiation_interval
    assert own.equivalent_luts and finn.equivalent_luts and own.equivalent_luts <= finn.equivalent_luts
    assert finn.cells and finn.cells.dsps > 0 and own.cells and own.cells.dsps == 0
    assert all(layer.finn_cycles == layer.own_cycles for layer in record.layers)


@pytest.mark.finn
@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", ["demo", "deep", "TFC_2W2A"])
@pytest.mark.parametrize("board", ["zcu104", "pynq-z2"])
def test_bars_at_the_same_folding(name: str, board: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """At 40,000 vectors a second and more: folded, so that the suite stays short."""
    if board == "pynq-z2" and name != "demo":
        pytest.skip("one net is enough for the other family")
    if name == "TFC_2W2A":
        model: Path = request.getfixturevalue("shared") / "data" / "qonnx_zoo" / "TFC_2W2A.onnx"
    else:
        model = {"demo": demo_net, "deep": deep_net}[name](tmp_path / f"{name}.onnx")
    read = QuantisedModel.read(model)
    record = compare(read, board, tmp_path / "c", Request(target_fps=40_000), silent)
    checked(record, 1000 * read.network.output_size)
    assert record.own.cycles and record.own.cycles.initiation_interval == record.own.estimated_cycles
    document = json.loads((tmp_path / "c" / COMPARISON).read_text())
    assert document["finn"]["cells"]["luts"] > 0 and len(document["layers"]) == len(record.layers)
