"""Stimuli as bytes of a STREAM (docs/neuron.md): each tick in its shortest form; lists before bits, and these before values; and orders
between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntFlag

import numpy as np

from hwflow.ints import IntArray
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.presentations import Presentations

_LISTED = 251  # axons, at most
_ORDER = 252
_VALUES, _RUN, _BITMAP = 253, 254, 255
_LONGEST_RUN = 65535


class Order(IntFlag):
    """What is done between ticks: the ticks that follow learn, or else do not; the counts are given and zeroed; the state is put to rest."""

    LEARN = 1
    GIVE = 2
    REST = 4

    @property
    def record(self) -> bytes:
        return bytes([_ORDER, self])


@dataclass(frozen=True, eq=False)
class TickStream:
    """Ticks as bytes, in records of one tick, of a run of ticks without a spike, or of an order, which is none.

    ends: of each record, the number of bytes up to its end; ticks: the number of ticks up to there.
    """

    data: bytes
    ends: IntArray
    ticks: IntArray

    @property
    def total(self) -> int:
        """Ticks in all."""
        return int(self.ticks[-1]) if len(self.ticks) else 0

    def ticks_at(self, offset: int) -> int:
        """Ticks that are complete with the first `offset` bytes."""
        record = int(np.searchsorted(self.ends, offset, side="right"))
        return int(self.ticks[record - 1]) if record else 0

    def end_of(self, ticks: int) -> int:
        """Bytes that complete so many ticks, or a few more, or all there are."""
        record = int(np.searchsorted(self.ticks, ticks, side="left"))
        return int(self.ends[min(record, len(self.ends) - 1)]) if len(self.ends) else 0


def encode_ticks(
    axon_spikes: AxonSpikes, axons: int, longest_run: int = _LONGEST_RUN, *, graded: bool = False
) -> TickStream:
    """The bytes of the axon spikes [ticks, at most `axons`] for a core of so many axons.

    longest_run: ticks without a spike that one record may stand for, 1 to 65535; graded: the core takes values, and a spike
    that has none is 1; else anything but zero is a spike.
    """
    return _joined(_records(axon_spikes, axons, longest_run, graded))


def encode_orders(*orders: Order) -> TickStream:
    """No tick at all."""
    return _joined((order.record, 0) for order in orders)


def encode_presentations(
    shown: Presentations, axons: int, longest_run: int = _LONGEST_RUN, *, give: bool, graded: bool = False
) -> TickStream:
    """Presentations, each behind an order that says whether it learns, and puts the state to rest where it begins so; as `encode_ticks`
    otherwise. give: the counts are given behind each."""
    return _joined(_presented(shown, axons, longest_run, give, graded))


def _presented(
    shown: Presentations, axons: int, longest_run: int, give: bool, graded: bool
) -> Iterator[tuple[bytes, int]]:
    nothing = Order(0)
    rest, given = Order.REST if shown.rest else nothing, Order.GIVE if give else nothing
    before: Order | None = None
    for axon_spikes, learn in zip(shown.axon_spikes, shown.learn.tolist(), strict=True):
        order = rest | (Order.LEARN if learn else nothing)
        if before is None or given | rest or order != before:
            yield (order if before is None else order | given).record, 0
        yield from _records(axon_spikes, axons, longest_run, graded)
        before = order
    if give and before is not None:
        yield (Order.LEARN & before | given).record, 0


def _joined(records: Iterable[tuple[bytes, int]]) -> TickStream:
    """records: and the ticks of each."""
    data, ticks = zip(*records, strict=True) if (records := list(records)) else ((), ())
    ends = np.cumsum([len(record) for record in data], dtype=np.int64)
    return TickStream(b"".join(data), ends, np.cumsum(ticks, dtype=np.int64))


def _records(axon_spikes: AxonSpikes, axons: int, longest_run: int, graded: bool) -> Iterator[tuple[bytes, int]]:
    """Records, and the ticks of each."""
    longest_run = min(longest_run, _LONGEST_RUN)
    times, numbers = axon_spikes.nonzero()
    busy, first = np.unique(times, return_index=True)
    before = 0
    for tick, spiking in zip(busy.tolist(), np.split(numbers, first[1:]), strict=False):
        yield from _silence(tick - before, longest_run)
        before = tick + 1
        yield _record(spiking, axon_spikes[tick], axons, graded), 1
    yield from _silence(len(axon_spikes) - before, longest_run)


def _record(spiking: IntArray, row: AxonSpikes, axons: int, graded: bool) -> bytes:
    """A tick in which these axons have a spike, of the values that are in its row."""
    kind = np.dtype("u1" if axons <= 256 else "<u2")
    bitmap_bytes, count, reach = -(-axons // 8), len(spiking), int(spiking[-1]) + 1
    listed = count * kind.itemsize if count <= _LISTED else bitmap_bytes + 1
    if graded and (2 + reach < min(listed, bitmap_bytes) or np.any(row[spiking] > 1)):
        return bytes([_VALUES, reach & 255, reach >> 8]) + row[:reach].astype(np.uint8).tobytes()
    if listed <= bitmap_bytes:
        return bytes([count]) + spiking.astype(kind).tobytes()
    bits = np.zeros(bitmap_bytes * 8, dtype=np.bool_)
    bits[spiking] = True
    return bytes([_BITMAP]) + np.packbits(bits, bitorder="little").tobytes()


def _silence(ticks: int, longest_run: int) -> Iterator[tuple[bytes, int]]:
    while ticks > 3 and longest_run > 3:
        run = min(ticks, longest_run)
        yield bytes([_RUN, run & 255, run >> 8]), run
        ticks -= run
    for _ in range(ticks):
        yield b"\0", 1
