"""Learning on the golden model: fewer images than the recipe, and still far above chance."""

from dataclasses import replace

import numpy as np
import pytest

from hwflow.apps.digits_on_chip.competition import Competition, digits_and_a_fifth
from hwflow.apps.digits_on_chip.learning import learn_digits
from hwflow.progress import silent
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import Core


@pytest.mark.slow
def test_learning_beats_chance_and_labels_only_name() -> None:
    data = digits_and_a_fifth(0)
    data = replace(
        data, x_train=data.x_train[:60], y_train=data.y_train[:60], x_test=data.x_test[:40], y_test=data.y_test[:40]
    )
    how = Competition(neurons=48)
    core = Core(128, 48, synapse_mask=False)
    learnt = learn_digits(Lockstep(core), how, data, 0, silent)
    assert learnt.evaluation.accuracy > 0.3 and [images for images, _ in learnt.curve] == [25, 50, 60]
    shuffled = replace(data, y_train=data.y_train[::-1].copy())
    other = learn_digits(Lockstep(core), how, shuffled, 0, silent)
    assert np.array_equal(other.network.weight, learnt.network.weight)
    assert other.evaluation.accuracy < learnt.evaluation.accuracy
