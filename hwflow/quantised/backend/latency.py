"""The latency of a chain of units as a sum over units and over what lies between two neighbours.

Of a vector alone, from its last input beat to its last output beat. A unit gives its results at a fixed pace from its last
input beat on, nothing holds it up (FIFOs hold a vector where the reader is slower), and when its reader has taken the last
of them hangs on the two folds alone. The sum is `schedule.predict`'s latency to the cycle; tests hold the two together.
"""

from math import ceil

from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.streams import Resize, together
from hwflow.quantised.backend.units import MatrixUnit

_FIFO = 1  # cycles from a word's coming to its being offered


def at_ends(first: MatrixUnit) -> int:
    """Cycles at the net's input, in front of its first unit, and at its output."""
    return _FIFO + _FIFO * (not together(None, first, None))


def within_unit(unit: MatrixUnit | ArgMaxUnit) -> int:
    """Cycles from its last input beat to its last result."""
    return unit.latency + (_folds(unit) - 1) * unit.beats


def between(writer: MatrixUnit, reader: MatrixUnit | ArgMaxUnit) -> int:
    """Cycles from the writer's last result to the reader's last input beat."""
    resize = Resize(writer.size, writer.lanes, reader.lanes_in[0])
    if together(writer, reader, None if resize.pe == resize.simd else resize):
        return 0
    came = _FIFO + resize.packs
    if not resize.unpacks:
        return came
    words, slots = ceil(writer.size / resize.wide), resize.wide // resize.pe
    whole, last = resize.wide // resize.simd, ceil((writer.size - (words - 1) * resize.wide) / resize.simd)
    # Wide words come at an even pace but for the last one; their pieces leave one a cycle. So the first word or one of the
    # last two decides.
    results = [min((word + 1) * slots, _folds(writer)) for word in range(words)]
    left = [(words - 1 - word) * whole + last for word in range(words)]
    ends = [pieces - (results[-1] - result) * writer.beats for result, pieces in zip(results, left, strict=True)]
    return came + max(ends)


def _folds(unit: MatrixUnit | ArgMaxUnit) -> int:
    return 1 if isinstance(unit, ArgMaxUnit) else unit.folds
