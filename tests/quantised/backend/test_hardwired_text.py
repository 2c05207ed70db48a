"""The text of a hardwired layer: whatever is read in it is declared, also where only simulation reads it."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwflow.ints import IntType
from hwflow.quantised.backend.hardwired import hardwired
from hwflow.quantised.backend.hardwired_text import hardwired_module
from hwflow.quantised.layers import Dense, Threshold


def text_of(weight: np.ndarray, levels: np.ndarray, apart: int = 2) -> str:
    """apart: levels of arithmetic between registers."""
    rows, columns = weight.shape
    x = IntType(3, False)
    dense = Dense(weight, IntType(3, True))
    threshold = Threshold(levels, np.zeros(rows, dtype=np.bool_), 0, IntType(2, False))
    low, high = np.zeros(columns, dtype=np.int64), np.full(columns, 7, dtype=np.int64)
    return hardwired_module("layer", hardwired(dense, threshold, x, low, high, 2, apart), x, IntType(9, True))


def undeclared(text: str) -> set[str]:
    declared = set(re.findall(r"logic (?:\[\d+:0\] )?(\w+);", text))
    return set(re.findall(r"\b(?:v|y|sum)\d+_\d+\b", text)) - declared


def test_a_row_whose_levels_are_never_reached_has_its_sum_too() -> None:
    """Its sum is in no other; nothing but the view of sums in simulation reads it."""
    weight = np.array([[-1, 0, -1], [0, 1, 1]])
    text = text_of(weight, np.array([[1, 2, 3], [1, 2, 3]]))
    assert "m_data[1:0] <= 2'd0" in text and not undeclared(text)


def test_a_layer_without_registers_has_no_clock_in_it() -> None:
    text = text_of(np.array([[-1, 0, -1], [0, 1, 1]]), np.array([[-9, -2, 0], [1, 2, 3]]), apart=0)
    assert "always_ff" not in text and "ELASTIC" not in text and "assign m_valid = s_valid;" in text


@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 2, 9]))
def test_no_name_is_read_that_there_is_not(seed: int, apart: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(1, 5, 2)
    weight = rng.integers(-2, 3, (rows, columns)).astype(np.int64)
    levels = np.sort(rng.integers(-30, 60, (rows, 3)), axis=1).astype(np.int64)
    assert not undeclared(text_of(weight, levels, apart))
