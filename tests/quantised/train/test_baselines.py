import numpy as np
import pytest

from hwflow.dataset import Dataset
from hwflow.quantised.train.baselines import baselines, lookup, majority


def bits(*values: int) -> np.ndarray:
    return np.array([[value >> bit & 1 for bit in range(4)] for value in values], dtype=np.uint8)


def test_lookup_votes_and_takes_strangers_for_what_strangers_were() -> None:
    train = bits(1, 1, 1, 2, 2, 7, 8)
    labels = np.array([0, 0, 3, 1, 1, 2, 2])
    assert lookup(train, labels, bits(1, 2, 7, 15, 0)).tolist() == [0, 1, 2, 2, 2]


def test_lookup_without_any_stranger() -> None:
    assert lookup(bits(1, 1), np.array([4, 4]), bits(9)).tolist() == [4]


def test_majority() -> None:
    assert majority(np.array([2, 2, 0]), 3).tolist() == [2, 2, 2]


@pytest.mark.slow
def test_all_of_them_on_a_separable_set() -> None:
    x = bits(*range(16))
    y = (np.arange(16) % 2).astype(np.int64)
    data = Dataset(x, y, x, y, x, y, 1, ("even", "odd"), ("a", "b", "c", "d"), identifier_columns=4)
    scores = {evaluation.name: evaluation.accuracy for evaluation in baselines(data, 0)}
    assert scores == {"majority class": 0.5, "identifier lookup": 1.0, "decision tree": 1.0}
