"""Bounds of the sums: no stimulus, however bad, clips a neuron that is said never to."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.ints import IntType
from hwflow.spiking.fit import core_for
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Neurons, SpikingNetwork, Start
from hwflow.spiking.reference import Rules, initial, run
from hwflow.spiking.saturation import Saturation, saturation_of

STATE = IntType(12, signed=True)


def net_of(rng: np.random.Generator, axons: int, count: int) -> SpikingNetwork:
    weight = rng.integers(-128, 128, (axons + count, count)) * (rng.random((axons + count, count)) < 0.7)
    neurons = Neurons(
        threshold=rng.integers(0, 600, count),
        leak=rng.choice([655, 9000, 40000, 65535], count),
        decay=rng.choice([20000, 65535], count),
        bias=rng.integers(-30, 30, count),
        reset=rng.integers(-100, 100, count),
        refractory=rng.integers(0, 3, count),
        subtract=rng.random(count) < 0.3,
    )
    start = Start(rng.integers(-200, 200, count), rng.integers(-200, 200, count), np.zeros(count, np.int64))
    return SpikingNetwork("net", weight, neurons, np.zeros(weight.shape, np.bool_), start=start)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1))
def test_what_never_saturates_does_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = net_of(rng, 5, 1)
    told = saturation_of(network, STATE)
    assert told.never + told.harmless + told.can == 1
    core, wide = core_for(network, state_bits=STATE.bits), core_for(network, state_bits=24)
    best, worst = network.weight[:5, 0] > 0, network.weight[:5, 0] < 0
    for x in (np.tile(best, (150, 1)), np.tile(worst, (150, 1)), rng.random((150, 5)) < 0.5):
        done, right = (run(Rules(network, chosen), initial(network), x) for chosen in (core, wide))
        assert not (told.never and done.clipped.any())
        assert done.clipped.sum() <= done.state.saturations <= 2 * done.clipped.sum()
        assert told.can or np.array_equal(done.spikes, right.spikes)


def test_the_kinds() -> None:
    def told(weight: list[int], **options: int | bool) -> Saturation:
        neurons = Neurons.of(1, **{"threshold": 500, "leak": 6554} | options)  # type: ignore[arg-type]
        array = np.array([[w] for w in weight] + [[0]])
        return saturation_of(SpikingNetwork("n", array, neurons, np.zeros(array.shape, np.bool_)), STATE)

    assert told([100, 100, -100, -100]) == Saturation(1, 0, 0)  # 200 / 0.1 = 2,000 below, and 500 + 200 above
    assert told([100, 100, -100, -105]) == Saturation(0, 0, 1)
    assert told([127] * 15) == Saturation(0, 1, 0)  # above the threshold it fires, clipped or not
    assert told([127] * 15, subtract=True) == told([127] * 15 + [-1] * 2) == Saturation(0, 0, 1)
    assert told([-1, 1], leak=0) == Saturation(0, 0, 1)  # what never leaks has no bound
    assert told([127] * 20, threshold=2047) == Saturation(0, 1, 0)  # never fires, and nobody reads it
    assert str(told([127] * 15)) == "the sums of 0 of 1 neurons can saturate; of 1 it changes no spike"


def test_values_count_as_so_many_spikes() -> None:
    def told(weight: int, graded: bool, recurrent: int = 0) -> Saturation:
        array = np.array([[weight], [recurrent]])
        neurons = Neurons.of(1, threshold=500, leak=65535, subtract=True)
        return saturation_of(SpikingNetwork("n", array, neurons, np.zeros(array.shape, np.bool_), graded=graded), STATE)

    assert told(-8, True) == Saturation(1, 0, 0) and told(-9, True) == Saturation(0, 0, 1)  # 2,040 and 2,295 of 2,048
    assert told(-128, False) == told(0, True, -128) == Saturation(1, 0, 0)


def test_weights_that_learn_are_taken_at_their_bounds() -> None:
    network = net_of(np.random.default_rng(1), 2, 1)
    weight = np.array([[10], [-10], [0]])
    neurons = Neurons.of(1, threshold=500, leak=6554)
    fixed = replace(network, weight=weight, neurons=neurons, start=None, learning=Learning(potentiation=1))
    assert saturation_of(fixed, STATE).never == 1
    plastic = replace(fixed, plastic=np.ones(weight.shape, np.bool_))
    assert saturation_of(replace(plastic, learning=Learning(potentiation=1, weight_min=-128)), STATE).can == 1
