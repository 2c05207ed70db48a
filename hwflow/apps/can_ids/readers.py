"""A log file to a LogFile: which format it is, told by its content, and what each of its lines gave."""

import io
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from hwflow.apps.can_ids import pythoncan
from hwflow.apps.can_ids.content import (
    BROKEN_PACKING,
    Line,
    encoding_of,
    first_lines,
    head_of,
    is_comment,
    lines_of,
    unpacked,
)
from hwflow.apps.can_ids.lines import NO_FRAME, LineParser, Parsed, Record, candump, hcrl_csv, hcrl_run
from hwflow.apps.can_ids.logfile import Columns, LogFile, Skipped
from hwflow.apps.can_ids.road import labelled_beside
from hwflow.apps.can_ids.tables import find_table
from hwflow.errors import UserError

UNKNOWN_SHARE = 0.01  # of the lines, more than which are not this format's
FORMATS = ("candump (-L, or with a time stamp), Vector ASC or BLF, PEAK TRC, python-can's CSV or database, GVRET's CSV, HCRL's "
           "files, or CSV whose header names time, identifier and data")  # fmt: skip
_LINE_PARSERS: tuple[tuple[str, LineParser], ...] = (
    ("candump", candump),
    ("HCRL's CSV", hcrl_csv),
    ("HCRL's normal run", hcrl_run),
)
_CANDUMP_LOG = re.compile(r"\([^)]+\)\s+\S+\s+[0-9A-Fa-f]{3,8}#")
_ASC = re.compile(r"\s*base\s+(hex|dec)\b|\s*\d+\.\d+\s+\d+\s+[0-9A-Fa-f]+x?\s+[RT]x\s+[dr]\b", re.I)
_TRC = re.compile(r"\s*\d+\)?\s+\d+\.\d+\s+(\d+\s+|DT\s+)?([RT]x|DT|[0-9A-Fa-f]{4,8})\s")

Read = Callable[[Iterator[Line]], Iterator[tuple[int, Parsed]]]


@dataclass(frozen=True)
class _Form:
    name: str
    read: Read
    timed: bool = True


def read_log(path: Path, limit: int | None = None) -> LogFile:
    """Read up to `limit` frames. Every line is a frame, a comment or one of `skipped`; labels may lie beside the file (`road`).

    Raises UserError if the file cannot be read, if more than one line in a hundred is none that its format knows, or if
    it holds no classic CAN frame at all.
    """
    return labelled_beside(_read(path, limit))


def _read(path: Path, limit: int | None) -> LogFile:
    try:
        with unpacked(path) as stream:
            head = head_of(stream)
            if head.startswith(b"LOGG"):
                return _collected(path, "Vector BLF", pythoncan.read_blf(stream), limit)
            if head.startswith(b"SQLite format 3\0"):
                with _as_file(stream) as database:
                    return _collected(path, "python-can's database", pythoncan.read_database(database), limit)
            form = _form_of(first_lines(head))
            if form is None:
                raise UserError(f"{path} holds no CAN frame that could be read; give {FORMATS}.")
            with closing(lines_of(stream, encoding_of(head))) as lines:
                return _collected(path, form.name, form.read(lines), limit, form.timed)
    except BROKEN_PACKING:
        raise UserError(f"{path} cannot be unpacked; pack it again, or give the log itself.") from None
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}); give a CAN log file.") from None


def _form_of(head: Sequence[str]) -> _Form | None:
    """The format that the first lines show: by its header, else that which most of them have."""
    if not head:
        return None
    if head[0].strip() == pythoncan.CAN_CSV_HEADER:
        return _Form("python-can's CSV", pythoncan.can_csv().read)
    if head[0].startswith(";"):
        return _Form("PEAK TRC", pythoncan.trc().read)
    if table := find_table(head):
        return _Form(table.name, table.read, table.timed)
    name, text = pythoncan.asc(head)
    asc = _Form(name, text.read)
    if any(line.lower().strip().startswith("base ") and _ASC.match(line) for line in head[:20]):
        return asc
    sample = head[:200]
    shares = [
        (sum(map(bool, map(_CANDUMP_LOG.match, sample))), _Form("candump -L", pythoncan.candump_log().read)),
        (sum(map(bool, map(_ASC.match, sample))), asc),
        (sum(map(bool, map(_TRC.match, sample))), _Form("PEAK TRC", pythoncan.trc().read)),
        *(
            (sum(map(partial(_knows, parse), sample)), _Form(name, partial(_parsed, parse)))
            for name, parse in _LINE_PARSERS
        ),
    ]
    most, form = max(shares, key=lambda entry: entry[0])
    return form if most else None


def _knows(parse: LineParser, line: str) -> bool:
    made = parse(line)
    return made is not None and made != NO_FRAME


def _parsed(parse: LineParser, lines: Iterator[Line]) -> Iterator[tuple[int, Parsed]]:
    for number, line in lines:
        yield number, None if is_comment(line) else parse(line)


@contextmanager
def _as_file(stream: IO[bytes]) -> Iterator[Path]:
    """A copy on disk, since the database's reader takes no stream; what reading does to it does not reach the user's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, io.DEFAULT_BUFFER_SIZE)
        yield path


def _collected(
    path: Path, form: str, events: Iterator[tuple[int, Parsed]], limit: int | None, timed: bool = True
) -> LogFile:
    columns = Columns()
    skipped: list[Skipped] = []
    strange: list[Skipped] = []
    kinds: Counter[str] = Counter()
    number, lines, whole = 0, 0, True
    try:
        for number, made in events:
            lines += 1
            if isinstance(made, Record):
                if limit is not None and len(columns) == limit:
                    whole = False
                    break
                columns.add(made)
            elif made is not None:
                skipped.append(Skipped(path.name, number, made.reason))
                kinds[made.reason] += made.known
                if not made.known:
                    strange.append(skipped[-1])
                if made.time is not None:
                    columns.event(made.time)
    except BROKEN_PACKING:
        skipped.append(Skipped(path.name, number + 1, "the packed file breaks off here"))
    if len(strange) > UNKNOWN_SHARE * lines or (strange and not len(columns)):
        raise _refused(path, form, strange, lines)
    if not len(columns):
        raise _empty(path, form, kinds)
    return columns.log_file(path, form, timed, tuple(skipped), whole)


def _refused(path: Path, form: str, strange: list[Skipped], lines: int) -> UserError:
    first = strange[0]
    return UserError(
        f"{len(strange):,} of {lines:,} lines of {path}, read as {form}, hold no frame and are no comment either (the first is "
        f"line {first.line}: {first.reason}), more than one in a hundred; give {FORMATS}."
    )


def _empty(path: Path, form: str, kinds: Counter[str]) -> UserError:
    for reason, count in kinds.most_common(1):
        what = reason.split(" ", 1)[1]
        return UserError(f"{path}, read as {form}, holds {count:,} {what}s and no classic CAN frame, and features are made of "
                         "classic frames only; give a log of classic CAN.")  # fmt: skip
    return UserError(f"{path} holds no CAN frame that could be read; give {FORMATS}.")
