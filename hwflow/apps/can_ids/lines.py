"""One line of a text log to one frame: candump as people read it, HCRL's CSV without a header, HCRL's normal run."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

_HEX_BYTES = r"((?:[0-9A-Fa-f]{2}(?:\s+|$))*)"
_CANDUMP = re.compile(
    r"\s*(?:\((?P<time>[^)]{1,40})\)\s+)?(?P<bus>[^\s#]{1,64})\s+(?:[RT]X\s+(?:[-B]\s+[-E]\s+)?)?"
    r"(?P<identifier>[0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})\s+(?:\[(?P<length>\d{1,2})\]|\{(?P<code>[0-9A-Fa-f])\})\s*"
    rf"(?P<data>{_HEX_BYTES})(?P<rest>.*)",
    re.ASCII,  # other separators would be none to what reads the bytes
)
_HCRL_RUN = re.compile(
    r"\s*Timestamp:\s*(?P<time>\S{1,40})\s+ID:\s*(?P<identifier>[0-9A-Fa-f]{3,8})\s+(?P<flags>[01]{3})\s+"
    rf"DLC:\s*(?P<length>\d{{1,2}})\s*(?P<data>{_HEX_BYTES})",
    re.ASCII,
)
_IDENTIFIER = re.compile(r"[0-9A-Fa-f]{3,8}")
_BYTE = re.compile(r"[0-9A-Fa-f]{1,2}")
_NUMBER = re.compile(r"\d{1,19}(?:\.\d{0,9})?")
_LABEL = re.compile(r"[A-Za-z01][A-Za-z0-9 _-]{0,40}")


class Record(NamedTuple):
    """One frame of a log.

    time: seconds; extended: 29-bit identifier; dlc: 0 … 8 data bytes, `data` holds them (of a remote frame none); bus:
    as the log names it, empty where it does not; label: what the line says of an attack, in the log's own words.
    """

    time: float
    identifier: int
    extended: bool
    dlc: int
    data: bytes
    bus: str = ""
    label: tuple[str, ...] = ()


class Unread(NamedTuple):
    """Why a line gives no frame. known: such logs do hold such lines; time: seconds, where the line has one."""

    reason: str
    known: bool = False
    time: float | None = None


Parsed = Record | Unread | None  # None: a comment
LineParser = Callable[[str], Parsed]
NO_FRAME = Unread("not a frame of this format")


def fd_frame(time: float | None) -> Unread:
    """A CAN FD frame, which no feature is made of."""
    return Unread("a CAN FD frame", True, _finite(time))


def error_frame(time: float | None) -> Unread:
    """An error frame: the controller's report, not traffic."""
    return Unread("an error frame", True, _finite(time))


def _finite(time: float | None) -> float | None:
    return time if time is not None and math.isfinite(time) else None


def frame(
    time: float,
    identifier: int,
    extended: bool,
    dlc: int,
    data: bytes,
    bus: str = "",
    label: tuple[str, ...] = (),
    *,
    remote: bool = False,
) -> Record | Unread:
    """The frame, if there can be such a one. A DLC of 9 … 15 means eight data bytes (ISO 11898-1)."""
    if not all(isinstance(number, int) for number in (identifier, dlc)):
        return Unread("its identifier or length is no whole number")
    length = min(dlc, 8)
    if not math.isfinite(time) or time < 0:
        return Unread("its time is no time")
    if not 0 <= identifier <= (0x1FFFFFFF if extended else 0x7FF):
        return Unread(f"identifier {identifier:X} has more than {29 if extended else 11} bits", time=time)
    if not 0 <= dlc <= 15 or (len(data) != length and not remote):
        return Unread(f"its length is {dlc} and it has {len(data)} data bytes", time=time)
    return Record(time, identifier, extended, length, b"" if remote else data, bus, label)


def seconds_of(text: str) -> float | None:
    """Seconds of a time stamp: a number, or a date and a time of day (taken as UTC); None for what is neither."""
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def candump(line: str) -> Parsed:
    """` (1436509052.249713)  vcan0  044   [5]  2A 36 6C 2B BA`, with or without what -x and -a add."""
    if line.startswith("\t"):
        return None  # what -e says about the error frame before it
    match = _CANDUMP.fullmatch(line)
    if match is None:
        return NO_FRAME
    if match["time"] is None:
        return Unread("no time stamp (candump writes one with -L or -ta)")
    time = seconds_of(match["time"])
    if time is None:
        return Unread(f"{match['time']} is no time")
    digits, rest = match["identifier"], match["rest"].strip()
    identifier, extended = int(digits, 16), len(digits) == 8
    if "ERRORFRAME" in rest or (extended and identifier & 0x20000000):
        return error_frame(time)
    data = bytes.fromhex(match["data"])
    length = match["length"] or ""
    dlc = int(length) if length else int(match["code"], 16)
    if len(length) == 2 and (dlc <= 8 or len(data) > 8):  # FD frames have two digits there
        return fd_frame(time)
    remote = rest.startswith("remote request")
    if rest and not remote and not rest.startswith("'"):
        return NO_FRAME
    return frame(time, identifier, extended, dlc, data, match["bus"], remote=remote)


def hcrl_csv(line: str) -> Parsed:
    """`1478198376.389427,0316,8,05,21,68,09,21,21,00,6f,R`: data bytes, then whether it was injected, or nothing.

    R or 0: normal, T or 1: injected, or a name. Rows may be filled up with empty cells or zeros to eight data bytes.
    """
    cells = [cell.strip() for cell in line.split(",")]
    while cells and not cells[-1]:
        del cells[-1]
    if len(cells) < 3 or not _NUMBER.fullmatch(cells[0]) or not _IDENTIFIER.fullmatch(cells[1]):
        return NO_FRAME
    if not cells[2].isdecimal() or len(cells[2]) > 2:
        return NO_FRAME
    identifier, dlc, rest = int(cells[1], 16), int(cells[2]), cells[3:]
    length = min(dlc, 8)
    data, rest = rest[:length], rest[length:]
    if len(data) < length or not all(_BYTE.fullmatch(cell) for cell in data):
        return Unread(f"its length is {dlc}, and so many data bytes do not follow")
    padding, label = (rest[:-1], rest[-1:]) if _is_label(rest, len(cells) - 3) else (rest, [])
    if any(cell and not _BYTE.fullmatch(cell) for cell in padding) or not all(map(_LABEL.fullmatch, label)):
        return NO_FRAME
    values = bytes(int(cell, 16) for cell in data)
    return frame(float(cells[0]), identifier, identifier > 0x7FF, dlc, values, label=tuple(label))


def _is_label(rest: list[str], width: int) -> bool:
    """Whether the last cell behind the data bytes is a label. width: of all cells behind the length."""
    if not rest or re.fullmatch("[0-9A-Fa-f]{2}", rest[-1]):
        return False
    return len(rest) == 1 or width != 8 or rest[-1] not in ("0", "1")


def hcrl_run(line: str) -> Parsed:
    """`Timestamp: 1479121434.850202        ID: 0350    000    DLC: 8    05 28 84 66 6d 00 00 a2`."""
    match = _HCRL_RUN.fullmatch(line)
    time = seconds_of(match["time"]) if match else None
    if match is None or time is None:
        return NO_FRAME
    identifier = int(match["identifier"], 16)
    data, remote = bytes.fromhex(match["data"]), match["flags"][0] == "1"
    return frame(time, identifier, identifier > 0x7FF, int(match["length"]), data, remote=remote)
