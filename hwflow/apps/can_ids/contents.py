"""What a log holds, before anything is made of it: the verb `log`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwflow.apps.can_ids.frame import identifier_text
from hwflow.apps.can_ids.labels import UNKNOWN
from hwflow.apps.can_ids.logfile import LogFile, Skipped, Trace
from hwflow.apps.can_ids.readers import read_log
from hwflow.apps.can_ids.times import true_span
from hwflow.words import Done, Part, table

_SHOWN = 20  # skipped lines, to people
UNNAMED = "unnamed"  # a bus that the log does not name


@dataclass(frozen=True)
class Session:
    """Frames without a break between them. first, last: seconds on the log's clock; buses: frames by bus."""

    file: str
    first: float | None
    last: float | None
    frames: int
    buses: dict[str, int]


@dataclass(frozen=True)
class LogContents(Done):
    """What logs hold, in the order in which they were given.

    formats: what each file was read as; frames: of all; seconds: from the first frame of a file to its last, pauses
    included, summed over the files (a clock that goes back adds none); recorded: the same without the pauses between
    sessions; first, last: times of the first and the last frame that was recorded; buses, identifiers, labels: frames
    by each; skipped: lines that gave none. Times are None where the log has none.
    """

    formats: dict[str, str]
    frames: int
    seconds: float | None
    recorded: float | None
    first: float | None
    last: float | None
    buses: dict[str, int]
    sessions: tuple[Session, ...]
    identifiers: dict[str, int]
    labels: dict[str, int]
    skipped: tuple[Skipped, ...]

    def words(self) -> tuple[Part, ...]:
        """All of it, but the first few of the skipped lines."""
        seconds = "no times" if self.seconds is None else f"{self.seconds:,.6f} s from the first to the last"
        recorded = "" if self.recorded is None else f", {self.recorded:,.6f} s of them within sessions"
        rows = [
            (str(number), s.file, _stamp(s.first), _stamp(s.last), s.frames, _counts(s.buses))
            for number, s in enumerate(self.sessions, 1)
        ]
        lines = [(s.line, s.file, s.reason) for s in self.skipped[:_SHOWN]]
        return (
            *(f"{name}: {form}" for name, form in self.formats.items()),
            f"{self.frames:,} frames, {seconds}{recorded}",
            "",
            table(["session", "file", "first (s)", "last (s)", "frames", "by bus"], rows),
            "",
            f"{plural(len(self.buses), 'bus', 'buses')}: {_counts(self.buses)}",
            f"{plural(len(self.labels), 'label')}: {_counts(self.labels)}",
            f"{plural(len(self.identifiers), 'identifier')}: {_counts(self.identifiers)}",
            f"{plural(len(self.skipped), 'line')} skipped{', of which these are the first' * (len(self.skipped) > _SHOWN)}",
            *([table(["line", "file", "reason"], lines)] if lines else []),
        )


def log_contents(paths: Sequence[Path]) -> LogContents:
    """Read the logs whole. Raises UserError as `read_log` does."""
    files = [read_log(path) for path in paths]
    buses, identifiers, labels = Counter[str](), Counter[str](), Counter[str]()
    for file in files:
        for trace in file.traces:
            buses[trace.bus or UNNAMED] += len(trace.log)
            keys, counts = np.unique(trace.log.keys, return_counts=True)
            identifiers.update(dict(zip(map(identifier_text, keys.tolist()), counts.tolist(), strict=True)))
        labels.update(labels_of(file))
    sessions = tuple(session for file in files for session in sessions_of(file))
    spans = [_spans(file) for file in files]
    timed = all(file.timed for file in files)
    return LogContents(
        {str(file.path): file.form for file in files},
        sum(map(len, files)),
        round(sum(map(true_span, spans)), 6) if timed else None,
        round(sum(last - first for span in spans for first, last in span), 6) if timed else None,
        sessions[0].first,
        sessions[-1].last,
        dict(buses),
        sessions,
        dict(sorted(identifiers.items())),
        dict(labels),
        tuple(line for file in files for line in file.skipped),
    )


def labels_of(file: LogFile) -> dict[str, int]:
    """Frames by label, as far as the file tells them."""
    if not file.labelled:
        return {UNKNOWN: len(file)}
    counts = sum(np.bincount(trace.log.label, minlength=len(file.class_names)) for trace in file.traces)
    return {name: int(count) for name, count in zip(file.class_names, np.atleast_1d(counts), strict=True) if count}


def sessions_of(file: LogFile) -> tuple[Session, ...]:
    """The file's sessions in their order."""
    found = []
    for traces in _by_session(file):
        first, last = _span(traces)
        frames = {trace.bus or UNNAMED: len(trace.log) for trace in traces}
        ends: tuple[float | None, float | None] = (first, last) if file.timed else (None, None)
        found.append(Session(file.path.name, ends[0], ends[1], sum(frames.values()), frames))
    return tuple(found)


def said_of(file: LogFile) -> str:
    """Sentences on a file: its frames by bus, its sessions, and the lines that gave none."""
    buses = Counter[str]()
    for trace in file.traces:
        buses[trace.bus or UNNAMED] += len(trace.log)
    by_bus = ", ".join(f"{count:,} on bus {name}" for name, count in buses.items())
    frames = f"{len(file)} frames read from {file.path.name} ({file.form}): {by_bus}"
    if not file.whole:
        frames += ", the first ones of the file"
    spans = _spans(file)
    recorded = sum(last - first for first, last in spans)
    pauses = f" in {true_span(spans):,.1f} s" if len(spans) > 1 else ""
    skipped = f"{plural(len(file.skipped), 'line')} skipped"
    if file.skipped:
        skipped += f" (line {file.skipped[0].line}: {file.skipped[0].reason}{', …' if len(file.skipped) > 1 else ''})"
    return f"{frames}. {plural(len(spans), 'session')} of {recorded:,.1f} s{pauses}, {skipped}."


def plural(number: int, word: str, words: str = "") -> str:
    """`1 line`, `2 lines`."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def _stamp(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.6f}"


def _counts(frames: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in frames.items())


def _by_session(file: LogFile) -> list[list[Trace]]:
    count = file.traces[-1].session + 1
    return [[trace for trace in file.traces if trace.session == number] for number in range(count)]


def _span(traces: Sequence[Trace]) -> tuple[float, float]:
    return min(float(trace.log.time[0]) for trace in traces), max(float(trace.log.time[-1]) for trace in traces)


def _spans(file: LogFile) -> list[tuple[float, float]]:
    return [_span(traces) for traces in _by_session(file)]
