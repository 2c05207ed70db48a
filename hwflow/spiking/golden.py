"""The golden model by the fastest way there is: compiled, or in numpy; each gives the same in every value.

hwflow/spiking/reference.py says what a net means. Where there is a C++ compiler, as for Verilator, native.cpp does the same; little
work is not worth loading it.
"""

from collections.abc import Callable

import numpy as np

from hwflow.spiking import native, reference
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.presentations import Presentations, Presented
from hwflow.spiking.reference import Run, State
from hwflow.spiking.rules import Rules

_WORTH = 1 << 22  # synapses times ticks


def run(
    rules: Rules,
    state: State,
    axon_spikes: AxonSpikes,
    *,
    learn: bool = False,
    keep_membranes: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Run:
    """As `reference.run`."""
    if state.weight.size * len(axon_spikes) >= _WORTH and (library := native.library()) and native.holds(rules, state):
        return native.run(library, rules, state, axon_spikes, learn=learn, keep_membranes=keep_membranes, told=told)
    return reference.run(rules, state, axon_spikes, learn=learn, keep_membranes=keep_membranes, told=told)


def present(
    rules: Rules, state: State, shown: Presentations, told: Callable[[int], None] = lambda _: None
) -> Presented:
    """Presentations from a state, which stays as it is. told: now and then, presentations done."""
    size = state.weight.size * shown.axon_spikes.shape[0] * shown.ticks
    if size >= _WORTH and (library := native.library()) and native.holds(rules, state):
        return native.present(library, rules, state, shown, told)
    spikes, events = np.zeros((len(shown), rules.network.size), np.int64), np.zeros(len(shown), np.int64)
    columns, state = 0, state.copy()
    for number, (axon_spikes, learn) in enumerate(zip(shown.axon_spikes, shown.learn, strict=True)):
        if shown.rest:
            reference.to_rest(state)
        for row in axon_spikes:
            axons = row.nonzero()[0]
            events[number] += len(axons) + np.count_nonzero(state.fired)
            done = reference.step(rules, state, axons, bool(learn), row[axons].astype(np.int64))
            spikes[number] += done.fires
            columns += done.columns or 0
        told(number + 1)
    return Presented(spikes, events, state, columns if rules.third else None)


def normalise(rules: Rules, state: State, only: int | None = None) -> None:
    """As `reference.normalise`."""
    if rules.core.normalisation and state.weight.size >= _WORTH >> 6 and (library := native.library()):
        native.normalise(library, rules, state, only)
    else:
        reference.normalise(rules, state, only)
