"""How far inputs drive a neuron either way: from the sums of its weights, through its own dynamics.

A state that is clipped forgets: a neuron that inhibition drives far below its threshold takes long to come back, and
one whose membrane stops early fires too soon. So the range of a state is chosen from what drives the neuron, not from
its threshold alone. Three reaches bear on it: the worst case, that no input goes beyond; what independent spikes at any
rate up to one half do, six standard deviations about the mean; and what the user's own stimuli did.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntType
from hwflow.spiking.frontend.currents import Currents
from hwflow.spiking.frontend.float_net import FloatArray
from hwflow.spiking.learning import DECAY

MEMORY = 64  # ticks over which errors of a tick are taken to add up, at most
HORIZON = 1024  # ticks for which what never decays is followed
_RATE, _DEVIATIONS = 0.5, 6  # of independent spikes
_STATE_ERROR = 0.01  # of the threshold, by rounding the state in each tick: a range is not widened beyond that unasked
_LEVELS = 16  # of the largest weight and of the threshold: a range is not widened below that at all
_MARGIN = 1.25  # beyond what samples reached


@dataclass(frozen=True, eq=False)
class Drive:
    """What drives each neuron, an array of each number: see `float_net.Dynamics`.

    threshold: infinite for neurons that never fire; idle: those of a threshold that no input reaches; bias, start: as `placement.constants` gives them.
    """

    current: Currents
    leak: FloatArray
    decay: FloatArray
    bias: FloatArray
    start: FloatArray
    reset: FloatArray
    threshold: FloatArray
    subtracts: NDArray[np.bool_]
    idle: NDArray[np.bool_]

    @property
    def rates(self) -> tuple[FloatArray, FloatArray]:
        """Leak and decay, those that the core takes for none replaced by one over the horizon."""
        return _lasting(self.leak), _lasting(self.decay)

    @property
    def one_sided(self) -> NDArray[np.bool_]:
        """Neurons whose spikes a clipped sum does not change: nothing drives them down, or nothing to their threshold."""
        inhibited = self.current.by_neuron(lambda _, values: (values < 0).any(axis=0))
        pulled = inhibited | (self.bias < 0) | self.subtracts | (self.decay < 1)
        return np.asarray(self.idle | (np.isfinite(self.threshold) & (self.threshold >= 0) & ~pulled))


@dataclass(frozen=True, eq=False)
class Reach:
    """How far from rest each neuron gets: its current either way, its membrane before a reset below and above."""

    current: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def farthest(self) -> FloatArray:
        return np.asarray(np.maximum.reduce([self.current, self.low, self.high]))


def worst_case(drive: Drive) -> Reach:
    """What no input goes beyond (for `HORIZON` ticks, where nothing decays)."""
    leak, decay = drive.rates
    up, down = (
        drive.current.by_neuron(lambda _, values, sign=sign: np.maximum(sign * values, 0).sum(axis=0)) / decay
        for sign in (1, -1)
    )
    low = np.maximum((down + np.maximum(-drive.bias, 0)) / leak, -drive.reset)
    up_now = up + np.maximum(drive.bias, 0)
    return Reach(np.maximum(up, down) + np.abs(drive.start), low, _high(drive, up_now, up_now / leak))


def independent(drive: Drive) -> Reach:
    """What independent spikes of all sources at any rate up to one half hardly ever go beyond."""
    leak, decay = drive.rates
    mean = _RATE * drive.current.by_neuron(lambda _, values: values.sum(axis=0)) / decay
    noise = _RATE * (1 - _RATE) * drive.current.by_neuron(lambda _, values: np.einsum("ij,ij->j", values, values))
    kept, held = 1 - decay, 1 - leak
    current = _DEVIATIONS * np.sqrt(noise / (1 - kept**2))
    membrane = _DEVIATIONS * np.sqrt(noise * (1 + kept * held) / ((1 - kept**2) * (1 - held**2) * (1 - kept * held)))
    down, up = (np.maximum(sign * (mean + drive.bias), sign * drive.bias).clip(0) for sign in (-1, 1))
    low, high = down / leak + membrane, _high(drive, up + current, up / leak + membrane)
    return Reach(np.abs(mean) + current + np.abs(drive.start), np.maximum(low, -drive.reset), high)


def room_for(
    drive: Drive,
    seen: Reach | None,
    level: FloatArray,
    largest: FloatArray,
    goal: FloatArray,
    weight: IntType,
    state: IntType,
    *,
    graded: bool = False,
) -> FloatArray:
    """What must fit the state of each neuron: at least `level`, and beyond it as far as inputs drive the neuron.

    The worst case, if the weights keep their full range and the state's own rounding stays below a hundredth of the
    threshold with it. Or else what independent spikes reach, as long as the weights keep their full range; or, in their
    place, what the stimuli of `seen` reach, as long as the weights keep 16 levels; and in any case as much as costs
    nothing of that. Of graded input what independent values reach counts as stimuli do: a single axon's alone could take all of a range
    in which the weights keep theirs. largest: of the weights; goal: what the membrane is compared with.
    """
    whole = state.max * largest / weight.max
    coarse = state.max * np.minimum(largest, goal) / _LEVELS
    precise = np.minimum(whole, _STATE_ERROR * goal / np.maximum(_state_error(drive), 1e-30) * state.max)
    likely = np.minimum(independent(drive).farthest, coarse if graded else np.minimum(whole, coarse))
    if seen is not None:
        likely = np.minimum(seen.farthest * _MARGIN, coarse)
    wanted = np.minimum(worst_case(drive).farthest, np.maximum(precise, likely))
    return np.where(drive.one_sided, level, np.maximum(level, wanted))


def _state_error(drive: Drive) -> FloatArray:
    """What a membrane loses in the mean because its decay, and its current's, is rounded in each tick, in state units."""
    leak, decay = drive.rates
    membrane = np.where((drive.leak > 0) & (drive.leak < 1), 1.0, 0.0)
    current = np.where((drive.decay > 0) & (drive.decay < 1), 1 / decay, 0.0)
    return np.asarray((membrane + current) / leak / 2)


def _high(drive: Drive, up: FloatArray, free: FloatArray) -> FloatArray:
    """The most that a membrane is before its reset: up, what a tick adds at most; free: what it comes to if never reset."""
    leak, _ = drive.rates
    fires = np.isfinite(drive.threshold)
    threshold = np.where(fires, drive.threshold, 0)
    once = (1 - leak) * np.maximum.reduce([threshold, drive.reset, np.zeros_like(up)]) + up
    again = np.maximum(once, free - (1 - leak) / leak * threshold)
    return np.where(fires, np.where(drive.subtracts, again, once), free)


def _lasting(rates: FloatArray) -> FloatArray:
    return np.where(rates * (2 << DECAY.bits) >= 1, rates, 1 / HORIZON)
