from pathlib import Path

import numpy as np
import pytest

from hwflow.spiking import reference as golden
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import nir
from hwflow.spiking.train.surrogate import Training, spike_counts, train_layers, write_nir

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
