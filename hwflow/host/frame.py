"""Frames of the link: 0x00 | COBS( header, payload, CRC-32 ) | 0x00 (see docs/link.md).

Request and reply share one layout, little endian: sequence (1 byte), operation or status (1), address or session (4),
payload length (1), payload (0 to 240), CRC-32 of all that (4).
"""

import struct
from dataclasses import dataclass
from typing import Generic, TypeVar

from cobs import cobs
from fastcrc import crc32

from hwflow.host.requests import PAYLOAD_LIMIT

_HEADER = struct.Struct("<BBIB")
_CRC = struct.Struct("<I")
_OVERHEAD = _HEADER.size + _CRC.size
_BODY_LIMIT = _OVERHEAD + PAYLOAD_LIMIT
_CODED_LIMIT = _BODY_LIMIT + 1
FRAME_LIMIT = _CODED_LIMIT + 2  # bytes of the longest frame on the wire


@dataclass(frozen=True)
class Request:
    """What the host sends. sequence: 0…255; address: 0…2^32-1; payload: 0 to 240 bytes."""

    sequence: int
    operation: int
    address: int
    payload: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What the device answers. sequence: that of the request; session: 0…2^32-1, new after every reset."""

    sequence: int
    status: int
    session: int
    payload: bytes = b""


Frame = TypeVar("Frame", bound=Request | Reply)


def encode(frame: Request | Reply) -> bytes:
    """The bytes of a frame on the wire, both zeros included.

    Raises ValueError if a field is out of range or the payload is longer than 240 bytes.
    """
    if len(frame.payload) > PAYLOAD_LIMIT:
        raise ValueError(f"a frame carries at most {PAYLOAD_LIMIT} bytes, not {len(frame.payload)}")
    if isinstance(frame, Request):
        code, word = frame.operation, frame.address
    else:
        code, word = frame.status, frame.session
    try:
        body = _HEADER.pack(frame.sequence, code, word, len(frame.payload)) + frame.payload
    except struct.error as error:
        raise ValueError(f"a field of {frame} is out of range ({error})") from None
    return b"\0" + bytes(cobs.encode(body + _CRC.pack(crc32.iso_hdlc(body)))) + b"\0"


class Decoder(Generic[Frame]):
    """Finds frames in bytes that come in pieces of any size; after a disturbance the next 0x00 starts afresh.

    good, crc_errors, length_errors: how many frames were accepted; had a wrong CRC; were too short, too long, of a
    length other than they say, or broken COBS.
    """

    def __init__(self, kind: type[Frame]) -> None:
        self._kind = kind
        self._coded = bytearray()  # since the last zero; never longer than _CODED_LIMIT + 1
        self.good = 0
        self.crc_errors = 0
        self.length_errors = 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that these bytes complete, in order."""
        *ended, rest = data.split(b"\0")
        frames = []
        for piece in ended:
            self._append(piece)
            if self._coded:
                frame = self._decode(bytes(self._coded))
                if frame is not None:
                    frames.append(frame)
            self._coded.clear()
        self._append(rest)
        return frames

    def _append(self, piece: bytes) -> None:
        self._coded += piece[: _CODED_LIMIT + 1 - len(self._coded)]

    def _decode(self, coded: bytes) -> Frame | None:
        try:
            body = bytes(cobs.decode(coded)) if len(coded) <= _CODED_LIMIT else b""
        except cobs.DecodeError:
            body = b""
        if not _OVERHEAD <= len(body) <= _BODY_LIMIT or len(body) != _OVERHEAD + body[_HEADER.size - 1]:
            self.length_errors += 1
            return None
        content = body[: -_CRC.size]
        if crc32.iso_hdlc(content) != _CRC.unpack(body[-_CRC.size :])[0]:
            self.crc_errors += 1
            return None
        self.good += 1
        sequence, code, word, _ = _HEADER.unpack_from(content)
        return self._kind(sequence, code, word, content[_HEADER.size :])
