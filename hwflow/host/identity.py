"""Who a board says it is: the payload of the reply to HELLO."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from hwflow.host.errors import WrongBoard
from hwflow.ints import IntType, vector_bytes

_LAYOUT = struct.Struct("<4sBBBB16sIII16sIIBBBB")
MAGIC = b"HWF1"
LINK_VERSION = 2
_VERSION_AT = 5
WRAP = 256  # of sequence numbers


class Kind(IntEnum):
    """The family of the net in a device."""

    DATAFLOW = 1
    SPIKING = 2
    GUARD = 3


@dataclass(frozen=True)
class VectorShape:
    """Elements of a vector and their type."""

    size: int
    kind: IntType

    @property
    def bytes(self) -> int:
        """Bytes of one vector as it is packed for the link."""
        return vector_bytes(self.size, self.kind)

    def __str__(self) -> str:
        return f"{self.size} x {self.kind}"


@dataclass(frozen=True)
class Identity:
    """A device's kind, sizes and the model and project it was built from.

    window: requests that may be under way; limit_cycles: clock cycles in which a dataflow device's net neither takes nor
    gives a byte before a request is called stalled, None for a device without such a limit; digest, build: first 16 bytes
    of the SHA-256 of the model, and of the build (`hwflow.shell.build_digest`); inputs: bytes of an input vector, axons,
    or identifiers of a guard's table; outputs: bytes of an output vector, neurons, or classes; clock_hz: its clock in Hz; vector_in, vector_out: the vectors
    of a dataflow device, None for others; session: a number that is new after each reset.
    """

    kind: Kind
    window: int
    limit_cycles: int | None
    digest: bytes
    build: bytes
    inputs: int
    outputs: int
    clock_hz: int
    vector_in: VectorShape | None
    vector_out: VectorShape | None
    session: int

    def matches(self, digest: str) -> bool:
        """Whether the device was built for the model with this SHA-256 digest, in hex."""
        return self.digest.hex() == digest[:32].lower()

    def is_build(self, build: str) -> bool:
        """Whether the device is the build with this digest, in hex."""
        return self.build.hex() == build[:32].lower()


def parse_identity(payload: bytes, session: int) -> Identity:
    """Read the payload of a reply to HELLO. Raises ValueError, whose text ends a sentence, if it is not that."""
    if len(payload) <= _VERSION_AT or not payload.startswith(MAGIC):
        raise ValueError("gives an identity that this hwflow cannot read")
    if payload[_VERSION_AT] != LINK_VERSION:
        raise ValueError(f"speaks version {payload[_VERSION_AT]} of the link and this hwflow version {LINK_VERSION}")
    if len(payload) != _LAYOUT.size:
        raise ValueError("gives an identity that this hwflow cannot read")
    _, kind, _, window, limit, digest, inputs, outputs, clock_hz, build, *vectors = _LAYOUT.unpack(payload)
    if kind not in set(Kind):
        raise ValueError(f"holds a net of kind {kind}, which this hwflow does not know")
    if not 1 <= window < WRAP // 2 or not clock_hz:
        raise ValueError(f"gives a window of {window} requests and a clock of {clock_hz} Hz, which cannot be")
    size_in, size_out, bits_in, signed_in, bits_out, signed_out = vectors
    return Identity(
        kind=Kind(kind),
        window=window,
        limit_cycles=1 << limit if limit else None,
        digest=digest,
        build=build,
        inputs=inputs,
        outputs=outputs,
        clock_hz=clock_hz,
        vector_in=_shape(size_in, bits_in, signed_in, inputs),
        vector_out=_shape(size_out, bits_out, signed_out, outputs),
        session=session,
    )


def demand_build(identity: Identity, name: str, build: str | None) -> None:
    """Raises WrongBoard if the board on the port `name` is another build than this one; None stands for any."""
    if build is not None and not identity.is_build(build):
        raise WrongBoard(
            f"The board on {name} holds another build ({identity.build.hex()[:12]}, with a clock of "
            f"{identity.clock_hz / 1e6:g} MHz) than the project's ({build[:12]}); program it with the project's bitstream."
        )


def _shape(size: int, bits: int, signed: int, size_in_bytes: int) -> VectorShape | None:
    if not bits:
        return None
    try:
        shape = VectorShape(size, IntType(bits, bool(signed)))
    except ValueError as error:
        raise ValueError(f"gives a type of its elements that cannot be ({error})") from None
    if shape.bytes != size_in_bytes:
        raise ValueError(f"says that a vector of {shape} takes {size_in_bytes} bytes, and not {shape.bytes}")
    return shape
