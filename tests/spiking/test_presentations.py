"""Presentations: what is refused, and what each begins with."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from spiking.nets import random_core, random_network, random_state, random_stimuli

from hwflow.errors import UserError
from hwflow.spiking import golden, native, reference
from hwflow.spiking.network import Core, Neurons, SpikingNetwork, Start
from hwflow.spiking.presentations import Presentations
from hwflow.spiking.rules import Rules


def network(graded: bool = False) -> SpikingNetwork:
    weight = np.zeros((6, 2), np.int64)
    return SpikingNetwork("net", weight, Neurons.of(2, threshold=5), np.zeros((6, 2), np.bool_), graded=graded)


@pytest.mark.parametrize(
    ("shape", "value", "learn", "says"),
    [
        ((3, 4), 0, False, "net takes presentations [n, ticks, 4], not an array of shape (3, 4)."),
        ((3, 4, 5), 0, False, "net takes presentations [n, ticks, 4], not an array of shape (3, 4, 5)."),
        ((1, 65536, 4), 0, False,
         "A presentation of net has 65,536 ticks, and at most 65,535 can be counted over; run it in parts."),
        ((3, 2, 4), 0, np.ones(2, np.bool_), "Whether 3 presentations learn is one bool, or as many, and not (2,) of bool."),
        ((3, 2, 4), 0, 1, "Whether 3 presentations learn is one bool, or as many, and not () of int64."),
        ((3, 2, 4), 2, False, "The presentations of net are 0 and 1, a spike or none, and not 2 at [0, 0, 0]."),
    ],
)  # fmt: skip
def test_what_is_no_presentation_is_refused(
    shape: tuple[int, ...], value: int, learn: bool | NDArray[np.bool_], says: str
) -> None:
    with pytest.raises(UserError) as error:
        Presentations.of(np.full(shape, value, np.uint8), network(), learn, True)
    assert str(error.value) == says


def test_values_are_for_graded_nets() -> None:
    shown = Presentations.of(np.full((1, 2, 4), 255), network(graded=True), True, False)
    assert (
        shown.axon_spikes.dtype == np.uint8 and shown.learn.tolist() == [True] and (len(shown), shown.ticks) == (1, 2)
    )


@pytest.mark.parametrize("membrane", [None, 0, 7])
@pytest.mark.parametrize("rest", [False, True])
def test_those_that_begin_where_no_core_rests_come_one_by_one(membrane: int | None, rest: bool) -> None:
    start = None if membrane is None else Start(np.full(2, membrane), np.zeros(2, np.int64), np.zeros(2, np.int64))
    net = replace(network(), start=start)
    shown = Presentations.of(np.zeros((5, 3, 4), np.bool_), net, False, rest)
    parts = list(shown.parts(net, 2))
    apart = bool(membrane) and rest
    assert [(some.start, some.stop) for some, _, _ in parts] == (
        [(k, k + 1) for k in range(5)] if apart else [(0, 2), (2, 4), (4, 5)]
    )
    assert all(part.rest is (rest and not apart) and start is apart for _, part, start in parts)


@pytest.mark.skipif(native.library() is None, reason="there is no C++ compiler")
def test_the_compiled_model_counts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves the same state, over all features; both count what single runs give."""
    rng, library, spikes = np.random.default_rng(3), native.library(), 0
    assert library is not None
    monkeypatch.setattr(golden, "_WORTH", 1 << 60)
    for _ in range(60):
        core = random_core(rng, most=40)
        net, state = random_network(rng, core), random_state(rng, core)
        count, ticks, rest = int(rng.integers(1, 8)), int(rng.integers(0, 9)), bool(rng.integers(2))
        stimuli = random_stimuli(rng, net, count * ticks).reshape(count, ticks, net.axons)
        shown, rules = Presentations.of(stimuli, net, rng.random(count) < 0.5, rest), Rules(net, core)
        told: list[int] = []
        right = golden.present(rules, state, shown, told.append)
        found = native.present(library, rules, state, shown, lambda _: None)
        assert np.array_equal(found.spikes, right.spikes) and found.columns == right.columns
        assert np.array_equal(found.events, right.events) and told == list(range(1, count + 1))
        assert right.events.sum() == right.state.events - state.events or not core.counters
        alone = state.copy()
        for one, learn, counted in zip(stimuli, shown.learn, right.spikes, strict=True):
            if rest:
                reference.to_rest(alone)
            done = reference.run(rules, alone, one, learn=bool(learn))
            alone = done.state
            assert np.array_equal(done.spikes.sum(axis=0), counted)
        for name, value in vars(right.state).items():
            assert np.array_equal(value, getattr(found.state, name)) and np.array_equal(value, getattr(alone, name)), (
                name
            )
        spikes += int(right.spikes.sum())
    assert spikes > 1000


def test_rest_keeps_what_was_learnt() -> None:
    rng, core = np.random.default_rng(4), Core(8, 8, 2, stochastic=True, modulation=True)
    before = random_state(rng, core)
    for traces in (False, True):
        after = before.copy()
        reference.to_rest(after, traces=traces)
        resting = {"membrane", "current", "refractory", "fired", "factor", *(("x", "y") if traces else ())}
        for name, value in vars(before).items():
            assert np.array_equal(getattr(after, name), np.zeros_like(value) if name in resting else value), name
