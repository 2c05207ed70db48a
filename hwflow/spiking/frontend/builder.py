"""Spiking nets made by hand, in the core's own integers (docs/neuron.md).

net = SpikingBuilder("detector")
bits = net.axons(20)
judge = net.neurons(1, threshold=60, leak=3277)
net.connect(bits, judge, weights, plastic=True)
network = net.build(outputs=[judge], learning=Learning(...))
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.fit import saturating_traces
from hwflow.spiking.learning import DECAY, Learning, Modulation
from hwflow.spiking.network import Neurons, SpikingNetwork, Start

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Group:
    """Axons, or neurons, of a net that is being made: `size` of them from number `first` on."""

    first: int
    size: int
    axons: bool


def _by_the_user(
    method: "Callable[Concatenate[SpikingBuilder, _P], _R]",
) -> "Callable[Concatenate[SpikingBuilder, _P], _R]":
    """What the net's parts refuse as a ValueError is the user's fault here, and is told with the net's name."""

    @wraps(method)
    def checked(self: "SpikingBuilder", /, *given: _P.args, **named: _P.kwargs) -> _R:
        try:
            return method(self, *given, **named)
        except ValueError as error:
            raise UserError(f"The net {self.name!r} cannot be made: {error}.") from None

    return checked


@dataclass
class SpikingBuilder:
    """A net that is being made. Its methods raise UserError for what no core can be.

    graded: its axons take values of 0 … 255, and not only spikes.
    """

    name: str
    graded: bool = False
    _axons: int = 0
    _size: int = 0
    _parameters: list[Neurons] = field(default_factory=list)
    _starts: list[Start] = field(default_factory=list)
    _synapses: list[tuple[Group, Group, IntArray, NDArray[np.bool_]]] = field(default_factory=list)
    _third: "_ThirdFactor | None" = None

    @_by_the_user
    def axons(self, count: int) -> Group:
        """`count` more axons."""
        self._axons += _positive(count)
        return Group(self._axons - count, count, axons=True)

    @_by_the_user
    def neurons(
        self,
        count: int,
        *,
        threshold: ArrayLike,
        leak: ArrayLike = 0,
        decay: ArrayLike = DECAY.max,
        bias: ArrayLike = 0,
        reset: ArrayLike = 0,
        refractory: ArrayLike = 0,
        subtract: ArrayLike = False,
        membrane: ArrayLike = 0,
    ) -> Group:
        """`count` more neurons; each parameter is one integer for all or one for each. membrane: what it starts from."""

        def spread(value: ArrayLike) -> IntArray:
            array = np.asarray(value)
            if array.dtype.kind not in "iu":
                raise ValueError(f"the parameters of neurons are integers, not {array.dtype}")
            return np.broadcast_to(array, (_positive(count),)).astype(np.int64)

        flags = np.broadcast_to(np.asarray(subtract, dtype=np.bool_), (count,)).copy()
        self._parameters.append(
            Neurons(
                threshold=spread(threshold),
                leak=spread(leak),
                decay=spread(decay),
                bias=spread(bias),
                reset=spread(reset),
                refractory=spread(refractory),
                subtract=flags,
            )
        )
        none = np.zeros(count, dtype=np.int64)
        self._starts.append(Start(spread(membrane), none, none))
        self._size += count
        return Group(self._size - count, count, axons=False)

    @_by_the_user
    def connect(self, source: Group, target: Group, weight: ArrayLike, *, plastic: ArrayLike = False) -> None:
        """Synapses from each of `source` to each of `target`: weight [source, target] or one integer, likewise plastic.

        Spikes of axons arrive in the same tick, those of neurons in the next. Raises UserError if `target` are axons,
        the shapes do not fit, or two of these were connected before.
        """
        if target.axons:
            raise ValueError("axons are the inputs of a net; connect to neurons")
        array = np.asarray(weight)
        if array.dtype.kind not in "iu":
            raise ValueError(f"weights are integers, not {array.dtype}")
        shape = (source.size, target.size)
        if any(_overlap(source, s) and _overlap(target, t) for s, t, _, _ in self._synapses):
            raise ValueError("these are connected already; give all weights at once")
        mask = np.broadcast_to(np.asarray(plastic, dtype=np.bool_), shape)
        self._synapses.append((source, target, np.broadcast_to(array, shape).astype(np.int64), mask))

    @_by_the_user
    def third_factor(
        self,
        *,
        closing: Group,
        modulators: Sequence[Group],
        free: Sequence[Group] = (),
        rate: int = 0,
        free_rate: int = 0,
        near_shift: int = 0,
        least: int = 0,
        most: int = 0,
    ) -> None:
        """Weights change by a factor of each neuron, at the end of a presentation, and not by STDP (docs/neuron.md).

        closing: the axon whose spike ends a presentation; modulators: axons and neurons whose weights bring the factor, the last
        ones of the net; free: neurons without a gate, the last ones of the net, and free_rate theirs. The rates and what
        opens a gate are as in `Modulation`. Raises UserError, here or from `build`, if the groups are not those.
        """
        if not closing.axons or closing.size != 1:
            raise ValueError("one axon closes a presentation")
        if any(group.axons for group in free):
            raise ValueError("a gate is a neuron's, and those without one are neurons")
        numbers = {"rate": rate, "free_rate": free_rate, "near_shift": near_shift, "least": least, "most": most}
        Modulation(0, 0, closing.first, 0, **numbers)
        self._third = _ThirdFactor(closing.first, tuple(modulators), tuple(free), numbers)

    @_by_the_user
    def build(
        self,
        *,
        outputs: Sequence[Group] = (),
        told: Sequence[Group] | None = None,
        learning: Learning | None = None,
        weight_shift: int = 0,
        dt: float | None = None,
        trace_bits: int = 8,
    ) -> SpikingNetwork:
        """The net. outputs: groups of neurons, in the order of the model's output; told: the last neurons of the net, whose spikes alone
        are told to the host, None for all; dt: seconds of a tick, if it has any.

        Warns of traces that saturate in a core with traces of `trace_bits`, the width that it is for.
        """
        if not self._parameters:
            raise ValueError("a net has at least one neuron")
        weight = np.zeros((self._axons + self._size, self._size), dtype=np.int64)
        plastic = np.zeros(weight.shape, dtype=np.bool_)
        for source, target, values, mask in self._synapses:
            row = source.first + (0 if source.axons else self._axons)
            at = slice(row, row + source.size), slice(target.first, target.first + target.size)
            weight[at], plastic[at] = values, mask
        chosen = [np.arange(group.first, group.first + group.size) for group in outputs if not group.axons]
        if len(chosen) < len(outputs):
            raise ValueError("outputs are neurons, not axons")
        parts = {name: [getattr(one, name) for one in self._parameters] for name in vars(self._parameters[0])}
        starts = {name: np.concatenate([getattr(one, name) for one in self._starts]) for name in vars(self._starts[0])}
        network = SpikingNetwork(
            name=self.name,
            weight=weight,
            neurons=Neurons(**{name: np.concatenate(arrays) for name, arrays in parts.items()}),
            plastic=plastic,
            weight_shift=weight_shift,
            learning=learning or Learning(),
            outputs=np.concatenate([*chosen, np.zeros(0, dtype=np.int64)]).astype(np.int64),
            start=Start(**starts) if starts["membrane"].any() else None,
            dt=dt,
            modulation=self._third.resolved(self._axons, self._size) if self._third else None,
            graded=self.graded,
            told=0 if told is None else _first_of_last(told, self._size, "neurons that are told"),
        )
        for sentence in saturating_traces(network, trace_bits):
            warnings.warn(sentence, stacklevel=3)  # the user's line: the decorator stands between
        return network


@dataclass(frozen=True)
class _ThirdFactor:
    """What `third_factor` was told; which numbers these are is known when the net is built."""

    closing: int
    modulators: tuple[Group, ...]
    free: tuple[Group, ...]
    numbers: dict[str, int]

    def resolved(self, axons: int, size: int) -> Modulation:
        return Modulation(
            modulating_axons=_first_of_last([one for one in self.modulators if one.axons], axons, "modulators"),
            modulating_neurons=_first_of_last([one for one in self.modulators if not one.axons], size, "modulators"),
            closing=self.closing,
            gated=_first_of_last(self.free, size, "neurons without a gate"),
            **self.numbers,
        )


def _first_of_last(groups: Sequence[Group], count: int, what: str) -> int:
    """Where these groups begin, which must be the last of `count`."""
    members = sorted(number for one in groups for number in range(one.first, one.first + one.size))
    first = count - len(members)
    if members != list(range(first, count)):
        raise ValueError(f"the {what} are the last axons and the last neurons; make their groups last")
    return first


def _positive(count: int) -> int:
    if count < 1:
        raise ValueError(f"a group has at least one member, not {count}")
    return count


def _overlap(one: Group, other: Group) -> bool:
    same = one.axons == other.axons
    return same and one.first < other.first + other.size and other.first < one.first + one.size
