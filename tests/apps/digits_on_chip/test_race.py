import numpy as np
import pytest

from hwflow.apps.digits_on_chip.race import Race, brightest_pixels
from hwflow.board import find_board
from hwflow.spiking.backend.core import SpikingOptions, choose_core
from hwflow.spiking.fit import core_for
from hwflow.spiking.reference import Rules, State, initial, run

SMALL = Race(neurons=5, lit=6, ticks=20, silence=80, threshold=15, push=1)


def a_win(how: Race, images: int) -> tuple[State, State, np.ndarray, np.ndarray]:
    """State before and after some presentations, their spikes, and what fired, [images, ticks, neurons]."""
    pixels = np.random.default_rng(0).integers(0, 256, (images, 25)).astype(np.uint8)
    network = how.network(25, 1)
    rules, spikes = Rules(network, core_for(network)), how.encode(pixels, 255)
    done = run(rules, initial(network), spikes.reshape(-1, network.axons), learn=True)
    return initial(network), done.state, spikes, done.spikes.reshape(*spikes.shape[:2], -1)


def test_the_brightest_pixels_spike_as_many_of_every_image() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 49)).astype(np.uint8)
    lit = brightest_pixels(images, 10)
    assert lit.sum(axis=1).tolist() == [10] * 4
    padded = np.pad(images[2].reshape(7, 7).astype(int), 1)
    soft = [np.sum(np.outer([1, 2, 1], [1, 2, 1]) * padded[i : i + 3, j : j + 3]) for i in range(7) for j in range(7)]
    assert np.flatnonzero(lit[2]).tolist() == sorted(sorted(range(49), key=lambda one: -soft[one])[:10])


def test_a_presentation_is_an_image_a_race_the_image_again_and_silence() -> None:
    spikes = SMALL.encode(np.arange(25, dtype=np.uint8)[None], 24)[0]
    assert spikes.shape == (102, 25 + 1 + 4)
    assert np.flatnonzero(spikes[:, :25].any(axis=1)).tolist() == [0, 21]
    assert np.array_equal(spikes[0, :25], spikes[21, :25]) and spikes[0, :25].sum() == 6
    assert np.flatnonzero(spikes[:, 25]).tolist() == list(range(1, 21))
    assert np.argwhere(spikes[:, 26:]).tolist() == [[21, axon] for axon in range(4)]


def test_the_net_before_learning() -> None:
    network = SMALL.network(25, 3)
    assert network.digest == SMALL.network(25, 3).digest != SMALL.network(25, 4).digest
    assert (
        np.unique(network.weight[:25]).tolist() == [0, 3] and (network.weight[:25] > 0).sum(axis=0).tolist() == [13] * 5
    )
    assert network.plastic[:25].all() and not network.plastic[25:].any()
    assert "normalisation" not in network.needs and "stochastic" in network.needs


def test_who_wins_alone_learns_the_image_and_is_raised() -> None:
    how = Race(neurons=5, lit=6, ticks=20, silence=80, threshold=15, push=1, gain=3.0, loss=1.0)
    before, after, spikes, fired = a_win(how, 1)
    assert fired.sum() == 1
    winner, lit = int(fired.any(axis=(0, 1)).argmax()), spikes[0, 0, :25]
    column = after.weight[:25, winner]
    assert (column[lit] == 3).all() and np.array_equal(
        column[~lit], before.weight[:25, winner][~lit]
    )  # none of them was lit
    others = np.arange(5) != winner
    assert np.array_equal(after.weight[:, others], before.weight[:, others])
    assert np.flatnonzero(after.adaptation).tolist() == [winner]


def test_what_was_lit_of_late_is_unlearnt() -> None:
    how = Race(neurons=1, lit=6, ticks=20, silence=80, threshold=15, push=1, gain=3.0, loss=3.0)
    _, after, spikes, fired = a_win(how, 2)
    first, second = spikes[0, 0, :25], spikes[1, 0, :25]
    assert fired.any(axis=(1, 2)).all()
    assert (after.weight[:25, 0][second] == 3).all() and not after.weight[:25, 0][first & ~second].any()


def test_thresholds_fall_by_what_wins_raise() -> None:
    network = SMALL.network(25, 0)
    levels = [SMALL.after(network, wins).neurons.threshold.tolist() for wins in (0, 1, 10)]
    step = network.learning.adaptation_step
    assert levels == [[(15 << 12) - lower] * 5 for lower in (0, step // 5, 2 * step)]


def test_once_it_has_learnt_more_neurons_may_fire() -> None:
    how = Race(neurons=5, lit=6, ticks=20, silence=80, threshold=15, push=1, eager=0.4)
    network = how.network(25, 1)
    asked = how.asked(how.after(network, 10))
    assert (how.after(network, 10).neurons.threshold - asked.neurons.threshold == round(0.4 * (15 << 12))).all()


@pytest.mark.parametrize("images", [3])
def test_nothing_of_an_image_is_left_after_the_silence(images: int) -> None:
    how = Race(neurons=5, lit=6, ticks=20, silence=400, decay=0.05, threshold=15, push=2)
    _, after, _, _ = a_win(how, images)
    assert np.abs(after.current).max() < 1 << 12 and not after.refractory.any() and not after.y.any()


@pytest.mark.parametrize(("neurons", "lanes"), [(400, 8), (456, 4)])
def test_what_the_ulx3s_holds(neurons: int, lanes: int) -> None:
    """Since the competition takes no memory."""
    how, board = Race(neurons=neurons), find_board("ulx3s-85f")
    core = choose_core(how.network(784, 0), board, SpikingOptions(state_bits=how.state_bits))
    assert core.lanes == lanes and core.blocks[-1].level == -128
