"""A recipe's data, cut down to the inputs and bits that were chosen."""

import numpy as np
import pytest

from hwflow.dataset import Dataset
from hwflow.quantised.train.recipes import Schedule
from hwflow.search.recipe import cut_down, most_telling, moved, shortened


def dataset() -> Dataset:
    """Four inputs of 3 bits: noise, the class, a constant, and the class with noise."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    x = np.stack([rng.integers(0, 8, 300), 4 * y, np.full(300, 5), 4 * y + rng.integers(0, 4, 300)], axis=1).astype(
        np.uint8
    )
    names = ("noise", "class", "constant", "mixed")
    return Dataset(
        x[:200], y[:200], x[200:250], y[200:250], x[250:], y[250:], 3, ("a", "b"), names, identifier_columns=2
    )


def test_the_inputs_that_tell_most_are_kept() -> None:
    data = dataset()
    assert most_telling(data, 0.25).tolist() == [1]
    assert most_telling(data, 0.5).tolist() == [1, 3]
    assert most_telling(data, 1.0).tolist() == [0, 1, 2, 3]


def test_the_highest_bits_are_kept() -> None:
    data = dataset()
    cut = cut_down(data, np.array([1, 3]), 1)
    assert cut.feature_names == ("class", "mixed") and cut.input_bits == 1 and cut.identifier_columns == 1
    assert np.array_equal(cut.x_test, data.x_test[:, [1, 3]] >> 2)
    assert np.array_equal(cut_down(data, np.arange(4), 8).x_train, data.x_train)


@pytest.mark.parametrize(
    ("exchange", "columns", "now"), [((1, 3), [0, 2, 3], (1, 2)), ((0, 0), [1], (0, 0)), ((2, 4), [0, 1], (2, 2))]
)
def test_columns_that_are_exchanged_move_along(exchange, columns, now) -> None:
    assert moved(exchange, np.array(columns)) == now


def test_a_budget_is_a_share_of_the_steps() -> None:
    short = shortened(Schedule((4,), 100, 300), 0.25)
    assert (short.float_steps, short.quantised_steps, short.hidden) == (25, 75, (4,))
