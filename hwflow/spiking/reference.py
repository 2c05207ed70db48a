"""What a SpikingNetwork means, tick by tick: the RTL is compared with this, register by register.

The equations are those of docs/neuron.md. Integers are exact throughout, in int64, which holds every product and sum.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.arithmetic import ONE, change, clipped, fade, raised
from hwflow.spiking.draws import advanced, column_draws, drawn_change, first_state, row_draws
from hwflow.spiking.factor import gains
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.learning import Modulation
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.rules import Rules as Rules

_TOLD = 64  # ticks from one report of progress to the next
_NORMAL_BITS, _NORMAL_MAX = 12, 65535  # of the factor of normalisation


@dataclass(eq=False)
class State:
    """Everything that ticks change, under the names of docs/neuron.md. `tick` and `normalise` change it in place.

    membrane, current, adaptation, refractory, y, fired, factor: [N]; x: [M]; weight: [M, N]; ticks: how many were done;
    random: the state of the draws; spikes, events, saturations: the counters.
    """

    membrane: IntArray
    current: IntArray
    adaptation: IntArray
    refractory: IntArray
    y: IntArray
    fired: NDArray[np.bool_]
    factor: IntArray
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
class Run:
    """spikes: bool [ticks, N]; state: after the last tick; clipped: bool [ticks, N], whether a sum of a neuron's was, as
    the counter counts them; membranes: int64 [ticks, N] after each tick, if asked for; columns: neurons whose weights changed
    by the third factor, in all ticks, None without."""

    spikes: NDArray[np.bool_]
    state: State
    clipped: NDArray[np.bool_]
    membranes: IntArray | None = None
    columns: int | None = None


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
        factor=zeros(count),
        x=zeros(network.axons + count),
        weight=network.weight.astype(np.int64),
        random=first_state(network.learning.seed) if "stochastic" in network.needs else 0,
    )


def run(
    rules: Rules,
    state: State,
    axon_spikes: AxonSpikes,
    *,
    learn: bool = False,
    keep_membranes: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Run:
    """Ticks with the axon spikes [ticks, A] from a state, which stays as it is. told: now and then, ticks done.

    axon_spikes: bool, or, of graded input, uint8, the values, 0 being none.
    """
    state = state.copy()
    count = rules.network.size
    spikes, clips = (np.zeros((len(axon_spikes), count), dtype=np.bool_) for _ in range(2))
    membranes = np.zeros((len(axon_spikes), count), dtype=np.int64) if keep_membranes else None
    columns = 0 if rules.third else None
    for t, row in enumerate(axon_spikes):
        axons = row.nonzero()[0]
        done = step(rules, state, axons, learn, row[axons].astype(np.int64))
        spikes[t], clips[t] = done.fires, done.clipped
        if membranes is not None:
            membranes[t] = state.membrane
        if columns is not None:
            columns += done.columns or 0
        if (t + 1) % _TOLD == 0:
            told(t + 1)
    return Run(spikes, state, clips, membranes, columns)


def tick(
    rules: Rules, state: State, axons: IntArray, learn: bool = False, values: IntArray | None = None
) -> NDArray[np.bool_]:
    """One tick, in place. axons: the numbers of those with a spike, each once; values: of these spikes, 1 … 255, where input is
    graded, None for 1. Returns which neurons fire, [N]."""
    return step(rules, state, axons, learn, values).fires


@dataclass(frozen=True, eq=False)
class Ticked:
    """fires: bool [N]; clipped: bool [N], as in Run; columns: neurons whose weights changed by the third factor, None without."""

    fires: NDArray[np.bool_]
    clipped: NDArray[np.bool_]
    columns: int | None


def step(rules: Rules, state: State, axons: IntArray, learn: bool = False, values: IntArray | None = None) -> Ticked:
    """As `tick`, and what else is to be known of it."""
    learning, third = rules.learning, rules.third
    learn = learn and rules.core.learning
    sources = np.concatenate((axons, state.fired.nonzero()[0] + rules.axons))
    worth = np.ones(len(sources), np.int64)
    if values is not None and rules.graded:
        worth[: len(axons)] = values
    total, brought = _rows(rules, state, sources, worth, learn)
    fires, clips, near = _neurons(rules, state, total)
    closes, columns = False, None
    if third:
        state.factor = np.minimum(np.maximum(state.factor + brought, rules.bounds[0]), rules.bounds[1])
        closes = bool((axons == third.closing).any())
        columns = _apply(rules, third, state, near) if learn and closes else 0
    if learn:
        fired = fires.nonzero()[0]
        if len(fired) and not third:
            _columns(rules, state, fired)
        state.x = raised(state.x, sources, learning.pre_decay, learning.pre_step, learning, rules.trace_max, worth)
        state.y = raised(state.y, fired, learning.post_decay, learning.post_step, learning, rules.trace_max)
        if rules.draws:
            state.random = advanced(state.random)
    state.fired = fires
    if closes:
        to_rest(state, traces=learn)
    state.ticks += 1
    if rules.core.counters:
        state.spikes += int(np.count_nonzero(fires))
        state.events += len(sources)
    return Ticked(fires, clips, columns)


def _apply(rules: Rules, third: Modulation, state: State, near: NDArray[np.bool_]) -> int:
    """Change the columns of the neurons with a factor and an open gate; how many there are."""
    gain = gains(third, state.factor, state.y, near)
    changing = gain.nonzero()[0]
    if len(changing):
        _modulated_columns(rules, state, changing, gain[changing])
    return len(changing)


def _modulated_columns(rules: Rules, state: State, changing: IntArray, gain: IntArray) -> None:
    """Change the columns of some neurons by gains of their own. Where the trace is zero a weight is only clipped."""
    learning, weight = rules.learning, state.weight
    bounded = learning.weight_min <= int(weight.min()) and int(weight.max()) <= learning.weight_max
    sources = state.x.nonzero()[0] if bounded else np.arange(len(state.x))
    at, trace = np.ix_(sources, changing), state.x[sources, None]
    columns = weight[at]
    if rules.draws:
        draw = column_draws(state.random, rules.axons, len(state.y), changing, sources)
        gained = drawn_change(gain, trace, learning.rectangular, draw)
    else:
        gained = change(gain, trace, learning.rectangular)
    changed = clipped(columns + gained, learning)
    if rules.fixed is not None:
        np.copyto(changed, columns, where=rules.fixed[at])
    weight[at] = changed


def to_rest(state: State, *, traces: bool = True) -> None:
    """Put all but weights, adaptation and draws, and traces if they are to stay, to rest, in place: to zero."""
    for name in ("membrane", "current", "refractory", "fired", "factor", *(("x", "y") if traces else ())):
        setattr(state, name, np.zeros_like(getattr(state, name)))


def normalise(rules: Rules, state: State, only: int | None = None) -> None:
    """Scale the plastic positive weights from axons to each neuron, or to one alone, to a sum of about `target`, in place."""
    if not rules.core.normalisation:
        return
    learning, axons = rules.learning, rules.axons
    columns = slice(None) if only is None else slice(only, only + 1)
    weight = state.weight[:axons, columns]
    chosen = (weight > 0) & rules.network.can_change[:axons, columns]
    total = np.where(chosen, weight, 0).sum(axis=0)
    factor = np.minimum((learning.target << _NORMAL_BITS) // np.maximum(total, 1), _NORMAL_MAX)
    scaled = (weight * factor + (1 << (_NORMAL_BITS - 1))) >> _NORMAL_BITS
    state.weight[:axons, columns] = np.where(chosen, clipped(scaled, learning), weight)


def _rows(
    rules: Rules, state: State, sources: IntArray, worth: IntArray, learn: bool
) -> tuple[IntArray | int, IntArray | int]:
    """Sums of the rows of the sources, [N], and of those that are modulators; then depression of the rows, by STDP.

    worth: the values of the sources' spikes.
    """
    if not len(sources):
        return 0, 0
    learning = rules.learning
    if rules.third:
        brings = rules.network.modulators[sources]
        total, brought = (_sum(rules, state.weight[sources[some]], worth[some]) for some in (~brings, brings))
        return total, brought
    rows = state.weight.take(sources, axis=0)
    total = _sum(rules, rows, worth)
    if learn and any(rules.plastic_rows):
        if rules.draws:
            draw = row_draws(state.random, rules.axons, len(state.y), sources)
            lost = drawn_change(learning.depression, state.y, learning.rectangular, draw)
        else:
            lost = change(learning.depression, state.y, learning.rectangular)
        changed = clipped(rows + lost, learning)
        if rules.fixed is not None:
            np.copyto(changed, rows, where=rules.fixed.take(sources, axis=0))
        state.weight[sources] = changed
    return total, 0


def _sum(rules: Rules, rows: IntArray, worth: IntArray) -> IntArray:
    """[N], of rows [sources, N], each times what its spike is worth."""
    return np.asarray(worth @ rows if rules.graded else np.add.reduce(rows, axis=0))


def _neurons(rules: Rules, state: State, total: IntArray | int) -> tuple[NDArray[np.bool_], ...]:
    """The sweep over the neurons: which fire, of which a sum was clipped, and which are near their thresholds."""
    neurons, learning, (low, high) = rules.network.neurons, rules.network.learning, rules.bounds
    keep_membrane, keep_current = rules.keep
    current_sum = fade(state.current, keep_current) + (total << rules.network.weight_shift)
    state.current = current = np.minimum(np.maximum(current_sum, low), high)
    membrane_sum = fade(state.membrane, keep_membrane) + current + neurons.bias
    u = np.minimum(np.maximum(membrane_sum, low), high)
    level = neurons.threshold + state.adaptation
    excess = u - level
    held = state.refractory > 0
    fires = (excess > 0) & ~held
    near = (u > level >> rules.third.near_shift) & ~held if rules.third else fires
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
        faded = state.adaptation * (ONE - learning.adaptation_decay) >> 16
        state.adaptation = np.minimum(faded + fires * learning.adaptation_step, rules.adapted_max)
    return np.asarray(fires), np.asarray(of_current | of_membrane), np.asarray(near)


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
    changed = clipped(columns + gained, learning)
    if rules.fixed is not None:
        np.copyto(changed, columns, where=rules.fixed[first:last].take(fired, axis=1))
    part[:, fired] = changed
