"""One line of a text log to one frame: candump, HCRL's CSV and HCRL's normal run."""

import re
from collections.abc import Callable
from typing import NamedTuple

_HEX_BYTES = rb"((?:[0-9A-Fa-f]{2}\s+){0,8})"
_CANDUMP_LOG = re.compile(rb"\((\d{1,19}(?:\.\d{1,9})?)\)\s+\S{1,64}\s+([0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})#([0-9A-Fa-fR]{0,17})(?:\s+[RT])?\s*")  # fmt: skip
_CANDUMP = re.compile(rb"\s*\((\d{1,19}(?:\.\d{1,9})?)\)\s+\S{1,64}\s+(?:[RT]X\s+[-\w]+\s+)?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{8})\s+\[(\d)\]\s+" + _HEX_BYTES)  # fmt: skip
_HCRL_RUN = re.compile(rb"Timestamp:\s*(\d{1,19}(?:\.\d{1,9})?)\s+ID:\s*([0-9A-Fa-f]{3,8})\s+[01]{3}\s+DLC:\s*(\d)\s+" + _HEX_BYTES)  # fmt: skip
_NUMBER = re.compile(rb"\d{1,19}(?:\.\d{1,9})?")
_IDENTIFIER = re.compile(rb"[0-9A-Fa-f]{3,8}")
_BYTE = re.compile(rb"[0-9A-Fa-f]{1,2}")


class Record(NamedTuple):
    """One frame of a text log: seconds, identifier, 29-bit identifier, data bytes, marked as injected."""

    time: float
    identifier: int
    extended: bool
    dlc: int
    data: bytes
    injected: bool


LineParser = Callable[[bytes], Record | None]


def candump_log(line: bytes) -> Record | None:
    """`(1436509052.249713) vcan0 044#2A366C2BBA` (candump -L, -l); CAN FD and error frames are no frames here."""
    match = _CANDUMP_LOG.fullmatch(line)
    if match is None:
        return None
    time, identifier, data = match.groups()
    if data[:1] == b"R":
        dlc = int(data[1:2] or b"0")
        return _record(time, identifier, len(identifier) == 8, dlc, b"", remote=True) if len(data) <= 2 else None
    if b"R" in data or len(data) % 2 or len(data) > 16:
        return None
    return _record(time, identifier, len(identifier) == 8, len(data) // 2, bytes.fromhex(data.decode()))


def candump(line: bytes) -> Record | None:
    """` (1436509052.249713)  vcan0  044   [5]  2A 36 6C 2B BA` (candump with a time stamp)."""
    match = _CANDUMP.fullmatch(line + b" ")
    if match is None:
        return None
    time, identifier, dlc, data = match.groups()
    return _record(time, identifier, len(identifier) == 8, int(dlc), bytes.fromhex(data.decode()))


def hcrl_csv(line: bytes) -> Record | None:
    """`1478198376.389427,0316,8,05,21,68,09,21,21,00,6f,R`: DLC bytes, then R (normal) or T (injected)."""
    cells = line.strip().split(b",")
    if not 4 <= len(cells) <= 12 or cells[-1] not in (b"R", b"T"):
        return None
    time, identifier, dlc, *data, flag = cells
    good = _NUMBER.fullmatch(time) and _IDENTIFIER.fullmatch(identifier) and len(dlc) == 1 and dlc.isdigit()
    if not good or not all(_BYTE.fullmatch(cell) for cell in data):
        return None
    extended = int(identifier, 16) > 0x7FF
    values = bytes(int(cell, 16) for cell in data)
    return _record(time, identifier, extended, int(dlc), values, injected=flag == b"T")


def hcrl_run(line: bytes) -> Record | None:
    """`Timestamp: 1479121434.850202        ID: 0350    000    DLC: 8    05 28 84 66 6d 00 00 a2`."""
    match = _HCRL_RUN.fullmatch(line + b" ")
    if match is None:
        return None
    time, identifier, dlc, data = match.groups()
    return _record(time, identifier, int(identifier, 16) > 0x7FF, int(dlc), bytes.fromhex(data.decode()))


LINE_PARSERS: tuple[LineParser, ...] = (candump_log, candump, hcrl_csv, hcrl_run)


def _record(
    time: bytes,
    identifier: bytes,
    extended: bool,
    dlc: int,
    data: bytes,
    *,
    injected: bool = False,
    remote: bool = False,
) -> Record | None:
    value = int(identifier, 16)
    if dlc > 8 or value > (0x1FFFFFFF if extended else 0x7FF) or (len(data) != dlc and not remote):
        return None
    return Record(float(time), value, extended, dlc, data, injected)
