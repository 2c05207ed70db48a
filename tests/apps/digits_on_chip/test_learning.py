"""Learning on the golden model: fewer images than the recipe, and still far above chance."""

from dataclasses import replace

import numpy as np
import pytest

from hwflow.apps.digits_on_chip.competition import Competition, digits_and_a_fifth
from hwflow.apps.digits_on_chip.learning import Study, learn_digits
from hwflow.apps.digits_on_chip.race import Race
from hwflow.progress import silent
from hwflow.spiking.fit import core_for
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
    learnt = learn_digits(Lockstep(core), Study(data, how, 0), silent)
    assert learnt.evaluation.accuracy > 0.3 and [images for images, _ in learnt.curve] == [25, 50, 60]
    shuffled = replace(data, y_train=data.y_train[::-1].copy())
    other = learn_digits(Lockstep(core), Study(shuffled, how, 0), silent)
    assert np.array_equal(other.network.weight, learnt.network.weight)
    assert other.evaluation.accuracy < learnt.evaluation.accuracy


@pytest.mark.slow
def test_what_the_device_does_not_do_the_model_does_from_where_it_is() -> None:
    data = digits_and_a_fifth(0)
    data = replace(
        data, x_train=data.x_train[:200], y_train=data.y_train[:200], x_test=data.x_test[:90], y_test=data.y_test[:90]
    )
    how = Race(neurons=24, lit=16, threshold=46, push=2)
    network = how.network(64, 0)
    assert core_for(network).state_bits <= how.state_bits
    study = Study(data, how, 0, looks=(50, 100), naming=150, look_naming=60, looked=50)
    device = Lockstep(core_for(network, 1, how.state_bits))
    whole, part = (
        learn_digits(on, one, silent)
        for on, one in (
            (Lockstep(core_for(network, 1, how.state_bits)), replace(study, beside=(200, 90))),
            (device, replace(study, beside=(60, 30))),
        )
    )
    assert whole.evaluation.confusion == part.evaluation.confusion and whole.curve == part.curve
    assert whole.beside == (200, 90) and part.beside == (80, 30)
    assert device.ticks == (80 + 30) * (how.shown + how.silence)
    assert whole.evaluation.accuracy > 0.4 and [images for images, _ in whole.curve] == [50, 100, 200]
