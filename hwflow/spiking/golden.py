"""The golden model by the fastest way there is: compiled, or in numpy; each gives the same in every value.

hwflow/spiking/reference.py says what a net means. Where there is a C++ compiler, as for Verilator, native.cpp does the same; little
work is not worth loading it.
"""

from collections.abc import Callable

from hwflow.spiking import native, reference
from hwflow.spiking.inputs import AxonSpikes
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


def normalise(rules: Rules, state: State, only: int | None = None) -> None:
    """As `reference.normalise`."""
    if rules.core.normalisation and state.weight.size >= _WORTH >> 6 and (library := native.library()):
        native.normalise(library, rules, state, only)
    else:
        reference.normalise(rules, state, only)
