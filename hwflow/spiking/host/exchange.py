"""STREAM on a spiking device (docs/neuron.md): stimuli out, spikes back, from the position at which the device is."""

import struct
from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation
from hwflow.ints import IntArray
from hwflow.spiking.host.ticks import TickStream
from hwflow.spiking.network import LARGEST

_HEAD = struct.Struct("<II")
REPLY_SPIKES = (PAYLOAD_LIMIT - _HEAD.size) // 4
_WRAP = 1 << 32
TICK_WRAP = (1 << 32) // LARGEST  # of the number of the tick with each spike, above the neuron's
_STEADINESS = 0.9  # of the mean of spikes a tick, from one reply to the next


class Exchange:
    """One stretch of ticks, shorter than TICK_WRAP. Give `commands` to a link and the replies to `take` until `finished`.

    position, ticks: of the device when it begins; most_ticks: that a request may start. A request that the device
    could not take in full, for lack of room for spikes, is followed by one from where it is; how much is sent at a time
    follows the spikes a tick that came back, so that this is rare.
    """

    def __init__(self, stream: TickStream, position: int, ticks: int, most_ticks: int) -> None:
        self._stream, self._base, self._first = stream, position, ticks
        self._most = most_ticks
        self._sent: deque[tuple[int, int]] = deque()  # offset and length of each request that waits for its reply
        self._next = self._offset = 0  # what is sent next if all goes well; where the device is
        self._spikes_a_tick = 0.0
        self._words: list[bytes] = []
        self._full = False
        self.ticks = 0  # done

    @property
    def finished(self) -> bool:
        """Whether every tick was done and every spike is here."""
        done = self._offset == len(self._stream.data) and self.ticks == self._stream.total
        return done and not self._full and not self._sent

    @property
    def position(self) -> int:
        """Where the device is in its stream."""
        return (self._base + self._offset) % _WRAP

    def commands(self) -> Iterator[Command]:
        """What is left to send; if that is nothing, a request for what is left to fetch."""
        if self._next == len(self._stream.data):
            yield self._command(b"")
        while self._next < len(self._stream.data):
            yield self._command(self._stream.data[self._next : self._end()])

    def take(self, reply: bytes) -> None:
        """Raises ValueError, whose text ends a sentence, if no device in order could have sent it."""
        if len(reply) < _HEAD.size or len(reply) % 4:
            raise ValueError(f"gave {len(reply)} bytes where position, ticks and spikes were due")
        (begun, length), before = self._sent.popleft(), (self._offset, self.ticks)
        position, ticks = _HEAD.unpack_from(reply)
        offset, done = (position - self._base) % _WRAP, (ticks - self._first) % _WRAP
        limit = begun + length if begun == self._offset else self._offset
        if not self._offset <= offset <= limit or not self.ticks <= done <= self._stream.ticks_at(offset):
            raise ValueError(f"is at position {position} and tick {ticks}, which its stimuli do not explain")
        self._offset, self.ticks = offset, done
        spikes = len(reply) // 4 - 2
        self._words.append(reply[_HEAD.size :])
        self._full = spikes == REPLY_SPIKES
        if begun == before[0] and (offset, done) == before and not spikes and not self.finished:
            raise ValueError("neither takes stimuli nor gives spikes")
        self._measure(spikes, done - before[1])
        self._next = offset
        for at, count in self._sent:
            self._next += count if at == self._next else 0

    def counts(self, presentations: int, neurons: int) -> IntArray:
        """The counts, [presentations, neurons], two in a word, of so many neurons from `told` on. Raises ValueError, as `take`."""
        words = np.frombuffer(b"".join(self._words), "<u2").astype(np.int64)
        wanted = presentations * (neurons + neurons % 2)
        if len(words) != wanted:
            raise ValueError(f"gave {len(words):,} counts where {wanted:,} were due")
        return words.reshape(presentations, -1)[:, :neurons]

    def spikes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ticks, counted from the first one of the exchange, and the neurons of all spikes, in order."""
        words = np.frombuffer(b"".join(self._words), dtype="<u4").astype(np.int64)
        return (words // LARGEST - self._first) % TICK_WRAP, words % LARGEST

    def _command(self, payload: bytes) -> Command:
        self._sent.append((self._next, len(payload)))
        command = Command(Operation.STREAM, (self._base + self._next) % _WRAP, payload)
        self._next += len(payload)
        return command

    def _end(self) -> int:
        """Where the next payload ends: so many ticks whose spikes one reply holds, and whose time is in bounds."""
        wanted: float = self._most
        if self._spikes_a_tick:
            wanted = min(wanted, (0.8 if self._full else 1.0) * REPLY_SPIKES / self._spikes_a_tick)
        end = self._stream.end_of(self._stream.ticks_at(self._next) + max(1, int(wanted)))
        return min(self._next + PAYLOAD_LIMIT, max(end, self._next + 1))

    def _measure(self, spikes: int, ticks: int) -> None:
        if ticks:
            rate = spikes / ticks
            seen = self._spikes_a_tick
            self._spikes_a_tick = _STEADINESS * seen + (1 - _STEADINESS) * rate if seen else rate
