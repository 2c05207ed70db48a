"""How a run on a board is compared with the golden model."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from hwflow.spiking.flow.running import differing, read_state, save_run
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, State, initial, run


def a_run() -> tuple[np.ndarray, State]:
    weight = np.random.default_rng(1).integers(-20, 60, (7, 4))
    network = SpikingNetwork("net", weight, Neurons.of(4, threshold=50), np.ones((7, 4), np.bool_))
    done = run(Rules(network, Core(3, 4)), initial(network), np.random.default_rng(2).random((30, 3)) < 0.3)
    return done.spikes, done.state


def test_equal_runs_do_not_differ() -> None:
    assert not list(differing(*a_run(), *a_run()))


def test_the_first_difference_is_the_first_tick_and_neuron() -> None:
    spikes, state = a_run()
    wrong, other = spikes.copy(), state.copy()
    wrong[7, 2] ^= True
    wrong[7, 3] ^= True
    wrong[20, 0] ^= True
    other.membrane[1] += 1
    found = list(differing(wrong, other, spikes, state))
    assert [(d.tick, d.register, d.neuron) for d in found] == [
        (7, "spike", 2), (7, "spike", 3), (20, "spike", 0), (29, "membrane", 1),
    ]  # fmt: skip
    assert str(found[0]).startswith("spike neuron 2 after tick 7 is ")


def test_every_register_is_compared() -> None:
    spikes, state = a_run()
    for part in fields(State):
        other = state.copy()
        value = np.array(getattr(other, part.name))
        value.reshape(-1)[-1] = ~value.reshape(-1)[-1] if value.dtype == np.bool_ else value.reshape(-1)[-1] + 1
        setattr(other, part.name, value if value.ndim else int(value))
        (found,) = differing(spikes, other, spikes, state)
        source, neuron = {"x": (6, None), "weight": (6, 3)}.get(part.name, (None, 3 if value.ndim else None))
        assert (found.register, found.source, found.neuron) == (part.name, source, neuron)


def test_what_is_saved(tmp_path) -> None:  # type: ignore[no-untyped-def]
    spikes, state = a_run()
    save_run(tmp_path / "run.npz", spikes, state)
    with np.load(tmp_path / "run.npz") as saved:
        assert np.array_equal(saved["raster"], spikes)
        assert np.array_equal(saved["weight"], state.weight)
        assert int(saved["ticks"]) == 30


def test_a_run_goes_on_with_the_draws_that_it_was_saved_with(tmp_path: Path) -> None:
    """All 63 bits of their state."""
    spikes, state = a_run()
    state.random = (1 << 63) - 3
    save_run(tmp_path / "run.npz", spikes, state)
    network = SpikingNetwork("net", state.weight, Neurons.of(4, threshold=50), np.ones((7, 4), np.bool_))
    assert read_state(tmp_path / "run.npz", network, Core(3, 4, stochastic=True)).random == state.random
