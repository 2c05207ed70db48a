"""FINN's folding files: read and written, and what FINN cannot or must not do is refused with the reason."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.errors import UserError
from hwflow.finn.folding import FinnFolding, check_for_finn, from_finn, is_finn, read_any, to_finn
from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold

TERNARY = IntType(2, True)


def net() -> Network:
    """8 inputs, 6 hidden with thresholds, 4 outputs."""
    first = Dense(np.ones((6, 8), dtype=np.int64), TERNARY)
    levels = Threshold(np.zeros((6, 1), dtype=np.int64), np.zeros(6, dtype=bool), 0, IntType(1, False))
    last = Dense(np.ones((4, 6), dtype=np.int64), TERNARY)
    nodes = (Node("dense0", first, (INPUT,)), Node("t0", levels, ("dense0",)), Node("dense1", last, ("t0",)))
    return Network("net", 8, IntType(2, False), nodes)


FINN: dict[str, Any] = {
    "Defaults": {},
    "StreamingFIFO_rtl_0": {"depth": 32, "impl_style": "rtl"},
    "MVAU_rtl_1": {"PE": 4, "SIMD": 3, "ram_style": "block", "mem_mode": "internal_decoupled"},
    "MVAU_rtl_0": {"PE": 2, "SIMD": 4, "ram_style": "auto"},
    "Thresholding_rtl_0": {"PE": 3},
}


def test_finns_file_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(json.dumps(FINN))
    read = read_any(tmp_path / "f.json", net(), wired=True)
    assert read == FinnFolding(Folding({"dense0": Fold(2, 4), "dense1": Fold(4, 3)}), (3,), ("auto", "block"))
    assert read.to_job(net()) == {
        "MVAU": [{"PE": 2, "SIMD": 4, "ram_style": "auto"}, {"PE": 4, "SIMD": 3, "ram_style": "block"}],
        "Thresholding": [{"PE": 3}],
    }


def test_where_styles_are_mixed_the_order_of_the_file_counts() -> None:
    mixed = {"MVAU_hls_0": {"PE": 3, "SIMD": 8}, "MVAU_rtl_0": {"PE": 1, "SIMD": 1}}
    assert from_finn(mixed, net(), "f").folding.of("dense0") == Fold(3, 8)


def test_our_own_file_is_read_too(tmp_path: Path) -> None:
    folding = Folding({"dense0": Fold(5, 3), "dense1": Fold(1, 6)})
    (tmp_path / "f.json").write_text(folding.to_json())
    assert read_any(tmp_path / "f.json", net()) == FinnFolding(folding)


def test_thresholds_that_do_not_fit_take_the_pe_of_their_matrix() -> None:
    assert from_finn(FINN | {"Thresholding_rtl_0": {"PE": 5}}, net(), "f").threshold_pe == ()
    job = FinnFolding(Folding({"dense0": Fold(2, 4), "dense1": Fold(1, 1)})).to_job(net())
    assert job["Thresholding"] == [{"PE": 2}]


@given(st.sampled_from([1, 2, 3, 6]), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4]))
def test_what_is_written_reads_back(pe: int, simd: int, last: int) -> None:
    folding = Folding({"dense0": Fold(pe, simd), "dense1": Fold(last, 6)})
    document = json.loads(to_finn(folding, net()))
    assert is_finn(document)
    assert from_finn(document, net(), "f").folding == folding


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"MVAU_rtl_2": {"PE": 1, "SIMD": 1}}, "folds 3 MVAUs, but net has 2 matrices"),
        ({"MVAU_rtl_0": {"PE": "x", "SIMD": 4}}, "MVAU_rtl_0 a PE that cannot be: 'x' is no whole number"),
        ({"MVAU_rtl_0": [1, 4]}, r"MVAU_rtl_0 \[1, 4\], and not its PE and SIMD by name"),
        ({"MVAU_rtl_0": {"PE": 1e999, "SIMD": 4}}, "MVAU_rtl_0 a PE that cannot be: inf is no whole number"),
        ({"Thresholding_rtl_0": {"PE": [1]}}, r"Thresholding_rtl_0 a PE that cannot be: \[1\] is no whole number"),
        ({"MVAU_rtl_0": {"PE": 1, "SIMD": 1, "ram_style": ["auto"]}}, "ram_style"),
        ({"MVAU_rtl_0": {"PE": 7, "SIMD": 4}}, "PE is 1 to 6"),
        ({"MVAU_rtl_0": {"PE": 1, "SIMD": 1, "mem_mode": "external"}}, "mem_mode 'external'"),
        ({"MVAU_rtl_0": {"PE": 1, "SIMD": 1, "runtime_writeable_weights": 1}}, "runtime_writeable_weights 1"),
        ({"MVAU_rtl_0": {"PE": 1, "SIMD": 1, "ram_style": "]; exec ls"}}, "ram_style"),
    ],
)
def test_a_file_of_finn_that_cannot_be_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    (tmp_path / "f.json").write_text(json.dumps(FINN | change))
    with pytest.raises(UserError, match=said):
        read_any(tmp_path / "f.json", net(), wired=True)


def test_our_own_rtl_does_not_care_for_finns_memories(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(json.dumps(FINN | {"MVAU_rtl_0": {"PE": 1, "SIMD": 1, "mem_mode": "external"}}))
    assert read_any(tmp_path / "f.json", net()).folding.of("dense0") == Fold(1, 1)


def test_finn_folds_by_divisors_only() -> None:
    with pytest.raises(UserError, match="layer dense0 by PE 4, which does not divide its 6"):
        check_for_finn(Folding({"dense0": Fold(4, 1), "dense1": Fold(1, 1)}), net(), "f")
    with pytest.raises(UserError, match="layer dense1 by SIMD 4, which does not divide its 6"):
        check_for_finn(Folding({"dense0": Fold(1, 1), "dense1": Fold(1, 4)}), net(), "f")


@given(
    st.sampled_from([1, 2, 3, 6]),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 2, 3, 6]),
)
def test_a_whole_row_in_a_cycle_is_refused(pe: int, simd: int, last: int, width: int) -> None:
    folding = Folding({"dense0": Fold(pe, simd), "dense1": Fold(last, width)})
    if simd == 8 or width == 6:
        with pytest.raises(UserError, match="whole width of its matrix"):
            check_for_finn(folding, net(), "f")
    else:
        check_for_finn(folding, net(), "f")
