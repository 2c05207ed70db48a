"""Who a board says it is: the payload of the reply to HELLO."""

import struct
from dataclasses import dataclass
from enum import IntEnum

_LAYOUT = struct.Struct("<4sBBH16sIII")
MAGIC = b"HWF1"
LINK_VERSION = 1


class Kind(IntEnum):
    """The family of the net in a device."""

    DATAFLOW = 1
    SPIKING = 2


@dataclass(frozen=True)
class Identity:
    """A device's kind, sizes and the model it was built for.

    digest: first 16 bytes of the model's SHA-256; inputs: bytes of an input vector, or axons; outputs: bytes of an
    output vector, or neurons; clock_hz: its clock in Hz; session: a number that is new after each reset.
    """

    kind: Kind
    digest: bytes
    inputs: int
    outputs: int
    clock_hz: int
    session: int

    def matches(self, digest: str) -> bool:
        """Whether the device was built for the model with this SHA-256 digest, in hex."""
        return self.digest.hex() == digest[:32].lower()


def parse_identity(payload: bytes, session: int) -> Identity:
    """Read the payload of a reply to HELLO. Raises ValueError, whose text ends a sentence, if it is not that."""
    if len(payload) != _LAYOUT.size or not payload.startswith(MAGIC):
        raise ValueError("gives an identity that this hwflow cannot read")
    _, kind, version, _, digest, inputs, outputs, clock_hz = _LAYOUT.unpack(payload)
    if version != LINK_VERSION:
        raise ValueError(f"speaks version {version} of the link and this hwflow version {LINK_VERSION}")
    if kind not in set(Kind):
        raise ValueError(f"holds a net of kind {kind}, which this hwflow does not know")
    return Identity(Kind(kind), digest, inputs, outputs, clock_hz, session)
