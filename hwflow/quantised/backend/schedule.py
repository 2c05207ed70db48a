"""When each beat of a vector moves: the latency of a chain of units, to the cycle, without simulating it.

The model is the handshake of an idle pipeline: a beat moves in the first cycle in which both sides can, and no unit is
ever held up from behind, because every FIFO holds what can arrive while its reader is busy.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.quantised.backend.units import ArgMaxUnit, DenseUnit, Unit


@dataclass(frozen=True)
class Resize:
    """Between two units: beats of `pe` elements become beats of `simd`, through beats of `wide`."""

    size: int
    pe: int
    simd: int

    @property
    def wide(self) -> int:
        """The least width that both divide, or the whole vector if that is less."""
        return min(math.lcm(self.pe, self.simd), math.ceil(self.size / self.pe) * self.pe)


@dataclass(frozen=True)
class Prediction:
    """Cycles, counted from handshake to handshake.

    latency: from the last input beat of a vector that meets an idle pipeline to the last output beat;
    fill: the same from its first input beat, with an input beat each cycle;
    initiation_interval: between two vectors under way, which is the largest unit's folds * beats.
    """

    latency: int
    fill: int
    initiation_interval: int


def fifo_depth(unit: Unit, reader: Unit | None) -> int:
    """Beats the FIFO between two units holds: a whole vector where its reader takes beats in bursts, else two.

    A reader that works over its input in several passes takes no beats meanwhile, and one behind narrower beats takes
    them at another pace; with a vector's room the writer is never held up except by a reader that is the slower one.
    Beats are packed before the FIFO and unpacked behind it, so that a burst leaves it at a beat a cycle.
    """
    if not isinstance(reader, DenseUnit):
        return 2
    resize = resize_between(unit, reader)
    if reader.folds == 1 and (resize is None or resize.wide == resize.simd):
        return 2
    return max(2, math.ceil(reader.columns / (resize.wide if resize else reader.fold.simd)))


def resize_between(unit: Unit, reader: Unit) -> Resize | None:
    """What adapts the beats of `unit` to those of `reader`, if they differ."""
    if isinstance(unit, ArgMaxUnit) or isinstance(reader, ArgMaxUnit) or unit.fold.pe == reader.fold.simd:
        return None
    return Resize(unit.rows, unit.fold.pe, reader.fold.simd)


def predict(units: Sequence[Unit]) -> Prediction:
    """The latency and the initiation interval of a chain; the first and last unit have a FIFO outside them too."""
    first = units[0]
    arrivals = _fifo(list(range(first.beats)))
    for unit, reader in zip(units, [*units[1:], None], strict=True):
        resize = resize_between(unit, reader) if reader else None
        departures = _through(unit, arrivals)
        packed = _packed(resize, departures) if resize else departures
        arrivals = _unpacked(resize, _fifo(packed)) if resize else _fifo(packed)
    return Prediction(
        latency=arrivals[-1] - (first.beats - 1),
        fill=arrivals[-1],
        initiation_interval=max(unit.cycles for unit in units),
    )


def _fifo(pushes: list[int]) -> list[int]:
    """A FIFO offers what it was given in the next cycle."""
    return [push + 1 for push in pushes]


def _taken(arrivals: Sequence[int]) -> list[int]:
    """Cycles in which a unit takes beats: each when it is there, one a cycle."""
    taken: list[int] = []
    for arrival in arrivals:
        taken.append(max(arrival, taken[-1] + 1) if taken else arrival)
    return taken


def _through(unit: Unit, arrivals: list[int]) -> list[int]:
    last = _taken(arrivals)[-1]
    match unit:
        case DenseUnit():
            return [last + fold * unit.beats + unit.latency for fold in range(unit.folds)]
        case ArgMaxUnit():
            return [last + unit.latency]


def _packed(resize: Resize, arrivals: list[int]) -> list[int]:
    """A wide beat is there in the cycle after the one that completes it."""
    ratio = resize.wide // resize.pe
    if ratio == 1:
        return arrivals
    return [arrivals[min(last, len(arrivals) - 1)] + 1 for last in range(ratio - 1, len(arrivals) + ratio - 1, ratio)]


def _unpacked(resize: Resize, arrivals: list[int]) -> list[int]:
    """A wide beat is taken once the last piece of the one before is out; pieces follow from the next cycle on."""
    if resize.wide == resize.simd:
        return arrivals
    pieces = math.ceil(resize.size / resize.simd)
    out: list[int] = []
    for arrival in arrivals:
        start = max(arrival, out[-1]) if out else arrival
        count = min(-(-resize.wide // resize.simd), pieces - len(out))
        out.extend(range(start + 1, start + 1 + count))
    return out
