"""The golden model by the fastest way there is: compiled, or in numpy; each gives the same in every value.

hwflow/spiking/reference.py says what a net means. Where there is a C++ compiler, as for Verilator, native.cpp does the same; little
work is not worth loading it.
"""

from collections.abc import Callable

import numpy as np

from hwflow.ints import IntArray
from hwflow.spiking import native, reference
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.presentations import Presentations
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
) -> tuple[IntArray, State, int | None]:
    """Spikes of each neuron in each presentation, [n, N], from a state, which stays as it is; the state after the last; and the
    columns of `Run`, of all. told: now and then, presentations done."""
    size = state.weight.size * shown.axon_spikes.shape[0] * shown.ticks
    if size >= _WORTH and (library := native.library()) and native.holds(rules, state):
        return native.present(library, rules, state, shown, told)
    counts, columns = np.zeros((len(shown), rules.network.size), np.int64), 0
    state = state.copy()
    for number, (axon_spikes, learn) in enumerate(zip(shown.axon_spikes, shown.learn, strict=True)):
        if shown.rest:
            reference.to_rest(state)
        done = reference.run(rules, state, axon_spikes, learn=bool(learn))
        state, counts[number] = done.state, np.count_nonzero(done.spikes, axis=0)
        columns += done.columns or 0
        told(number + 1)
    return counts, state, columns if rules.third else None


def normalise(rules: Rules, state: State, only: int | None = None) -> None:
    """As `reference.normalise`."""
    if rules.core.normalisation and state.weight.size >= _WORTH >> 6 and (library := native.library()):
        native.normalise(library, rules, state, only)
    else:
        reference.normalise(rules, state, only)
