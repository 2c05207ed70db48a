"""CAN 2.0 framing in Python, from the rules that the CAN specification 2.0 (Bosch, 1991) and ISO 11898-1 publish.

Bits are 0 (dominant) and 1 (recessive), one a bit time, as they are on the bus. `frame_bits` makes a frame's, `receive` says what a
receiver that only listens makes of any sequence of bits. Both are written for the whole of a frame at once, from positions and
lengths, and share nothing with the RTL, which goes bit by bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

STUFF, FORM, CRC = 1, 2, 3  # kinds of failure, numbered as in hwf_can.sv
EOF = 7
INTERMISSION = 3


@dataclass(frozen=True)
class Frame:
    """A data frame or a remote frame. `dlc` may be 9 to 15, which means 8 bytes; None: the length of `data`."""

    identifier: int
    extended: bool = False
    data: bytes = b""
    dlc: int | None = None
    remote: bool = False

    @property
    def length(self) -> int:
        """The DLC."""
        return len(self.data) if self.dlc is None else self.dlc


def number(value: int, width: int) -> list[int]:
    """The bits of a field, the most significant first."""
    return [value >> place & 1 for place in reversed(range(width))]


def value(bits: Sequence[int]) -> int:
    """The inverse of `number`."""
    return int("".join(map(str, bits)) or "0", 2)


def crc15(bits: Sequence[int]) -> int:
    """The remainder of the bits, as a polynomial times x^15, by x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1."""
    rest, divisor = value(bits) << 15, 0b1100010110011001
    while (excess := rest.bit_length() - 16) >= 0:
        rest ^= divisor << excess
    return rest


def stuff(bits: Sequence[int]) -> list[int]:
    """The bits with one of the other level behind each five equal ones; a stuff bit counts among those that follow."""
    out: list[int] = []
    for bit in bits:
        out.append(bit)
        if out[-5:] == [bit] * 5:
            out.append(1 - bit)
    return out


def header(frame: Frame) -> list[int]:
    """SOF to DLC, before stuffing."""
    remote = [int(frame.remote)]
    if frame.extended:
        first, second = frame.identifier >> 18, frame.identifier & (1 << 18) - 1
        arbitration = [*number(first, 11), 1, 1, *number(second, 18), *remote, 0, 0]
    else:
        arbitration = [*number(frame.identifier, 11), *remote, 0, 0]
    return [0, *arbitration, *number(frame.length, 4)]


def frame_bits(frame: Frame, *, crc_change: int = 0, ack: int = 0) -> list[int]:
    """The frame from SOF to the end of EOF, with stuff bits; `crc_change` is XORed into the CRC, `ack` is the ACK slot."""
    data = [] if frame.remote else [bit for byte in frame.data for bit in number(byte, 8)]
    covered = [*header(frame), *data]
    checked = [*covered, *number(crc15(covered) ^ crc_change, 15)]
    return [*stuff(checked), 1, ack, 1, *[1] * EOF]


def fd_bits(identifier: int, extended: bool, size: int) -> list[int]:
    """An FD frame without a switch of the bit rate, as a classic receiver sees it: `size` bits of no meaning follow FDF."""
    if extended:
        first, second = identifier >> 18, identifier & (1 << 18) - 1
        start = [0, *number(first, 11), 1, 1, *number(second, 18), 0, 1]
    else:
        start = [0, *number(identifier, 11), 0, 0, 1]
    return [*stuff([*start, *([0, 1, 1] * size)[:size]]), 1, 0, 1, *[1] * EOF]


@dataclass
class Heard:
    """What became of a frame that began: where (index of the bit), and what was seen of it.

    end: accepted, failed, passed_over, or open where the bits end within it.
    """

    start: int
    end: str = "open"
    at: int = -1
    failure: int = 0
    identifier: int | None = None
    extended: bool = False
    dlc: int | None = None
    data: list[int] = field(default_factory=list)  # the bytes that were complete
    payload_end: int | None = None  # index of the payload's last bit, or the DLC's


def receive(bits: Sequence[int], recessive: int = 11) -> tuple[list[Heard], list[int]]:
    """The frames that a listening receiver hears, and the indices at which an overload flag begins.

    recessive: how many recessive bits the receiver has seen in a row before the first bit.
    """
    frames: list[Heard] = []
    overloads: list[int] = []
    place = 0
    while place < len(bits):
        if bits[place] == 1:
            recessive += 1
            place += 1
        elif recessive >= 10:
            heard = _hear(bits, place)
            frames.append(heard)
            if heard.end == "open":
                break
            place = heard.at + 1
            # Behind a valid frame the bits of the ACK delimiter and of EOF count; behind an error its own bit.
            recessive = 7 if heard.failure == 0 and not _is_fd(heard) else bits[heard.at]
        else:
            if recessive >= 7:
                overloads.append(place)
            recessive = 0
            place += 1
    return frames, overloads


def _is_fd(heard: Heard) -> bool:
    return heard.end == "passed_over" and heard.dlc is None


class _Stuffed:
    """The bits of the stuffed part from SOF on; None where they end or where a stuff error ends them, which is then `error`."""

    def __init__(self, bits: Sequence[int], start: int) -> None:
        self.plain: list[int] = []
        self.places: list[int] = []  # of each plain bit, in `bits`
        self.error: int | None = None
        run, last, stuffing = 0, -1, False
        for place in range(start, len(bits)):
            bit = bits[place]
            if stuffing and bit == last:
                self.error = place
                return
            if not stuffing:
                self.plain.append(bit)
                self.places.append(place)
            run = run + 1 if bit == last and not stuffing else 1
            last, stuffing = bit, run == 5


def _hear(bits: Sequence[int], start: int) -> Heard:
    stuffed = _Stuffed(bits, start)
    plain, places = stuffed.plain, stuffed.places
    heard = Heard(start)

    def have(size: int) -> bool:
        """Whether so many plain bits came; where not, how the frame ended."""
        if len(plain) < size and stuffed.error is not None:
            heard.end, heard.at, heard.failure = "failed", stuffed.error, STUFF
        return len(plain) >= size

    if not have(14):
        return heard
    heard.extended = plain[13] == 1
    remote, mark = plain[12] == 1, 14  # of FDF
    if heard.extended:
        if not have(32):
            return heard
        heard.identifier = value(plain[1:12] + plain[14:32])
        if not have(33):
            return heard
        remote, mark = plain[32] == 1, 33
    else:
        heard.identifier = value(plain[1:12])
    if not have(mark + 1):
        return heard
    if plain[mark] == 1:
        heard.end, heard.at = "passed_over", places[mark]
        return heard
    body = mark + (6 if heard.extended else 5)  # behind the DLC
    if not have(body):
        return heard
    heard.dlc = value(plain[body - 4 : body])
    size = 0 if remote else min(heard.dlc, 8)
    there = [plain[body + 8 * i : body + 8 * i + 8] for i in range(size)]
    heard.data = [value(byte) for byte in there if len(byte) == 8]
    end = body + 8 * size
    if not have(end):
        return heard
    if not remote:
        heard.payload_end = places[end - 1]
    if not have(end + 16):  # the CRC and its delimiter, before which there may still be a stuff bit
        return heard
    delimiter = places[end + 15]
    crc_is_wrong = crc15(plain[:end]) != value(plain[end : end + 15])
    tail = [1, None, 1, *[1] * (EOF - 1)]
    for offset, level in enumerate(tail):
        place = delimiter + offset
        if place >= len(bits):
            return heard
        if offset == 2 and crc_is_wrong:
            heard.end, heard.at, heard.failure = "failed", place, CRC
            return heard
        if level is not None and bits[place] != level:
            heard.end, heard.at, heard.failure = "failed", place, FORM
            return heard
    heard.end, heard.at = "passed_over" if remote else "accepted", delimiter + len(tail) - 1
    return heard
