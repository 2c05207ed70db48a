"""Foldings: files, legality, and the next faster fold."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold, Folding, checked, cycles, faster, read_folding, smallest
from hwflow.quantised.network import INPUT, Dense, Network, Node


def dense(rows: int, columns: int) -> Dense:
    return Dense(np.ones((rows, columns), dtype=np.int64), IntType(2, True))


def net() -> Network:
    nodes = (Node("dense0", dense(6, 4), (INPUT,)), Node("dense1", dense(3, 6), ("dense0",)))
    return Network("net", 4, IntType(1, False), nodes)


def test_a_folding_file_reads_back(tmp_path: Path) -> None:
    folding = Folding({"dense0": Fold(2, 4), "dense1": Fold(3, 5)})
    (tmp_path / "f.json").write_text(folding.to_json())
    assert read_folding(tmp_path / "f.json", net()) == folding


def test_where_weights_lie_reads_back(tmp_path: Path) -> None:
    folding = Folding({"dense0": Fold(2, 4, loaded=True, large=True), "dense1": Fold(3, 5, loaded=True)})
    (tmp_path / "f.json").write_text(folding.to_json())
    assert read_folding(tmp_path / "f.json", net()) == folding


def test_a_layer_without_registers_reads_back_in_front_of_one_with(tmp_path: Path) -> None:
    folding = Folding({"dense0": Fold(6, 4, 0), "dense1": Fold(3, 6, 99)})
    (tmp_path / "f.json").write_text(folding.to_json())
    assert read_folding(tmp_path / "f.json", net()) == folding


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"dense0": {"PE": 1, "SIMD": 1, "RAM": "vast"}, "dense1": {"PE": 1, "SIMD": 1}}', "is not a folding file"),
        ('{"dense0": {"PE": 1, "SIMD": 1, "weights": "loaded"}, "dense1": {"PE": 1, "SIMD": 1}}', "load all or none"),
        ("{", "is not a folding file"),
        ('["dense0"]', "is not a folding file"),
        ('{"dense0": {"PE": 1}}', "is not a folding file"),
        ('{"dense0": {"PE": Infinity, "SIMD": 1}, "dense1": {"PE": 1, "SIMD": 1}}', "is not a folding file"),
        ('{"dense0": {"PE": 1.5, "SIMD": 1}, "dense1": {"PE": 1, "SIMD": 1}}', "is not a folding file"),
        ('{"dense0": {"PE": true, "SIMD": 1}, "dense1": {"PE": 1, "SIMD": 1}}', "is not a folding file"),
        ("[" * 100_000, "is not a folding file"),
        ('{"dense0": {"PE": 1, "SIMD": 1}}', "does not fold layer dense1"),
        ('{"dense0": {"PE": 1, "SIMD": 1}, "x": {"PE": 1, "SIMD": 1}}', "which is no layer"),
        (
            '{"dense0": {"PE": 6, "SIMD": 4, "hardwired": 0}, "dense1": {"PE": 1, "SIMD": 1}}',
            "layer dense0 hardwired without registers",
        ),
        (
            '{"dense0": {"PE": 1, "SIMD": 1}, "dense1": {"PE": 3, "SIMD": 6, "hardwired": 0}}',
            "layer dense1 hardwired without registers",
        ),
        ('{"dense0": {"PE": 7, "SIMD": 1}, "dense1": {"PE": 1, "SIMD": 1}}', "PE is 1 to 6 and SIMD 1 to 4"),
        ('{"dense0": {"PE": 1, "SIMD": 0}, "dense1": {"PE": 1, "SIMD": 1}}', "PE is 1 to 6 and SIMD 1 to 4"),
    ],
)
def test_a_wrong_folding_file_is_refused_with_the_reason(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "f.json").write_text(content)
    with pytest.raises(UserError, match=said):
        read_folding(tmp_path / "f.json", net())


def test_a_missing_folding_file_is_the_users_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folding file"):
        read_folding(tmp_path / "none.json", net())


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_a_faster_fold_is_legal_and_faster(rows: int, columns: int, data: st.DataObject) -> None:
    layer = dense(rows, columns)
    fold = Fold(data.draw(st.integers(1, rows)), data.draw(st.integers(1, columns)))
    for option in faster(layer, fold):
        assert rows % option.pe == 0 or option.pe == fold.pe
        assert columns % option.simd == 0 or option.simd == fold.simd
        assert cycles(layer, option) <= cycles(layer, fold)
        assert (option.pe, option.simd) > (fold.pe, fold.simd)


def test_the_smallest_folding_is_legal() -> None:
    assert checked(smallest(net()), net(), "here").of("dense1") == Fold(1, 1)


def test_the_file_names_pe_and_simd() -> None:
    assert json.loads(smallest(net()).to_json())["dense0"] == {"PE": 1, "SIMD": 1}
