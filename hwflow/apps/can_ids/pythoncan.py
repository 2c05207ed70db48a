"""What python-can reads, through python-can: candump's log, Vector's ASC and BLF, PEAK's TRC, its own CSV and database.

Its readers of text end at the first line that they stumble over. Here lines are handed to them one by one, so that it is
known which line each frame came from, and which line gave none; behind a line that raised, the reader goes on.
"""

import io
import re
import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hwflow.apps.can_ids.content import Line, is_comment
from hwflow.apps.can_ids.lines import NO_FRAME, Parsed, Unread, error_frame, fd_frame, frame, seconds_of
from hwflow.errors import MissingTool, in_a_line, needed

CAN_CSV_HEADER = "timestamp,arbitration_id,extended,remote,error,dlc,data"
_STUMBLES = (ValueError, IndexError, KeyError, TypeError, ArithmeticError, NotImplementedError, struct.error)
_LOG_ERROR = re.compile(r"\(([\d.]+)\)\s+\S+\s+[23][0-9A-Fa-f]{7}#")
_LOG_FD = re.compile(r"\(([\d.]+)\)\s+\S+\s+[0-9A-Fa-f]+##")
_LOG_CODE = re.compile(r"(#[0-9A-Fa-fR]*)_[0-9A-Fa-f]")  # candump -8 appends the DLC where it is above 8
_ASC_TIME = re.compile(r"\s*(\d+\.\d+)(\s.*)")
_ASC_REQUEST = re.compile(r"\s*[\d.]+\s+\d+\s+\S+\s+TxRq\s")
_ASC_EVENT = re.compile(
    r"\d+(\.\d+)?\s+(\d+\s+)?(start|end|log|trigger|statistic|status|overload|can\s+\d+\s+status|j1939tp|sv|ev|canfd\s+\d+\s+"
    r"status|li?\d|fr|eth|most|gps|a429|tfs|tf|watermark|macro|marker|//|begin)", re.I)  # fmt: skip
_ASC_HEADER = re.compile(r"date\s|base\s|(no\s+)?internal\s+events|//|begin\s+trigger|end\s+trigger|split", re.I)
_TRC_EVENT = re.compile(r"\s*\d+\)?\s+[\d.]+\s+(\d+\s+)?(ST|EC|ER|EV|Warng|Error|\S+\s+FFFFFFFF)\b")


class Lines:
    """A file of text for a reader of python-can, which notes the lines that were taken from it."""

    def __init__(self, lines: Iterator[Line], cleaned: Callable[[str], str | Unread], first: tuple[str, ...]) -> None:
        self._lines, self._cleaned, self._first = lines, cleaned, first
        self._ahead: list[str] = []
        self.taken: list[tuple[int, str | Unread]] = []  # since `settle` was called last
        self.ended = False

    def restart(self) -> None:
        """Give what the format begins with first, which is no line of the file."""
        self._ahead = list(self._first)

    def settle(self) -> list[tuple[int, str | Unread]]:
        """The lines taken since the last call."""
        taken, self.taken = self.taken, []
        return taken

    def close(self) -> None:
        """What a reader does at the end; the file is its owner's."""

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if self._ahead:
            return self._ahead.pop(0)
        for number, line in self._lines:
            # A reader might make a frame of a comment: it drops the first character, whatever it is.
            comment = is_comment(line)
            clean = line if comment else self._cleaned(line)
            self.taken.append((number, clean))
            if isinstance(clean, str) and not comment:
                return clean + "\n"
        self.ended = True
        raise StopIteration


@dataclass(frozen=True)
class TextForm:
    """A text format of python-can.

    reader: its class's name; options: of its constructor; first: lines that it must see first; cleaned: what to hand to
    it of a line, or why that is no frame; explained: why it made no frame of a line, None for a comment; bus: the name
    of a message's channel.
    """

    reader: str
    options: tuple[tuple[str, Any], ...] = ()
    first: tuple[str, ...] = ()
    cleaned: Callable[[str], str | Unread] = str
    explained: Callable[[str], Unread | None] = lambda line: NO_FRAME
    bus: Callable[[Any], str] = str

    def read(self, lines: Iterator[Line]) -> Iterator[tuple[int, Parsed]]:
        """Each line's number and what it gave."""
        source = Lines(lines, self.cleaned, self.first)
        reader = getattr(_python_can(), self.reader)(source, **dict(self.options))
        while not source.ended:
            source.restart()
            try:
                for message in reader:
                    *silent, (number, _) = source.settle()
                    yield from map(self._silent, silent)
                    yield number, of_message(message, self.bus(message.channel))
            except _STUMBLES:
                pass  # over the last line that it took
            yield from map(self._silent, source.settle())

    def _silent(self, line: tuple[int, str | Unread]) -> tuple[int, Parsed]:
        number, text = line
        if isinstance(text, Unread):
            return number, text
        return number, None if is_comment(text) else self.explained(text.strip())


def of_message(message: Any, bus: str) -> Parsed:
    """A message of python-can as a frame."""
    time = float(message.timestamp)
    if message.is_error_frame:
        return error_frame(time)
    if message.is_fd:
        return fd_frame(time)
    remote = message.is_remote_frame
    dlc = min(message.dlc, 8) if remote or len(message.data) == 8 else message.dlc  # its readers make 12 … 64 of 9 … 15
    return frame(time, message.arbitration_id, message.is_extended_id, dlc, bytes(message.data), bus, remote=remote)


def candump_log() -> TextForm:
    """`(1436509052.249713) vcan0 044#2A366C2BBA` (candump -L, -l)."""
    return TextForm("CanutilsLogReader", cleaned=_cleaned_candump)


def asc(head: Iterable[str]) -> tuple[str, TextForm]:
    """Vector's ASC, and its name; its header says in which base numbers are, and whether times go from line to line."""
    bases = [match for line in head if (match := re.match(r"\s*base\s+(hex|dec)(.*relative)?", line, re.I))]
    base = bases[0][1].lower() if bases else "hex"
    relative = bool(bases and bases[0][2])
    cleaned = _Absolute() if relative else _without_requests
    first = ("internal events logged",)  # with which the reader's header ends
    name = "Vector ASC, times from line to line" if relative else "Vector ASC"
    return name, TextForm("ASCReader", (("base", base),), first, cleaned, _explained_asc, _numbered)


def trc() -> TextForm:
    """PEAK's TRC."""
    return TextForm("TRCReader", explained=_explained_trc)


def can_csv() -> TextForm:
    """python-can's own CSV, which does not name a bus."""
    return TextForm("CSVReader", first=(CAN_CSV_HEADER,), explained=_explained_csv, bus=lambda channel: "")


def read_blf(stream: IO[bytes]) -> Iterator[tuple[int, Parsed]]:
    """The messages of Vector's BLF by their number; what cannot be read ends it, and so does the end of a part of one."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    number = 0
    try:
        reader = _python_can().BLFReader(stream)
        for number, message in enumerate(reader, 1):
            yield number, of_message(message, _numbered(message.channel))
    except (OSError, MissingTool):
        raise
    except Exception as error:  # a reader of a broken binary file raises what it likes
        yield number + 1, Unread(f"the file is broken here ({type(error).__name__}), and what follows is lost")
    else:
        if size < reader.file_size:
            yield number + 1, Unread(f"the file breaks off here, at {size:,} of {reader.file_size:,} bytes")


def read_database(path: Path) -> Iterator[tuple[int, Parsed]]:
    """The rows of python-can's SQLite database by their number."""
    reader = _python_can().SqliteReader(str(path))
    number = 0
    try:
        if row := _without_bytes(path):
            yield row, Unread("the data of this row are no bytes of a frame, and all rows are lost")
            return
        for number, message in enumerate(reader, 1):
            yield number, of_message(message, "")
    except (*_STUMBLES, sqlite3.Error) as error:
        yield number + 1, Unread(f"the database cannot be read here ({in_a_line(str(error))}), what follows is lost")
    finally:
        reader.stop()


def _without_bytes(path: Path) -> int | None:
    """The first row whose data are neither bytes nor absent: python-can would make as many bytes of a number. Raises sqlite3.Error."""
    with closing(sqlite3.connect(path)) as connection:
        wrong = connection.execute("SELECT min(rowid) FROM messages WHERE typeof(data) NOT IN ('blob', 'null')")
        row: int | None = wrong.fetchone()[0]
    return row


def _python_can() -> Any:
    with needed("Reading this log", "can"):
        import can
    return can


def _numbered(channel: int | None) -> str:
    """The channel as Vector counts it, from 1."""
    return "" if channel is None else str(channel + 1)


def _cleaned_candump(line: str) -> str | Unread:
    if match := _LOG_FD.match(line):
        return fd_frame(seconds_of(match[1]))
    if match := _LOG_ERROR.match(line):
        return error_frame(seconds_of(match[1]))
    return _LOG_CODE.sub(r"\1", line) if "_" in line else line


def _without_requests(line: str) -> str | Unread:
    return Unread("a request to send, not a frame", True) if _ASC_REQUEST.match(line) else line


class _Absolute:
    """Lines whose times count from the line before, with times that count from the first."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self, line: str) -> str | Unread:
        if match := _ASC_TIME.fullmatch(line):
            self._now += float(match[1])
            line = f"{self._now:.9f}{match[2]}"
        return _without_requests(line)


def _explained_asc(line: str) -> Unread | None:
    return None if _ASC_HEADER.match(line) or _ASC_EVENT.match(line) else NO_FRAME


def _explained_trc(line: str) -> Unread | None:
    if line.startswith(";"):
        return None
    return Unread("an event that is no frame", True) if _TRC_EVENT.match(line) else NO_FRAME


def _explained_csv(line: str) -> Unread | None:
    return None if line == CAN_CSV_HEADER else NO_FRAME
