"""FINN and hwflow side by side: the bars of cycles and of size, and what a record says.

Those nets are synthesised for a minute each; what a small one needs is in tests/cli/test_compare.py.
"""

import json
from dataclasses import replace
from math import gcd
from pathlib import Path

import pytest
from finn.nets import deep_net, demo_net

from hwflow.errors import UserError
from hwflow.finn.compare import compare
from hwflow.finn.comparison import COMPARISON, Comparison, Cycles, Side, Tried
from hwflow.progress import silent
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.flow.request import Request
from hwflow.quantised.model import QuantisedModel
from hwflow.records import to_json
from hwflow.resources import Estimate
from hwflow.tool.yosys import Counts

SIDE = Side(8, Cycles(20, 23, 8.0), 5000, 0, Counts(40, 30, 1, 2), Estimate(None, None, 1, 2), 64)
TRIED = tuple(
    Tried(rule, {"dense0": Fold(pe, 2)}, 8, Counts(40, 30, 1, 2), pe == 4) for rule, pe in (("own", 1), ("packed", 4))
)
ROOM = Counts(400, 300, 10, 4)


def test_a_record_reads_back_and_a_wrong_output_is_wrong(tmp_path: Path) -> None:
    record = Comparison(
        "m.onnx", "m", "0", "zcu104", "xczu7ev", 1000, (), TRIED, ROOM, SIDE, SIDE, "synth", ("fifo.sv: why",), "tool"
    )
    (tmp_path / COMPARISON).write_text(to_json(record))
    assert Comparison.from_folder(tmp_path) == record and record.right
    assert not replace(record, finn=replace(SIDE, mismatches=1)).right
    with pytest.raises(UserError, match="hwflow compare"):
        Comparison.from_folder(tmp_path / "none")


def test_counts_stand_apart_each_with_its_share_of_the_part() -> None:
    record = Comparison("m.onnx", "m", "0", "zcu104", "xczu7ev", 1000, (), TRIED, ROOM, SIDE, SIDE, "synth", (), "tool")
    text = "\n".join(str(part) for part in record.words())
    for count in ("40 (10.00%)", "30 (10.00%)", "1 (10.00%)", "2 (50.00%)"):
        assert text.count(count) == 2  # either side
    assert "4×2" in text and "1×2" in text and "100 for" not in text
    assert "foldings of FINN" not in str(replace(record, tried=TRIED[:1]).words())


def checked(record: Comparison, values: int) -> None:
    """The bars: no output differs, and ours takes neither more cycles nor more of the part."""
    finn, own = record.finn, record.own
    assert (finn.values, finn.mismatches) == (own.values, own.mismatches) == (values, 0)
    assert finn.missing == () and finn.cycles and own.cycles
    assert own.cycles.latency <= finn.cycles.latency and own.cycles.fill <= finn.cycles.fill
    assert own.cycles.initiation_interval <= finn.cycles.initiation_interval
    assert finn.cells and finn.cells.dsps > 0 and own.cells and own.cells.dsps == 0
    assert all(layer.finn_cycles == layer.own_cycles for layer in record.layers)


@pytest.mark.finn
@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_less_than_finn_takes_at_the_folding_that_suits_it(tmp_path: Path) -> None:
    """At the folding of fewest multipliers that FINN packs, 64 cycles: of flip-flops and multipliers less than half, of LUTs
    less than 0.6 of FINN's (0.55 was counted)."""
    read = QuantisedModel.read(demo_net(tmp_path / "demo.onnx"))
    record = compare(read, "zcu104", tmp_path / "c", Request(), silent)
    checked(record, 1000 * read.network.output_size)
    (used,) = (tried for tried in record.tried if tried.used)
    finn, own = record.finn.cells, record.own.cells
    assert finn and own and used.cells == finn and used.folds["dense0"].pe > 1
    assert all(tried.cells and finn.dsps <= tried.cells.dsps and tried.cycles <= 64 for tried in record.tried)
    assert finn.dsps < 20 and own.dsps == 0
    assert own.luts <= 0.6 * finn.luts and own.ffs <= 0.5 * finn.ffs


@pytest.mark.finn
@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("name", "board"), [("demo", "pynq-z2"), ("deep", "zcu104"), ("TFC_2W2A", "zcu104")])
def test_bars_at_the_same_folding(name: str, board: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """At a folding that is given, so that it is the only one tried: up to 32 rows at a time, one column."""
    if name == "TFC_2W2A":
        model: Path = request.getfixturevalue("shared") / "data" / "qonnx_zoo" / "TFC_2W2A.onnx"
    else:
        model = {"demo": demo_net, "deep": deep_net}[name](tmp_path / f"{name}.onnx")
    read = QuantisedModel.read(model)
    folds = {name: Fold(gcd(layer.size, 32), 1) for name, layer in dense_layers(read.network).items()}
    (tmp_path / "folding.json").write_text(Folding(folds).to_json())
    record = compare(read, board, tmp_path / "c", Request(tmp_path / "folding.json"), silent)
    checked(record, 1000 * read.network.output_size)
    assert [tried.folds for tried in record.tried] == [folds] and record.tried[0].used
    assert record.own.cycles and record.own.cycles.initiation_interval == record.own.estimated_cycles
    document = json.loads((tmp_path / "c" / COMPARISON).read_text())
    assert document["finn"]["cells"]["luts"] > 0 and len(document["layers"]) == len(record.layers)
