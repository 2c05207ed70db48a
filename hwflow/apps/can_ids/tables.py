"""CSV whose first line names its columns, in any order: GVRET, and the data sets' own layouts."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwflow.apps.can_ids.content import Line, is_comment
from hwflow.apps.can_ids.lines import NO_FRAME, Parsed, Unread, error_frame, fd_frame, frame, seconds_of

_ROLES = {
    "time": "time timestamp timestamps ts timeoffset offset abstime reltime datetime",
    "identifier": "id canid identifier messageid msgid arbitrationid arbid address addr idhex frameid",
    "length": "dlc len length datalength datalen size dl",
    "data": "data datafield payload databytes datahex",
    "extended": "extended ext ide isextended isextendedid",
    "remote": "remote rtr isremote isremoteframe",
    "error": "error iserror iserrorframe",
    "bus": "bus channel interface iface canbus chn",
}  # fmt: skip
_ROLE = {word: role for role, words in _ROLES.items() for word in words.split()}
_LABELS = frozenset(("label", "class", "subclass", "category", "specificclass", "attack", "attacktype", "attackclass",
                     "flag", "target", "tag", "injected", "isattack", "anomaly", "malicious"))  # fmt: skip
_BYTE_COLUMN = re.compile(r"(?:d|b|data|byte|databyte)(\d)")
_UNIT = re.compile(r"[\s_(\[](ns|us|µs|ms|s|sec|seconds)[)\]]?$", re.I)
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "seconds": 1.0}
_TRUE = frozenset(("1", "true", "t", "yes", "x", "ext", "extended"))


@dataclass(frozen=True)
class Table:
    """Where what stands. columns: by role; data: the columns of the data bytes; labels: those that tell attacks.

    base: of identifiers and data bytes, 10 or 16; scale: seconds of the unit of time.
    """

    header: tuple[str, ...]
    delimiter: str
    columns: dict[str, int]
    data: tuple[int, ...]
    labels: tuple[int, ...]
    base: int
    scale: float

    @property
    def timed(self) -> bool:
        """Whether frames have times."""
        return "time" in self.columns

    @property
    def name(self) -> str:
        """What the file is, for people."""
        unit = {1e-3: "ms", 1e-6: "µs", 1e-9: "ns"}.get(self.scale)
        facts = [*(["decimal numbers"] if self.base == 10 else []), *([f"times in {unit}"] if unit else [])]
        return "CSV with a header" + (f" ({', '.join(facts)})" if facts else "")

    def read(self, lines: Iterator[Line]) -> Iterator[tuple[int, Parsed]]:
        """Each line's number and what it gave."""
        for number, line in lines:
            yield number, None if is_comment(line) else self._row(line)

    def _row(self, line: str) -> Parsed:
        cells = _cells(line, self.delimiter)
        if cells is None or len(cells) <= self.columns["identifier"]:
            return NO_FRAME
        if cells == list(self.header):
            return None  # it is repeated where files were joined
        time = 0.0
        if self.timed:
            stamp = seconds_of(self._cell(cells, "time").replace(",", "."))
            if stamp is None:
                return Unread(f"{self._cell(cells, 'time') or 'nothing'} is no time")
            time = stamp * self.scale
        if self._cell(cells, "error").lower() in _TRUE:
            return error_frame(time)
        try:
            identifier = _number(self._cell(cells, "identifier"), self.base)
            data = self._data(cells)
            length = self._cell(cells, "length")
            dlc = int(length) if length else len(data)
        except ValueError:
            return Unread("its identifier, length or data are no numbers", time=time)
        remote = self._cell(cells, "remote").lower() in _TRUE
        extended = self._cell(cells, "extended").lower() in _TRUE or identifier > 0x7FF
        if len(data) > 8 or (dlc > 8 and len(data) > 8):
            return fd_frame(time)
        bus, label = self._cell(cells, "bus"), self._label(cells, dlc)
        return frame(time, identifier, extended, dlc, data, bus, label, remote=remote)

    def _cell(self, cells: Sequence[str], role: str) -> str:
        column = self.columns.get(role, len(cells))
        return cells[column] if column < len(cells) else ""

    def _data(self, cells: Sequence[str]) -> bytes:
        if not self.data:
            text = re.sub(r"0[xX]|[\s:\-_]", "", self._cell(cells, "data"))
            return bytes.fromhex(text)
        length = self._cell(cells, "length")
        columns = self.data[: int(length)] if length else self.data
        values = [cells[column] for column in columns if column < len(cells)]
        while values and not values[-1]:
            del values[-1]
        return bytes(_number(value, self.base) for value in values)

    def _label(self, cells: Sequence[str], dlc: int) -> tuple[str, ...]:
        told = tuple(cells[column] for column in self.labels if column < len(cells) and cells[column])
        if told or not self.labels or not self.data:
            return told
        # HCRL's rows end behind the last data byte, whatever the header says.
        behind = [cells[column] for column in self.data[dlc:] if column < len(cells) and cells[column]]
        return tuple(behind[-1:])


def find_table(head: Sequence[str]) -> Table | None:
    """The layout that the first lines show, or None if the first of them names no identifier and data."""
    if not head:
        return None
    delimiter = max(",;\t|", key=head[0].count)
    header = _cells(head[0], delimiter) or []
    words = [re.sub(r"[^a-z0-9]", "", _UNIT.sub("", name).lower()) for name in header]
    columns: dict[str, int] = {}
    for column, word in enumerate(words):
        if role := _ROLE.get(word):
            columns.setdefault(role, column)
    numbered = sorted(
        (int(match[1]), column) for column, word in enumerate(words) if (match := _BYTE_COLUMN.fullmatch(word))
    )
    data = tuple(column for _, column in numbered)
    if "identifier" not in columns or not (data or "data" in columns):
        return None
    labels = tuple(column for column, word in enumerate(words) if word in _LABELS)
    rows = [cells for line in head[1:] if (cells := _cells(line, delimiter))]
    base = 10 if _is_decimal(rows, data, columns["identifier"]) else 16
    return Table(tuple(header), delimiter, columns, data, labels, base, _scale(header, rows, columns, bool(data)))


def _cells(line: str, delimiter: str) -> list[str] | None:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return None


def _number(text: str, base: int) -> int:
    if not re.fullmatch(r"(0[xX])?[0-9A-Fa-f]+", text):
        raise ValueError(text)
    return int(text, 16 if text[:2] in ("0x", "0X") else base)


def _is_decimal(rows: list[list[str]], data: tuple[int, ...], identifier: int) -> bool:
    """Hexadecimal bytes have letters or at most two digits, decimal ones reach three digits and never have letters."""
    cells = [row[column] for row in rows for column in (*data, identifier) if column < len(row)]
    bytes_ = [row[column] for row in rows for column in data if column < len(row)]
    return any(len(cell) == 3 and cell.isdecimal() for cell in bytes_) and all(c.isdecimal() for c in cells if c)


def _scale(header: list[str], rows: list[list[str]], columns: dict[str, int], split: bool) -> float:
    """Seconds of the unit of time: as the header says, GVRET's microseconds, or what makes an integer a date."""
    if "time" not in columns:
        return 1.0
    at = columns["time"]
    if unit := _UNIT.search(header[at]):
        return _SECONDS[unit[1].lower()]
    stamps = [row[at] for row in rows if at < len(row) and row[at]]
    if not stamps or not all(stamp.isdecimal() for stamp in stamps):
        return 1.0
    greatest = max(map(int, stamps))
    for limit, scale in ((10**17, 1e-9), (10**14, 1e-6), (10**11, 1e-3)):
        if greatest > limit:
            return scale
    return 1e-6 if split and {"extended", "bus", "length"} <= columns.keys() else 1.0
