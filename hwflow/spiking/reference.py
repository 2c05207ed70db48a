"""What a SpikingNetwork means, tick by tick: the RTL is compared with this, register by register.

The equations are those of docs/neuron.md. Integers are exact throughout, in int64, which holds every product and sum.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.draws import advanced, column_draws, drawn_change, first_state, row_draws
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, SpikingNetwork

_ONE = 65536  # a decay's unit
_NORMAL_BITS, _NORMAL_MAX = 12, 65535  # of the factor of normalisation


@dataclass(eq=False)
class State:
    """Everything that ticks change, under the names of docs/neuron.md. `tick` and `normalise` change it in place.

    membrane, current, adaptation, refractory, y, fired: [N]; x: [M]; weight: [M, N]; ticks: how many were done;
    random: the state of the draws; spikes, events, saturations: the counters.
    """

    membrane: IntArray
    current: IntArray
    adaptation: IntArray
    refractory: IntArray
    y: IntArray
    fired: NDArray[np.bool_]
    x: IntArray
    weight: IntArray
    random: int = 0
    ticks: int = 0
    spikes: int = 0
    events: int = 0
    saturations: int = 0

    def copy(self) -> "State":
        """A state of its own."""
        arrays = [part.name for part in fields(self) if isinstance(getattr(self, part.name), np.ndarray)]
        return replace(self, **{name: getattr(self, name).copy() for name in arrays})


@dataclass(frozen=True, eq=False)
class Rules:
    """What ticks do not change: a net, on a core whose widths and features it gets.

    The core's sizes and lanes do not matter: a net that is padded to a core spikes as it does by itself.
    """

    network: SpikingNetwork
    core: Core

    @property
    def learning(self) -> Learning:
        return self.network.learning

    @cached_property
    def keep(self) -> tuple[IntArray, IntArray]:
        """65536 less leak, and less decay."""
        return _ONE - self.network.neurons.leak, _ONE - self.network.neurons.decay

    @cached_property
    def fixed(self) -> NDArray[np.bool_] | None:
        """[M, N], the synapses that do not change; None if all do."""
        fixed = ~self.network.can_change
        return fixed if fixed.any() else None

    @cached_property
    def plastic_rows(self) -> tuple[bool, bool]:
        """Whether any synapse from an axon, and any from a neuron, can change."""
        axons, neurons = np.split(self.network.can_change, [self.network.axons])
        return bool(axons.any()), bool(neurons.any())

    @cached_property
    def draws(self) -> bool:
        """Whether changes of weights are rounded by draws."""
        return self.learning.stochastic and self.core.stochastic

    @cached_property
    def axons(self) -> int:
        return self.network.axons

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """Of membrane and current."""
        return self.core.state.min, self.core.state.max

    @cached_property
    def adapted_max(self) -> int:
        return self.core.adapted.max

    @cached_property
    def trace_max(self) -> int:
        return self.core.trace.max

    @cached_property
    def reset(self) -> IntArray | None:
        """None if every neuron is reset by subtraction."""
        return None if self.network.neurons.subtract.all() else self.network.neurons.reset


@dataclass(frozen=True, eq=False)
class Run:
    """spikes: bool [ticks, N]; state: after the last tick; clipped: bool [ticks, N], whether a sum of a neuron's was, as
    the counter counts them; membranes: int64 [ticks, N] after each tick, if asked for."""

    spikes: NDArray[np.bool_]
    state: State
    clipped: NDArray[np.bool_]
    membranes: IntArray | None = None


def initial(network: SpikingNetwork) -> State:
    """The state that a net begins in: its weights and its start, all else zero."""
    count, start = network.size, network.start

    def zeros(size: int) -> IntArray:
        return np.zeros(size, dtype=np.int64)

    return State(
        membrane=start.membrane.copy() if start else zeros(count),
        current=start.current.copy() if start else zeros(count),
        adaptation=zeros(count),
        refractory=start.refractory.copy() if start else zeros(count),
        y=zeros(count),
        fired=np.zeros(count, dtype=np.bool_),
        x=zeros(network.axons + count),
        weight=network.weight.astype(np.int64),
        random=first_state(network.learning.seed) if "stochastic" in network.needs else 0,
    )


def run(
    rules: Rules,
    state: State,
    axon_spikes: NDArray[np.bool_],
    *,
    learn: bool = False,
    keep_membranes: bool = False,
) -> Run:
    """Ticks with the axon spikes [ticks, A] from a state, which stays as it is."""
    state = state.copy()
    count = rules.network.size
    spikes, clipped = (np.zeros((len(axon_spikes), count), dtype=np.bool_) for _ in range(2))
    membranes = np.zeros((len(axon_spikes), count), dtype=np.int64) if keep_membranes else None
    for t, row in enumerate(np.asarray(axon_spikes, dtype=np.bool_)):
        spikes[t], clipped[t] = _tick(rules, state, row.nonzero()[0], learn)
        if membranes is not None:
            membranes[t] = state.membrane
    return Run(spikes, state, clipped, membranes)


def tick(rules: Rules, state: State, axons: IntArray, learn: bool = False) -> NDArray[np.bool_]:
    """One tick, in place. axons: the numbers of those with a spike, each once. Returns which neurons fire, [N]."""
    return _tick(rules, state, axons, learn)[0]


def _tick(rules: Rules, state: State, axons: IntArray, learn: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """One tick; which neurons fire, and of which a sum was clipped."""
    learning = rules.learning
    learn = learn and rules.core.learning
    sources = np.concatenate((axons, state.fired.nonzero()[0] + rules.axons))
    total = _rows(rules, state, sources, learn)
    fires, clipped = _neurons(rules, state, total)
    if learn:
        fired = fires.nonzero()[0]
        if len(fired):
            _columns(rules, state, fired)
        state.x = _raised(state.x, sources, learning.pre_decay, learning.pre_step, learning, rules.trace_max)
        state.y = _raised(state.y, fired, learning.post_decay, learning.post_step, learning, rules.trace_max)
        if rules.draws:
            state.random = advanced(state.random)
    state.fired = fires
    state.ticks += 1
    if rules.core.counters:
        state.spikes += int(np.count_nonzero(fires))
        state.events += len(sources)
    return fires, clipped


def normalise(rules: Rules, state: State) -> None:
    """Scale the plastic positive weights from axons to each neuron to a sum of about `target`, in place."""
    if not rules.core.normalisation:
        return
    learning, axons = rules.learning, rules.axons
    weight = state.weight[:axons]
    chosen = (weight > 0) & rules.network.can_change[:axons]
    total = np.where(chosen, weight, 0).sum(axis=0)
    factor = np.minimum((learning.target << _NORMAL_BITS) // np.maximum(total, 1), _NORMAL_MAX)
    scaled = (weight * factor + (1 << (_NORMAL_BITS - 1))) >> _NORMAL_BITS
    state.weight[:axons] = np.where(chosen, _clipped(scaled, learning), weight)


def fade(q: IntArray, keep: IntArray | int) -> IntArray:
    """sgn(q) (|q| - ⌈|q| d / 65536⌉), where keep = 65536 - d: q keep / 65536, rounded toward zero."""
    product = q * keep
    return np.asarray((product + ((product >> 63) & (_ONE - 1))) >> 16)


def change(gain: int, trace: IntArray, rectangular: bool) -> IntArray:
    """How much a weight changes, by the trace on the other side."""
    if rectangular:
        return np.where(trace > 0, gain, 0)
    size = (abs(gain) * trace + 128) >> 8
    return np.asarray(size if gain >= 0 else -size)


def _rows(rules: Rules, state: State, sources: IntArray, learn: bool) -> IntArray | int:
    """Sums of the rows of the sources, [N]; then depression of those rows."""
    if not len(sources):
        return 0
    learning = rules.learning
    rows = state.weight.take(sources, axis=0)
    total = np.asarray(np.add.reduce(rows, axis=0))
    if learn and any(rules.plastic_rows):
        if rules.draws:
            draw = row_draws(state.random, rules.axons, len(state.y), sources)
            lost = drawn_change(learning.depression, state.y, learning.rectangular, draw)
        else:
            lost = change(learning.depression, state.y, learning.rectangular)
        changed = _clipped(rows + lost, learning)
        if rules.fixed is not None:
            np.copyto(changed, rows, where=rules.fixed.take(sources, axis=0))
        state.weight[sources] = changed
    return total


def _neurons(rules: Rules, state: State, total: IntArray | int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The sweep over the neurons: which fire, and of which a sum was clipped."""
    neurons, learning, (low, high) = rules.network.neurons, rules.network.learning, rules.bounds
    keep_membrane, keep_current = rules.keep
    current_sum = fade(state.current, keep_current) + (total << rules.network.weight_shift)
    state.current = current = np.minimum(np.maximum(current_sum, low), high)
    membrane_sum = fade(state.membrane, keep_membrane) + current + neurons.bias
    u = np.minimum(np.maximum(membrane_sum, low), high)
    excess = u - neurons.threshold
    excess -= state.adaptation
    held = state.refractory > 0
    fires = (excess > 0) & ~held
    of_current, of_membrane = current != current_sum, (u != membrane_sum) & ~held
    if rules.core.counters:
        state.saturations += int(np.count_nonzero(of_current) + np.count_nonzero(of_membrane))
    if held.any():
        u = np.where(held, state.membrane, u)
        state.refractory = state.refractory - held
    state.membrane = u
    if fires.any():
        after = np.minimum(excess, high)
        if rules.reset is not None:
            after = np.where(neurons.subtract, after, rules.reset)
        state.membrane = np.where(fires, after, u)
        state.refractory = np.where(fires, neurons.refractory, state.refractory)
    if rules.core.adaptation:
        faded = state.adaptation * (_ONE - learning.adaptation_decay) >> 16
        state.adaptation = np.minimum(faded + fires * learning.adaptation_step, rules.adapted_max)
    return np.asarray(fires), np.asarray(of_current | of_membrane)


def _columns(rules: Rules, state: State, fired: IntArray) -> None:
    """Potentiation of the columns of the neurons that fire."""
    learning, axons = rules.learning, rules.axons
    first, last = (0 if rules.plastic_rows[0] else axons), (len(state.x) if rules.plastic_rows[1] else axons)
    if first == last:
        return
    part = state.weight[first:last]
    columns = part.take(fired, axis=1)
    trace = state.x[first:last, None]
    if rules.draws:
        draw = column_draws(state.random, axons, len(state.y), fired)[first:last]
        gained = drawn_change(learning.potentiation, trace, learning.rectangular, draw)
    else:
        gained = change(learning.potentiation, trace, learning.rectangular)
    changed = _clipped(columns + gained, learning)
    if rules.fixed is not None:
        np.copyto(changed, columns, where=rules.fixed[first:last].take(fired, axis=1))
    part[:, fired] = changed


def _raised(trace: IntArray, spiked: IntArray, decay: int, step: int, rule: Learning, most: int) -> IntArray:
    """Traces after a tick in which the given ones had a spike."""
    faded = np.maximum(trace - 1, 0) if rule.rectangular else trace * (_ONE - decay) >> 16
    if rule.rectangular or rule.nearest:
        faded[spiked] = step
    else:
        faded[spiked] = np.minimum(faded[spiked] + step, most)
    return np.asarray(faded)


def _clipped(weight: IntArray, learning: Learning) -> IntArray:
    return np.asarray(np.minimum(np.maximum(weight, learning.weight_min), learning.weight_max))
