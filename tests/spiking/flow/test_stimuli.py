"""Stimuli from files: 0/1, ticks × axons; what does not fit is refused."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.spiking.flow.stimuli import RANDOM_TICKS, stimuli_for
from hwflow.spiking.network import Neurons, SpikingNetwork

NETWORK = SpikingNetwork("net", np.zeros((5, 2), np.int64), Neurons.of(2, threshold=1), np.ones((5, 2), np.bool_))
GRADED = replace(NETWORK, graded=True)


def test_random_stimuli_are_the_same_each_time() -> None:
    first, second = (stimuli_for(NETWORK, None, None) for _ in range(2))
    assert first.spikes.shape == (RANDOM_TICKS, 3) and np.array_equal(first.spikes, second.spikes)
    assert 0.05 < first.spikes.mean() < 0.15 and "random" in first.source
    assert len(stimuli_for(NETWORK, None, 7).spikes) == 7


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.float32])
def test_a_file_of_any_type_that_holds_zeros_and_ones(tmp_path: Path, kind: type) -> None:
    x = np.random.default_rng(0).random((20, 3)) < 0.5
    np.savez(tmp_path / "x.npz", x=x.astype(kind))
    stimuli = stimuli_for(NETWORK, tmp_path / "x.npz", None)
    assert np.array_equal(stimuli.spikes, x) and stimuli.spikes.dtype == np.bool_ and stimuli.source == "x.npz"
    assert len(stimuli_for(NETWORK, tmp_path / "x.npz", 4).spikes) == 4


def test_random_stimuli_of_a_graded_net_are_values() -> None:
    first, second = (stimuli_for(GRADED, None, None) for _ in range(2))
    assert first.spikes.dtype == np.uint8 and np.array_equal(first.spikes, second.spikes)
    assert 0.05 < np.count_nonzero(first.spikes) / first.spikes.size < 0.15
    assert first.spikes.max() == 255 and "of values 1 … 255" in first.source


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32])
def test_a_file_of_any_type_that_holds_whole_values(tmp_path: Path, kind: type) -> None:
    x = np.random.default_rng(0).integers(0, 256, (20, 3))
    np.savez(tmp_path / "x.npz", x=x.astype(kind))
    stimuli = stimuli_for(GRADED, tmp_path / "x.npz", None)
    assert np.array_equal(stimuli.spikes, x) and stimuli.spikes.dtype == np.uint8


@pytest.mark.parametrize("wrong", [-1, 256, 0.5, 1e30])
def test_values_that_no_axon_takes(wrong: float) -> None:
    x = np.zeros((4, 3))
    x[2, 1] = wrong
    with pytest.raises(
        UserError,
        match=rf"is {re.escape(f'{wrong:g}')} at \[2, 1\], and net takes whole numbers of 0 … 255; scale and round it first",
    ):
        stimuli_for(GRADED, x, None)


@pytest.mark.parametrize(
    ("x", "ticks", "says"),
    [
        (np.zeros((4, 2)), None, "of shape (4, 2), but net takes ticks × 3 axons"),
        (np.zeros((2, 2, 3)), None, "of shape (2, 2, 3)"),
        (np.full((4, 3), 2), None, "is 2 at [0, 0], and not 0 or 1"),
        (np.full((4, 3), np.nan), None, "holds NaN in row 0"),
        (np.zeros((4, 3)), 5, "holds 4 ticks, not 5"),
        (np.zeros((4, 3)), 0, "0 ticks cannot be run"),
    ],
)
def test_stimuli_that_do_not_fit(tmp_path: Path, x: np.ndarray, ticks: int | None, says: str) -> None:
    np.savez(tmp_path / "x.npz", x=x)
    with pytest.raises(UserError) as error:
        stimuli_for(NETWORK, tmp_path / "x.npz", ticks)
    assert says in str(error.value)
