"""Requests to a device behind AXI, by a DMA: on the board itself, with PYNQ (docs/how-to/zynq.md)."""

import struct
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from hwflow.host.errors import Counters, WrongBoard
from hwflow.host.identity import Identity, parse_identity
from hwflow.host.overlay import OverlayCore
from hwflow.host.requests import PAYLOAD_LIMIT, Command, Requests, Status
from hwflow.host.words import refusal

_UNDER_WAY = 16  # requests of a packet: what a link has under way at most
_REQUEST = struct.Struct("<BBHI")  # operation, bytes of payload, nothing, address
_REPLY = struct.Struct("<BBH")  # status, bytes of payload, nothing
_WORD = 4  # bytes
REQUEST_BYTES, REPLY_BYTES = _REQUEST.size + PAYLOAD_LIMIT, _REPLY.size + PAYLOAD_LIMIT  # of the longest


class DmaRequests(Requests):
    """A conversation by a DMA with the core of an overlay. overlay, allocate: as of pynq; name: of the overlay, for messages.

    HELLO resets the net, since a bus inside a part keeps no session; so a call that was broken off in the middle of a
    transfer costs what the net held, and the next one raises DeviceReset where that matters.
    """

    def __init__(self, overlay: Any, allocate: Any, name: str) -> None:
        self._core, self._name = OverlayCore(overlay), name
        self._into = allocate(shape=(_UNDER_WAY * REQUEST_BYTES,), dtype=np.uint8)
        self._back = allocate(shape=(_UNDER_WAY * REPLY_BYTES,), dtype=np.uint8)
        self._identity: Identity | None = None
        self._sessions = self._answered = self._sent = self._received = 0

    @property
    def name(self) -> str:
        return self._name

    @property
    def counters(self) -> Counters:
        return Counters(requests=self._answered, repeated=0, replies=self._answered, stale=0, rejected=0, crc_errors=0,
                        length_errors=0, bytes_sent=self._sent, bytes_received=self._received)  # fmt: skip

    def hello(self) -> Identity:
        try:
            identity = parse_identity(self._core.identity(), self._sessions + 1)
        except ValueError as error:
            raise WrongBoard(
                f"The core of {self.name} {error}; load the bitstream that was built from the project."
            ) from None
        self._core.reset(self._back)
        self._sessions, self._identity = identity.session, identity
        return identity

    def identity(self) -> Identity:
        return self._identity or self.hello()

    def run(self, commands: Iterable[Command]) -> Generator[bytes, None, None]:
        self.identity()
        ahead = iter(commands)
        while asked := list(islice(ahead, _UNDER_WAY)):
            for command, (status, payload) in zip(asked, self._exchange(asked), strict=True):
                if status != Status.OK:
                    raise refusal(self.name, command, status, payload, self.counters)
                yield payload

    def close(self) -> None:
        """Free the buffers."""
        self._into.freebuffer()
        self._back.freebuffer()

    def _exchange(self, asked: Sequence[Command]) -> list[tuple[int, bytes]]:
        """A packet of requests there, and one of replies back: their status and payload."""
        packet = b"".join(map(packed, asked))
        self._into[: len(packet)] = np.frombuffer(packet, np.uint8)
        known, self._identity = self._identity, None  # until the transfer is whole, for one that is broken off
        self._core.transfer(self._into, len(packet), self._back, self._back.nbytes)
        self._identity = known
        replies = list(_replies(self._back.tobytes(), len(asked)))
        self._answered += len(asked)
        self._sent += len(packet)
        self._received += sum(_padded(_REPLY.size + len(payload)) for _, payload in replies)
        return replies


def _padded(count: int) -> int:
    """Bytes of whole words."""
    return -(-count // _WORD) * _WORD


def packed(command: Command) -> bytes:
    """A request as the stream takes it: whole words."""
    head = _REQUEST.pack(command.operation, len(command.payload), 0, command.address)
    return head + command.payload.ljust(_padded(len(command.payload)), b"\0")


def _replies(packet: bytes, count: int) -> Iterator[tuple[int, bytes]]:
    """Status and payload of so many replies, one behind the other."""
    at = 0
    for _ in range(count):
        status, length, _ = _REPLY.unpack_from(packet, at)
        at += _REPLY.size
        yield status, packet[at : at + length]
        at += _padded(length)
