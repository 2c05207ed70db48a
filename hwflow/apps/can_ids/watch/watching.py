"""Watching a bus: open what it takes, then frames to verdicts until it ends."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from hwflow.apps.can_ids.frame import identifier_text
from hwflow.apps.can_ids.profile import Profile
from hwflow.apps.can_ids.watch.batch import Feed
from hwflow.apps.can_ids.watch.detector import Classifier, Detector, Judge, OnReference, Verdicts
from hwflow.apps.can_ids.watch.feeds import feed_of
from hwflow.apps.can_ids.watch.found import Alarm, Latency, Watched, evaluation_of
from hwflow.apps.can_ids.watch.net import Detecting, detecting
from hwflow.apps.can_ids.watch.on_guard import GuardFeed, OnGuard, prepare
from hwflow.apps.can_ids.watch.seen import Seen
from hwflow.apps.can_ids.watch.why import Reasons
from hwflow.errors import HwflowError, UserError
from hwflow.progress import Progress, silent

REFERENCE = "reference"
GUARD = "guard"
_RECENT = 50  # alarms that the live page shows
Tell = Callable[[Sequence[Alarm]], None]
Whole = Callable[[], AbstractContextManager[None]]


class Watching:
    """A judge of what a feed brings. `run` it once; `seen`, `recent` and `record` can be asked for meanwhile, from any thread."""

    def __init__(self, net: Detecting, feed: Feed, profiles: Sequence[Profile], judge: Judge, by: str) -> None:
        """profiles: of each bus of the feed."""
        self._net, self._feed, self._by = net, feed, by
        self._judge = judge
        self._reasons = Reasons(net.network, profiles)
        self._start: float | None = None
        self._stop: float | None = None
        self.seen = Seen.nothing(len(net.class_names), len(feed.class_names))
        self.recent: tuple[Alarm, ...] = ()
        self.ended = ""

    def run(self, tell: Tell, seconds: float | None = None, whole: Whole = nullcontext) -> Watched:
        """Until the feed ends, or for so many seconds; `tell` gets the alarms of each batch.

        whole: a block in which no interrupt comes, so that what is counted is what was told.
        A feed or a board that fails ends it, and the record says so. Ctrl-C goes through; then `record` has what was seen.
        """
        self._start = time.monotonic()
        fault = ""
        try:
            self.ended = self._watch(tell, seconds, whole)
            fault = self._feed.fault
        except KeyboardInterrupt:
            self.ended = "interrupt"
            raise
        except HwflowError as error:  # of a board
            fault = str(error).rstrip(".").replace("; ", ", ")
        finally:
            self._stop = time.monotonic()
        if fault:
            self.ended = "fault"
        return replace(self.record(), fault=fault)

    def _watch(self, tell: Tell, seconds: float | None, whole: Whole) -> str:
        assert self._start is not None
        for batch in self._feed.batches():
            if batch is not None:
                verdicts = self._judge.judge(batch)
                with whole():
                    self._take(verdicts, tell)
            if seconds is not None and time.monotonic() - self._start >= seconds:
                return "seconds"
        return "end"

    def _take(self, verdicts: Verdicts, tell: Tell) -> None:
        self.seen = self.seen.and_then(verdicts)
        alarms = self._alarms(verdicts)
        if alarms:
            self.recent = (*self.recent, *alarms)[-_RECENT:]
            tell(alarms)

    def _alarms(self, verdicts: Verdicts) -> list[Alarm]:
        rows = verdicts.alarms
        if not len(rows):
            return []
        feed, batch = self._feed, verdicts.batch
        log = batch.log.take(rows)
        several = len(feed.buses) > 1
        columns = zip(log.time.tolist(), log.keys.tolist(), verdicts.said[rows].tolist(), self._reasons.of(verdicts, rows),
                      batch.bus[rows].tolist(), log.label.tolist(), strict=True)  # fmt: skip
        return [
            Alarm(when, identifier_text(key), self._net.class_names[said], why, feed.buses[bus] if several else "",
                  feed.class_names[label] if feed.class_names else "")
            for when, key, said, why, bus, label in columns
        ]  # fmt: skip

    def state(self) -> dict[str, object]:
        """What a live page shows now, as JSON values: the record, the alarms so far, and the latest of them, newest first."""
        record = self.record()
        alarms = record.frames - next(iter(record.classes.values()))
        recent = [alarm.document() for alarm in reversed(self.recent)]
        return {"seen": asdict(record), "alarms": alarms, "recent": recent}

    def record(self) -> Watched:
        """All that was seen until now."""
        seen, feed = self.seen, self._feed
        names = self._net.class_names
        until = self._stop or time.monotonic()
        return Watched(
            project=self._net.project.digest,
            bus=feed.name,
            by=self._by,
            frames=seen.frames,
            seconds=round(until - (self._start or until), 3),
            spanned=None if seen.first is None or seen.last is None else round(seen.last - seen.first, 6),
            classes=dict(zip(names, seen.said.tolist(), strict=True)),
            latency=Latency.of(seen),
            dropped=feed.dropped,
            waiting=feed.waiting,
            passed_over=dict(feed.passed_over),
            unknown_frames=seen.unknown,
            unknown_identifiers=len(seen.strangers),
            evaluation=evaluation_of(self._by, seen, feed.class_names, names),
            guard=feed.counts,
            ended=self.ended,
            fault="",
        )


@contextmanager
def open_watch(
    folder: Path,
    bus: str,
    *,
    profile: Path | None = None,
    port: str | None = None,
    baud: int | None = None,
    trust: bool = False,
    progress: Progress = silent,
) -> Iterator[Watching]:
    """What it takes to watch a bus with the net of a project, until the block ends.

    bus: see `feed_of`; profile: see `detecting`; port: of the board that gives the classes, as `hwflow run` takes it, or None
    for the integer reference; baud, trust: as there. Raises UserError and MissingTool for what is not there or does not fit,
    and what opening a board raises.
    """
    net = detecting(folder, profile, trust)
    if baud is not None and port is None:
        raise UserError("--baud means nothing without --port; leave it out.")
    progress(f"opening {bus}")
    with ExitStack() as stack:
        feed = stack.enter_context(closing(feed_of(bus)))
        classifier: Classifier = OnReference(net.network)
        if port is not None:
            classifier = stack.enter_context(net.project.open(port, baud=baud, progress=progress))
        profiles = net.profiles_of(feed.buses, feed.name)
        watching = Watching(net, feed, profiles, Detector(profiles, classifier), port or REFERENCE)
        # What numpy and the board do at first takes longer: not at the expense of the first frame.
        classifier.infer(np.zeros((1, net.network.input_size), dtype=np.uint8))
        yield watching


@contextmanager
def open_guard_watch(
    folder: Path,
    port: str,
    *,
    profile: Path | None = None,
    bit_rate: int | None = None,
    baud: int | None = None,
    trust: bool = False,
    progress: Progress = silent,
) -> Iterator[Watching]:
    """What it takes to read the log of the guard on a port, until the block ends: its verdicts, and nothing is classified here.

    A guard that has no profile yet gets that of `detecting`, one that has goes on with its own. bit_rate: of its bus, None for
    the one at which it listens; the rest as `open_watch`. Raises also what opening a guard raises, and UserError if the
    profile is of several buses, or the guard cannot listen at that rate.
    """
    net = detecting(folder, profile, trust)
    (own,) = net.profiles_of(("",), f"what a guard hears on {port}")
    with net.project.guard(port, baud=baud, progress=progress) as guard:
        prepare(guard, own, bit_rate)
        feed = GuardFeed(f"guard:{port}", guard, net.project.clock_hz)
        yield Watching(net, feed, (own,), OnGuard(), GUARD)
