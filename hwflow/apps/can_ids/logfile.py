"""What was read from one file: its frames, parted by session and bus, and every line that gave none."""

from array import array
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CLASS_NAMES, CanLog
from hwflow.apps.can_ids.labels import ATTACK, HCRL_IDENTIFIERS, SPOOF, class_of, told_by_identifier, told_by_name
from hwflow.apps.can_ids.lines import Record
from hwflow.apps.can_ids.times import is_differences, sessions
from hwflow.errors import UserError


@dataclass(frozen=True)
class Skipped:
    """A line, row or message that gave no frame: its number in the file, from 1, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, eq=False)
class Trace:
    """What one bus carried in one session: nothing is timed or injected from one trace to another."""

    log: CanLog
    bus: str
    session: int


@dataclass(frozen=True, eq=False)
class LogFile:
    """A file's traces, by session and bus, with the times that the file has.

    form: what the file is, for people; timed: whether its frames have times; class_names: of the labels, CLASS_NAMES
    first; labelled: whether the file tells which frames are attacks (else every label is NORMAL and means nothing);
    whole: whether all of its frames were read.
    """

    path: Path
    form: str
    traces: tuple[Trace, ...]
    skipped: tuple[Skipped, ...]
    timed: bool
    class_names: tuple[str, ...]
    labelled: bool
    whole: bool

    def __len__(self) -> int:
        return sum(len(trace.log) for trace in self.traces)


class Columns:
    """The frames of a file while it is read, in the file's order, and the times of the other lines between them."""

    def __init__(self) -> None:
        self._time, self._identifier = array("d"), array("I")
        self._extended, self._dlc, self._payload = bytearray(), bytearray(), bytearray()
        self._bus, self._label = bytearray(), array("H")
        self._buses: dict[str, int] = {}
        self._labels: dict[tuple[str, ...], int] = {}
        self._events = array("d")
        self._at = array("L")

    def __len__(self) -> int:
        return len(self._time)

    def event(self, time: float) -> None:
        """A line with a time and no frame."""
        self._events.append(time)

    def add(self, record: Record) -> None:
        """A frame. Raises UserError for the 256th bus or too many labels."""
        self._at.append(len(self._events))
        self._events.append(record.time)
        self._time.append(record.time)
        self._identifier.append(record.identifier)
        self._extended.append(record.extended)
        self._dlc.append(record.dlc)
        self._payload += record.data.ljust(8, b"\0")
        bus = self._buses.setdefault(record.bus, len(self._buses))
        label = self._labels.setdefault(record.label, len(self._labels))
        if bus > 255 or label > 255:
            raise UserError(f"More than 255 {'buses' if bus > 255 else 'labels'} are named ({record.bus or record.label}, …), "
                            "so this column means something else; give a CAN log.")  # fmt: skip
        self._bus.append(bus)
        self._label.append(label)

    def log_file(self, path: Path, form: str, timed: bool, skipped: tuple[Skipped, ...], whole: bool) -> LogFile:
        """The frames parted and labelled. Raises UserError for times that go back and forth."""
        events = np.array(self._events)
        differences = timed and is_differences(events, path.name)
        time = np.cumsum(events)[np.array(self._at, dtype=np.int64)] if differences else np.array(self._time)
        bus = np.frombuffer(bytes(self._bus), dtype=np.uint8)
        order, session = sessions(time, bus)
        log = CanLog(
            time,
            np.array(self._identifier, dtype=np.uint32),
            np.frombuffer(bytes(self._extended), dtype=np.uint8).astype(np.bool_),
            np.frombuffer(bytes(self._dlc), dtype=np.uint8),
            np.frombuffer(bytes(self._payload), dtype=np.uint8).reshape(-1, 8),
            np.zeros(len(self), dtype=np.uint8),
        )
        names, label, labelled = self._classes(log, path)
        log = replace(log, label=label).take(order)
        buses, bus = list(self._buses), bus[order]
        traces = []
        for part in range(int(session[-1]) + 1 if len(session) else 0):
            start, stop = np.searchsorted(session, [part, part + 1])
            rows, of = log.take(slice(int(start), int(stop))), bus[start:stop]
            for number in np.unique(of).tolist():
                own = rows.take(of == number)
                traces.append(Trace(own, buses[number], part))
        form += ", times from line to line" if differences else ""
        return LogFile(path, form, tuple(traces), skipped, timed, names, labelled, whole)

    def _classes(self, log: CanLog, path: Path) -> tuple[tuple[str, ...], NDArray[np.uint8], bool]:
        """The names of the classes, each frame's index in them, and whether the file told any."""
        told = [label for label in self._labels if label]
        if not told:
            return CLASS_NAMES, log.label, False
        numbers = any(word.isdecimal() and int(word) > 1 for label in told for word in label)
        words = [[f"class-{word}" if numbers and word == "1" else word for word in label] for label in self._labels]
        kinds = [class_of(label) for label in words]
        names = list(CLASS_NAMES)
        label = np.zeros(len(log), dtype=np.uint8)
        which = np.array(self._label, dtype=np.int64)
        for number, kind in enumerate(kinds):
            if kind not in names:
                names.append(kind)
            label[which == number] = names.index(kind)
        if ATTACK in names:
            marked = label == names.index(ATTACK)
            for key, kind in told_by_identifier(log, marked, told_by_name(path)):
                if kind not in names:
                    names.append(kind)
                label[marked & (log.keys == key)] = names.index(kind)
        if SPOOF in names:
            for key, index in HCRL_IDENTIFIERS.items():
                if key:
                    label[(label == names.index(SPOOF)) & (log.keys == key)] = index
        return tuple(names), label, True
