from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwflow.spiking import reference as golden
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import nir
from hwflow.spiking.train.surrogate import Layer, Training, spike_counts, train_layers, votes, write_nir

pytestmark = pytest.mark.slow


def test_a_small_task_is_learnt_written_and_run_in_integers(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    y = draw.integers(0, 2, 200)
    x = draw.random((200, 8, 4)) < np.where(y[:, None, None] == np.array([0, 0, 1, 1]), 0.8, 0.1)
    told: list[float] = []
    layers = train_layers(x, y, 2, Training(16, 60, 50, 3e-2), 0, lambda what, share: told.append(share))
    again = train_layers(x, y, 2, Training(16, 60, 50, 3e-2), 0, lambda what, share: None)
    assert told[-1] == 1.0 and all(np.array_equal(a.weight, b.weight) for a, b in zip(layers, again, strict=True))
    counts = spike_counts(layers, x)
    assert (counts.argmax(axis=1) == y).mean() > 0.9
    write_nir(layers, tmp_path / "small.nir")
    network = nir.load(tmp_path / "small.nir", 1e-3).network
    rules = golden.Rules(network, core_for(network))
    late = np.zeros((3, 4), bool)
    runs = [golden.run(rules, golden.initial(network), np.concatenate([one, late])) for one in x]
    found = np.array([run.spikes[:, network.outputs].sum(axis=0) for run in runs])
    assert (found == counts).mean() > 0.9  # weights of 8 bits


def test_a_net_that_remembers_nothing_says_the_same_in_integers(tmp_path: Path) -> None:
    """Whole weights: an image in one tick, votes in the next; neither depends on the image before."""
    draw = np.random.default_rng(1)
    layers = tuple(
        Layer((draw.integers(-9, 10, shape) / 16).astype(np.float32), beta=0.0) for shape in ((20, 12), (6, 20))
    )
    x = draw.random((30, 1, 12)) < 0.5
    counts = spike_counts(layers, x)
    assert counts.any() and votes(counts, 3).tolist() == (counts[:, ::2] + counts[:, 1::2]).tolist()
    write_nir(layers, tmp_path / "net.nir")
    network = nir.load(tmp_path / "net.nir", 1e-3).network
    stream = np.pad(x, ((0, 0), (0, 1), (0, 0))).reshape(-1, 12)
    fired = golden.run(golden.Rules(network, core_for(network)), golden.initial(network), stream).spikes
    assert np.array_equal(fired[1::2, network.outputs], counts) and not fired[::2, network.outputs].any()


def test_spikes_that_cost_more_are_fewer() -> None:
    draw = np.random.default_rng(2)
    y = draw.integers(0, 2, 200)
    x = draw.random((200, 1, 8)) < np.where(y[:, None, None] == np.arange(8) // 4, 0.8, 0.2)
    how = Training(16, 80, 50, 1e-2, beta=0.0, voters=3, slope=1.0, hidden_lost=0.1, worth=0.5)
    free, dear = (train_layers(x, y, 2, replace(how, price=price), 0, lambda what, share: None) for price in (0.0, 1.0))
    assert (votes(spike_counts(free, x), 2).argmax(axis=1) == y).mean() > 0.85
    assert spike_counts(dear[:1], x).sum() < 0.8 * spike_counts(free[:1], x).sum()
