"""Modules synthesised alone: counted once, kept by content, and made again where what was kept is not whole."""

from pathlib import Path

import pytest
from needs import needs_pyosys

from hwflow.resources import Resources
from hwflow.tool import cells
from hwflow.tool.cells import Module, synthesised
from hwflow.tool.yosys import Counts

needs_pyosys("synthesis needs pyosys")


def counter(bits: int, top: str = "counter") -> Module:
    text = f"module {top} (input logic clk, output logic [{bits - 1}:0] y); always_ff @(posedge clk) y <= y + 1'b1; endmodule"
    return Module({f"rtl/{top}.sv": text.encode()}, top)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HWFLOW_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.slow
def test_equal_modules_are_synthesised_once_and_what_is_kept_is_believed_only_whole(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    first = synthesised([counter(8), counter(4), counter(8)], "ice40", told.append)
    assert first[0] == first[2] and [cost.ffs for cost in first] == [8, 4, 8] and first[0].luts >= 8
    assert told[-1].endswith("2 of 2")
    kept = sorted(cache.glob("*/cost.json"))
    assert len(kept) == 2
    for damage in (b"", b"{}", kept[0].read_bytes().replace(b'"luts": ', b'"luts": 1')):
        kept[0].write_bytes(damage)
        assert synthesised([counter(8), counter(4)], "ice40") == first[:2]
    # Another version of the tool has entries of its own.
    monkeypatch.setattr(cells, "tools", lambda *names: "pyosys 0.0")
    assert synthesised([counter(8)], "ice40") == first[:1]
    assert len(list(cache.glob("*/cost.json"))) == 3


@pytest.mark.slow
def test_what_is_kept_needs_no_tool_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    first = synthesised([counter(5)], "ecp5")

    def never(*_: object, **__: object) -> Counts:
        raise AssertionError("synthesised again")

    monkeypatch.setattr(cells, "run_tool", never)
    assert synthesised([counter(5)], "ecp5") == first == (Resources(first[0].luts, 5, 0),)
