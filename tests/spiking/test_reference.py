"""The golden model against docs/neuron.md, one value at a time, and against the published equations in floats."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spiking.nets import random_core, random_network, random_spikes, random_state, random_stimuli

from hwflow.spiking.arithmetic import fade
from hwflow.spiking.fit import core_for, pad
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, State, initial, normalise, run, tick


def clip(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


class Plain:
    """docs/neuron.md word by word: plain integers, one loop for each "for all"."""

    def __init__(self, network: SpikingNetwork, core: Core, state: State) -> None:
        self.net, self.core, self.rule = network, core, network.learning
        self.v, self.c = state.membrane.tolist(), state.current.tolist()
        self.h, self.r = state.adaptation.tolist(), state.refractory.tolist()
        self.y, self.z, self.x = state.y.tolist(), state.fired.tolist(), state.x.tolist()
        self.w, self.m = state.weight.tolist(), state.factor.tolist()
        self.third = network.modulation if core.modulation else None
        self.near = [False] * network.size
        self.random = state.random
        self.spikes = self.events = self.saturations = 0

    def fade(self, q: int, d: int) -> int:
        size = abs(q) - -(-abs(q) * d // 65536)
        return size if q >= 0 else -size

    def sat(self, value: int, counted: bool = True) -> int:
        clipped = clip(value, self.core.state.min, self.core.state.max)
        self.saturations += counted and clipped != value
        return clipped

    def change(self, gain: int, trace: int) -> int:
        if self.rule.rectangular:
            return gain if trace > 0 else 0
        size = (abs(gain) * trace + 128) >> 8
        return size if gain >= 0 else -size

    def draw(self, j: int, i: int, column: bool) -> int:
        """Bit by bit: the low bits of the state, and a window for each bit of the key that is one."""
        number = j if j < self.net.axons else j - self.net.axons
        walked, visited = (number, i) if column else (i, number)
        key = walked | visited << 12 | (j >= self.net.axons) << 24 | column << 25
        draw = self.random & 0xFFFF
        for bit in range(26):
            draw ^= (self.random >> 16 + bit & 0xFFFF) * (key >> bit & 1)
        return draw

    def changed(self, j: int, i: int, gain: int, trace: int, column: bool) -> int:
        if not (self.rule.stochastic and self.core.stochastic):
            return self.w[j][i] + self.change(gain, trace)
        wanted = gain * 64 * (trace > 0) if self.rule.rectangular else gain * trace
        return self.w[j][i] + (wanted + self.draw(j, i, column)) // 65536

    def plastic(self, j: int, i: int) -> bool:
        allowed = self.rule.plastic_axons if j < self.net.axons else self.rule.plastic_neurons
        return bool(allowed and self.net.plastic[j, i])

    def bounded(self, weight: int) -> int:
        return clip(weight, self.rule.weight_min, self.rule.weight_max)

    def raised(self, trace: int, spike: int, decay: int, step: int) -> int:
        if self.rule.rectangular:
            return step if spike else max(trace - 1, 0)
        if self.rule.nearest:
            return step if spike else self.fade(trace, decay)
        return min(self.fade(trace, decay) + spike * step, self.core.trace.max)

    def tick(self, axons: list[int], learn: bool) -> list[bool]:
        learn = learn and self.core.learning
        count = self.net.size
        s = axons + self.z
        a, e = [0] * count, [0] * count
        for j in range(len(s)):
            if not s[j]:
                continue
            self.events += 1
            for i in range(count):
                if self.modulates(j):
                    e[i] += s[j] * self.w[j][i]
                else:
                    a[i] += s[j] * self.w[j][i]
                if learn and not self.third and self.plastic(j, i):
                    self.w[j][i] = self.bounded(self.changed(j, i, self.rule.depression, self.y[i], False))
        self.z = [self.neuron(i, a[i]) for i in range(count)]
        self.spikes += sum(self.z)
        closes = self.third is not None and axons[self.third.closing] > 0
        if self.third:
            self.m = [self.sat(m + brought, False) for m, brought in zip(self.m, e, strict=True)]
        if learn and closes:
            self.apply()
        if learn:
            for i in (i for i in range(count) if self.z[i] and not self.third):
                for j in range(len(s)):
                    if self.plastic(j, i):
                        self.w[j][i] = self.bounded(self.changed(j, i, self.rule.potentiation, self.x[j], True))
            rule = self.rule
            self.x = [self.raised(q, spike, rule.pre_decay, rule.pre_step) for q, spike in zip(self.x, s, strict=True)]
            post = zip(self.y, self.z, strict=True)
            self.y = [self.raised(q, fires, rule.post_decay, rule.post_step) for q, fires in post]
            if rule.stochastic and self.core.stochastic:
                for _ in range(59):
                    self.random = self.random >> 1 | (self.random ^ self.random >> 31) % 2 << 62
        fires = self.z
        if closes:
            self.v, self.c, self.r, self.m, self.z = [0] * count, [0] * count, [0] * count, [0] * count, [False] * count
            if learn:
                self.x, self.y = [0] * len(s), [0] * count
        return fires

    def modulates(self, j: int) -> bool:
        if not self.third:
            return False
        if j < self.net.axons:
            return j >= self.third.modulating_axons
        return j - self.net.axons >= self.third.modulating_neurons

    def apply(self) -> None:
        third = self.third
        assert third
        for i in range(self.net.size):
            gated = i < third.gated
            if gated and (self.y[i] > third.most or not (self.near[i] or self.y[i] >= third.least)):
                continue
            gain = clip((third.rate if gated else third.free_rate) * self.m[i], -65536, 65535)
            for j in range(len(self.x)):
                if gain and self.plastic(j, i):
                    self.w[j][i] = self.bounded(self.changed(j, i, gain, self.x[j], True))

    def neuron(self, i: int, a: int) -> bool:
        own = {name: int(getattr(self.net.neurons, name)[i]) for name in vars(self.net.neurons)}
        self.c[i] = self.sat(self.fade(self.c[i], own["decay"]) + a * 2**self.net.weight_shift)
        fires = self.near[i] = False
        if self.r[i] > 0:
            self.r[i] -= 1
        else:
            u = self.sat(self.fade(self.v[i], own["leak"]) + self.c[i] + own["bias"])
            fires = u > own["threshold"] + self.h[i]
            self.near[i] = self.third is not None and u > (own["threshold"] + self.h[i]) // 2**self.third.near_shift
            self.v[i] = u
            if fires:
                self.v[i] = self.sat(u - own["threshold"] - self.h[i], False) if own["subtract"] else own["reset"]
                self.r[i] = own["refractory"]
        if self.core.adaptation:
            raised = self.fade(self.h[i], self.rule.adaptation_decay) + (self.rule.adaptation_step if fires else 0)
            self.h[i] = min(raised, self.core.adapted.max)
        return fires

    def normalise(self) -> None:
        if not self.core.normalisation:
            return
        for i in range(self.net.size):
            chosen = [j for j in range(self.net.axons) if self.plastic(j, i) and self.w[j][i] > 0]
            total = sum(self.w[j][i] for j in chosen)
            if total > 0:
                factor = min(self.rule.target * 4096 // total, 65535)
                for j in chosen:
                    self.w[j][i] = self.bounded((self.w[j][i] * factor + 2048) >> 12)

    def agrees(self, state: State) -> bool:
        arrays = {"membrane": self.v, "current": self.c, "adaptation": self.h, "refractory": self.r, "y": self.y,
                  "fired": self.z, "x": self.x, "weight": self.w, "factor": self.m}  # fmt: skip
        same = state.random == self.random and all(
            getattr(state, name).tolist() == values for name, values in arrays.items()
        )
        counted = (self.spikes, self.events, self.saturations) if self.core.counters else (0, 0, 0)
        return same and (state.spikes, state.events, state.saturations) == counted


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_register_is_that_of_the_equations(seed: int) -> None:
    rng = np.random.default_rng(seed)
    core = random_core(rng, most=10)
    network = random_network(rng, core)
    rules = Rules(network, core)
    state = random_state(rng, core) if seed % 2 else initial(network)
    plain = Plain(network, core, state)
    for t, row in enumerate(random_stimuli(rng, network, 25)):
        learn, axons = bool(rng.random() < 0.7), row.nonzero()[0]
        fires = tick(rules, state, axons, learn, row[axons].astype(np.int64))
        assert fires.tolist() == plain.tick(row.tolist(), learn)
        if rng.random() < 0.1:
            normalise(rules, state)
            plain.normalise()
        assert plain.agrees(state), t
    assert state.ticks == 25


def test_the_random_nets_reach_the_corners() -> None:
    """What the comparisons above and those with the RTL live by: that there are spikes, saturations and changes."""
    spikes = saturations = changed = held = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        core = random_core(rng)
        network = random_network(rng, core)
        after = run(Rules(network, core), initial(network), random_spikes(rng, 50, core.axons), learn=True).state
        spikes += after.spikes > 0
        saturations += after.saturations > 0
        changed += bool(np.any(after.weight != network.weight))
        held += bool(after.refractory.any())
    assert min(spikes, saturations, changed, held) >= 8


@given(st.integers(-(2**23), 2**23 - 1), st.integers(0, 65535))
def test_a_decay_rounds_toward_zero_and_reaches_it(q: int, d: int) -> None:
    faded = int(fade(np.array([q]), 65536 - d)[0])
    assert faded == (abs(q) - -(-abs(q) * d // 65536)) * (1 if q >= 0 else -1)
    assert abs(faded) < abs(q) or d == 0 or q == 0
    if d == 65535 and -(2**15) <= q < 2**16:
        assert faded == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_padded_net_spikes_as_it_does_by_itself(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = random_core(rng, most=12, everything=True)
    network = random_network(rng, own)
    larger = replace(own, axons=own.axons + 2 * own.lanes, neurons=own.neurons + own.lanes)
    padded = pad(network, larger)
    spikes = random_spikes(rng, 30, own.axons)
    alone = run(Rules(network, own), initial(network), spikes, learn=True)
    wide = np.pad(spikes, ((0, 0), (0, larger.axons - own.axons)))
    inside = run(Rules(padded, larger), initial(padded), wide, learn=True)
    count, rows = own.neurons, np.r_[: own.axons, larger.axons : larger.axons + own.neurons]
    assert np.array_equal(inside.spikes[:, :count], alone.spikes) and not inside.spikes[:, count:].any()
    assert np.array_equal(inside.state.weight[np.ix_(rows, range(count))], alone.state.weight)
    assert np.array_equal(inside.state.membrane[:count], alone.state.membrane)
    assert (inside.state.spikes, inside.state.saturations) == (alone.state.spikes, alone.state.saturations)


def test_a_run_leaves_the_state_it_starts_from() -> None:
    rng = np.random.default_rng(1)
    core = random_core(rng, everything=True)
    network = random_network(rng, core, extreme=False)
    state, spikes = initial(network), random_spikes(rng, 40, core.axons)
    first = run(Rules(network, core), state, spikes, learn=True, keep_membranes=True)
    assert state.ticks == 0 and np.array_equal(state.weight, network.weight)
    second = run(Rules(network, core), state, spikes[:20], learn=True)
    second = run(Rules(network, core), second.state, spikes[20:], learn=True)
    assert np.array_equal(first.state.weight, second.state.weight) and first.state.spikes == second.state.spikes
    assert first.membranes is not None and np.array_equal(first.membranes[-1], first.state.membrane)


# The published equations, in float64, in steps of dt = 1 tick: what rounding may cost is computed, never guessed.


def lif_in_floats(neurons: Neurons, drive: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Current and membrane [ticks, N] of the current-based LIF below threshold: exponential decays, exact in floats."""
    c, v = np.zeros(len(neurons)), np.zeros(len(neurons))
    keep_c, keep_v = 1 - neurons.decay / 65536, 1 - neurons.leak / 65536
    currents, membranes = [], []
    for a in drive:
        c = c * keep_c + a * 2.0**shift
        v = v * keep_v + c + neurons.bias
        currents.append(c)
        membranes.append(v)
    return np.array(currents), np.array(membranes)


@pytest.mark.parametrize("tau_synapse", [2.0, 10.0])
@pytest.mark.parametrize("tau_membrane", [5.0, 20.0, 100.0])
def test_currents_and_membranes_follow_the_exponentials(tau_synapse: float, tau_membrane: float) -> None:
    """Each tick a decay rounds by less than 1, so the error obeys e_c' < k_c e_c + 1, e_v' < k_v e_v + 1 + e_c'."""
    rng = np.random.default_rng(0)
    count, axons, ticks = 30, 20, 600
    decay, leak = (round(65536 * (1 - np.exp(-1 / tau))) for tau in (tau_synapse, tau_membrane))
    neurons = replace(Neurons.of(count, threshold=2**23 - 1, leak=leak, decay=decay), bias=rng.integers(-3, 4, count))
    weight = np.zeros((axons + count, count), np.int64)
    weight[:axons] = rng.integers(-40, 60, (axons, count))
    network = SpikingNetwork("lif", weight, neurons, np.zeros(weight.shape, np.bool_), weight_shift=3)
    core = core_for(network, state_bits=24)
    spikes = rng.random((ticks, axons)) < 0.1
    integer = run(Rules(network, core), initial(network), spikes, keep_membranes=True)
    currents, membranes = lif_in_floats(neurons, spikes @ weight[:axons], 3)
    assert integer.state.saturations == 0 and not integer.spikes.any()
    keep_c, keep_v = 1 - decay / 65536, 1 - leak / 65536
    error_c = error_v = 0.0
    for t in range(ticks):
        error_c = keep_c * error_c + 1
        error_v = keep_v * error_v + 1 + error_c
        assert integer.membranes is not None
        assert np.abs(integer.membranes[t] - membranes[t]).max() <= error_v, t
    assert np.abs(integer.state.current - currents[-1]).max() <= error_c
    assert error_v < 0.02 * np.abs(membranes).max() * tau_membrane  # the bound says something


def spike_times_in_floats(drive: np.ndarray, keep: float, threshold: float, reset: float) -> list[int]:
    v, times = 0.0, []
    for t, current in enumerate(drive):
        v = v * keep + current
        if v > threshold:
            times.append(t)
            v = reset
    return times


def test_spikes_come_when_the_floats_say_as_far_as_rounding_lets() -> None:
    """A constant current: the interval of a LIF neuron is that of the closed formula tau ln(...) to a tick."""
    tau, threshold, bias = 50.0, 20_000, 700
    keep = np.exp(-1 / tau)
    network = SpikingNetwork(
        "lif",
        np.zeros((2, 1), np.int64),
        Neurons.of(1, threshold=threshold, leak=round(65536 * (1 - keep)), bias=bias),
        np.zeros((2, 1), np.bool_),
    )
    fired = run(Rules(network, core_for(network)), initial(network), np.zeros((2000, 1), np.bool_)).spikes[:, 0]
    times = np.flatnonzero(fired)
    floats = spike_times_in_floats(np.full(2000, float(bias)), keep, threshold, 0.0)
    # v_n = b (1 - k^n) / (1 - k) > threshold
    interval = int(np.floor(np.log(1 - threshold * (1 - keep) / bias) / np.log(keep))) + 1
    assert np.all(np.diff(floats) == interval) and np.all(np.abs(np.diff(times) - interval) <= 1)


@pytest.mark.parametrize("nearest", [False, True])
@pytest.mark.parametrize("gains", [(2000, -1500), (2000, 1500)])
def test_stdp_follows_its_exponential_window(nearest: bool, gains: tuple[int, int]) -> None:
    """Pairs k ticks apart: dw = A exp(-(k-1)/tau), for one pair in a fresh state, to the rounding of trace and change.

    A trace rounds by less than 1 a tick, so after k - 1 of them it is off by less than 1 / (1 - keep), and by what the
    decay's own 16 bits do; the change, gain · trace / 256, rounds by 1/2.
    """
    tau, step = 20.0, 4000
    decay = round(65536 * (1 - np.exp(-1 / tau)))
    keep = 1 - decay / 65536
    potentiation, depression = (gain // 100 for gain in gains)
    learning = Learning(nearest=nearest, potentiation=potentiation, depression=depression, pre_decay=decay,
                        post_decay=decay, pre_step=step, post_step=step, weight_min=-128)  # fmt: skip
    core = Core(2, 1, state_bits=16, trace_bits=16)
    # Axon 0 learns; axon 1, which does not, makes the neuron fire in the same tick.
    weight, plastic = np.array([[0], [100], [0]]), np.array([[True], [False], [False]])
    network = SpikingNetwork("pair", weight, Neurons.of(1, threshold=50, leak=65535), plastic, learning=learning)
    for k in range(1, 60):
        for first, second, gain in ((0, 1, potentiation), (1, 0, depression)):
            spikes = np.zeros((k + 1, 2), np.bool_)
            spikes[0, first] = spikes[k, second] = True
            after = run(Rules(network, core), initial(network), spikes, learn=True)
            exact = gain * step / 256 * np.exp(-(k - 1) / tau)
            clipped = min(max(exact, -128), 127)
            trace_error = (1 - keep ** (k - 1)) / (1 - keep) + step * abs(keep ** (k - 1) - np.exp(-(k - 1) / tau))
            assert abs(after.state.weight[0, 0] - clipped) <= abs(gain) / 256 * trace_error + 0.5 + 1e-9, (k, first)


def test_all_pairs_add_up_and_nearest_pairs_do_not() -> None:
    tau, step = 10.0, 200
    decay = round(65536 * (1 - np.exp(-1 / tau)))
    learning = Learning(pre_decay=decay, pre_step=step, potentiation=1)
    core = Core(1, 1, trace_bits=12)
    network = SpikingNetwork(
        "one", np.zeros((2, 1), np.int64), Neurons.of(1, threshold=9), np.ones((2, 1), np.bool_), learning=learning
    )
    spikes = np.ones((4, 1), np.bool_)
    every = run(Rules(network, core), initial(network), spikes, learn=True).state.x[0]
    keep = np.exp(-1 / tau)
    assert abs(every - step * (1 + keep + keep**2 + keep**3)) <= 3 + 4 * step / 65536
    nearest = replace(network, learning=replace(learning, nearest=True))
    assert run(Rules(nearest, core), initial(nearest), spikes, learn=True).state.x[0] == step
