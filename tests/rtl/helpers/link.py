"""Frames, requests and replies of docs/link.md, written anew for the tests of the device (the host has its own)."""

import zlib
from dataclasses import dataclass

from cobs import cobs

HELLO, READ, WRITE, STREAM = 1, 2, 3, 4
OK, BAD_OPERATION, BAD_ADDRESS, BAD_LENGTH, BAD_SEQUENCE, NO_SESSION, STALLED = range(7)


def frame(body: bytes) -> bytes:
    """The frame of header and payload, with its checksum."""
    return b"\0" + cobs.encode(body + zlib.crc32(body).to_bytes(4, "little")) + b"\0"


def request(sequence: int, operation: int, address: int = 0, payload: bytes = b"") -> bytes:
    """The frame of a request."""
    header = bytes([sequence & 255, operation]) + address.to_bytes(4, "little") + bytes([len(payload)])
    return frame(header + payload)


@dataclass(frozen=True)
class Reply:
    """A reply as it came."""

    sequence: int
    status: int
    session: int
    payload: bytes


def decode(data: bytes) -> bytes:
    """Header and payload of the one frame in `data`, both its 0x00 included; any fault is an AssertionError."""
    assert data[:1] == data[-1:] == b"\0", data.hex()
    assert 0 not in data[1:-1], data.hex()
    body = cobs.decode(data[1:-1])
    assert zlib.crc32(body[:-4]) == int.from_bytes(body[-4:], "little"), body.hex()
    assert body[6] == len(body) - 11 <= 240, body.hex()
    return body[:-4]


def reply(data: bytes) -> Reply:
    """The reply in one frame."""
    body = decode(data)
    return Reply(body[0], body[1], int.from_bytes(body[2:6], "little"), body[7:])
