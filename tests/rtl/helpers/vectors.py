"""Vectors of elements cut into beats, as the stream modules define it: element 0 lowest, what is missing is zero."""

from collections.abc import Sequence


def beats(vector: Sequence[int], per_beat: int, bits: int, filler: int = 0) -> list[int]:
    """The vector's beats of `per_beat` elements of `bits` bits; elements beyond the vector are `filler`."""
    count = -(-len(vector) // per_beat) * per_beat
    filled = list(vector) + [filler] * (count - len(vector))
    return [
        sum(element << (bits * i) for i, element in enumerate(filled[start : start + per_beat]))
        for start in range(0, count, per_beat)
    ]
