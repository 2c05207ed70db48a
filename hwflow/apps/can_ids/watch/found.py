"""What watching gives: an alarm, and the record of all that was seen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from hwflow.apps.can_ids.contents import plural
from hwflow.apps.can_ids.labels import UNKNOWN
from hwflow.apps.can_ids.watch.seen import EDGES, Seen
from hwflow.apps.can_ids.watch.why import Spoke
from hwflow.evaluation import Evaluation
from hwflow.quantised.host.guard import GuardCounts
from hwflow.words import Part, table


@dataclass(frozen=True)
class Alarm:
    """A frame that is said to be an attack.

    time: seconds on the frame's own clock; identifier: in hex, eight digits for a 29-bit one; said: the class; why: the
    measures that spoke for it, the loudest first; bus: where there are several; label: what the log says it is.
    """

    time: float
    identifier: str
    said: str
    why: tuple[Spoke, ...]
    bus: str = ""
    label: str = ""

    def document(self) -> dict[str, object]:
        """As JSON values."""
        own: dict[str, object] = {"time": round(self.time, 6), "identifier": self.identifier, "class": self.said,
                                  "why": [{"measure": spoke.measure, "value": spoke.value} for spoke in self.why]}  # fmt: skip
        return own | ({"bus": self.bus} if self.bus else {}) | ({"label": self.label} if self.label else {})

    def line(self) -> str:
        """For people."""
        why = ", ".join(f"{spoke.measure} {'never' if spoke.value is None else spoke.value}" for spoke in self.why)
        where = f"  {self.bus}" if self.bus else ""
        label = f"  (labelled {self.label})" if self.label else ""
        return f"{self.time:.6f}{where}  {self.identifier:>8}  {self.said:10}  {why or 'its own bits alone'}{label}"


@dataclass(frozen=True)
class Latency:
    """From the arrival of a frame at the detector, in a guard the last bit of its payload, to its verdict.

    histogram: frames by the least power of two of microseconds within which their verdicts were there, None beyond all;
    median, p99: microseconds within which half and 99 % of them were, as the histogram tells; longest: microseconds.
    """

    histogram: tuple[tuple[int | None, int], ...]
    median: int | None
    p99: int | None
    longest: float

    @staticmethod
    def of(seen: Seen) -> "Latency":
        """As it was seen."""
        bins = zip((*EDGES, None), seen.latencies.tolist(), strict=True)
        return Latency(
            tuple((edge, count) for edge, count in bins if count),
            seen.quantile(0.5),
            seen.quantile(0.99),
            round(seen.longest, 1),
        )


@dataclass(frozen=True)
class Watched:
    """What was seen on a bus.

    project: its digest; by: `reference`, the port whose board gave the classes, or `guard`; frames: judged; seconds: of wall clock;
    spanned: seconds on the frames' own clock, from the first to the last; classes: frames by what was said of them; dropped: frames that came while too many waited, and
    were not judged; waiting: frames that had come and were not judged yet when it ended; passed_over: what came and was no classic frame, by kind; unknown_frames: under identifiers that
    the profile does not know; unknown_identifiers: how many of these, told apart up to 4,096; evaluation: against the log's labels, where it
    has such; guard: what the guard counted meanwhile, where one is watched; ended: `end` of the log, `seconds`, `interrupt`, or `fault`; fault: why, in a sentence, else empty.
    """

    project: str
    bus: str
    by: str
    frames: int
    seconds: float
    spanned: float | None
    classes: dict[str, int]
    latency: Latency
    dropped: int
    waiting: int
    passed_over: dict[str, int]
    unknown_frames: int
    unknown_identifiers: int
    evaluation: Evaluation | None
    guard: GuardCounts | None
    ended: str
    fault: str

    @property
    def right(self) -> bool:
        """Whether it ended as it was meant to."""
        return not self.fault

    @property
    def wrong(self) -> str:
        """Why not."""
        return f"{self.fault}; what was seen until then is told above." if self.fault else ""

    def words(self) -> tuple[Part, ...]:
        """Counts, latencies, and the confusion matrix."""
        rate = f", {self.frames / self.seconds:,.0f} a second" if self.seconds else ""
        spanned = "" if self.spanned is None else f", {self.spanned:,.3f} s on their own clock"
        latency = self.latency
        bins = [("beyond" if edge is None else f"{edge:,}", count) for edge, count in latency.histogram]
        others = "".join(f", {count:,} times {kind}" for kind, count in self.passed_over.items())
        return (
            f"{plural(self.frames, 'frame')} of {self.bus} judged by {self.by} in {self.seconds:,.1f} s{rate}{spanned}",
            f"{plural(self.dropped, 'frame')} dropped, {self.waiting:,} still waiting{', passed over' if others else ''}{others[1:]}",
            f"{plural(self.unknown_frames, 'frame')} under {plural(self.unknown_identifiers, 'unknown identifier')}",
            "",
            table(["class", "frames"], list(self.classes.items())),
            *(("", table(["frame to verdict within µs", "frames"], bins)) if bins else ()),
            *(_judged(self.evaluation) if self.evaluation else ()),
            *(_counted(self.guard) if self.guard else ()),
        )


def _counted(counts: GuardCounts) -> tuple[Part, ...]:
    rows = [(name.replace("_", " "), count) for name, count in asdict(counts).items() if name != "verdicts"]
    return "", table(["counted by the guard", "times"], [("judged", sum(counts.verdicts)), *rows])


def _judged(evaluation: Evaluation) -> tuple[Part, ...]:
    shown = [i for i, row in enumerate(evaluation.confusion) if sum(row)]
    rows = [(evaluation.class_names[i], *evaluation.confusion[i]) for i in shown]
    heads = ["true class", *(f"said {name}" for name in evaluation.class_names)]
    return "", table(heads, rows), f"{evaluation.accuracy:.3%} of {evaluation.samples:,} labelled frames are right"


def evaluation_of(name: str, seen: Seen, labels: Sequence[str], classes: Sequence[str]) -> Evaluation | None:
    """What was said against the frames' labels; None where none has one. labels, classes: the names of the rows and columns of

    `seen.confusion`. A label that the net does not know gets a column of its own, in which nothing is.
    """
    told = [i for i, label in enumerate(labels) if label != UNKNOWN and seen.confusion[i].any()]
    if not told:
        return None
    names = (*classes, *(labels[i] for i in told if labels[i] not in classes))
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    for i in told:
        counts[names.index(labels[i]), : len(classes)] += seen.confusion[i]
    return Evaluation(name, names, tuple(map(tuple, counts.tolist())))
