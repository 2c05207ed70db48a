"""What the sections show, derived from records: small tables of plain values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.board import Capacity
from hwflow.evaluation import Evaluation
from hwflow.resources import Estimate
from hwflow.tool.build import Build
from hwflow.tool.effort import Effort


@dataclass(frozen=True)
class ClassRow:
    """A class: how many of its samples were said to be each class, and its rates, None where nothing is below the line."""

    name: str
    said: tuple[int, ...]
    samples: int
    precision: float | None
    recall: float | None
    f1: float | None
    false_negative_rate: float | None


def class_rows(evaluation: Evaluation) -> tuple[ClassRow, ...]:
    """One row for each true class."""
    e = evaluation
    columns = (e.class_names, e.confusion, e.precision, e.recall, e.f1, e.false_negative_rate)
    return tuple(
        ClassRow(name, said, sum(said), precision, recall, f1, missed)
        for name, said, precision, recall, f1, missed in zip(*columns, strict=True)
    )


def tint(count: int, samples: int, right: bool) -> float:
    """How strongly a cell of a confusion matrix is tinted, 0 to 1: errors are lifted, so that few are seen among many."""
    if count == 0:
        return 0.0
    share = count / samples
    return round(0.08 + 0.42 * share if right else 0.14 + 0.6 * math.sqrt(share), 3)


ORDINARY = "normal"  # a first class of this name is no event that could be missed


def worst_missed(evaluation: Evaluation) -> float | None:
    """The greatest false-negative rate of any class but an ordinary first one; None if no class has samples."""
    first = int(evaluation.class_names[0] == ORDINARY)
    return max((rate for rate in evaluation.false_negative_rate[first:] if rate is not None), default=None)


def but_ordinary(evaluation: Evaluation) -> str:
    """` but normal` where `worst_missed` leaves that class out."""
    return f" but {ORDINARY}" if evaluation.class_names[0] == ORDINARY else ""


@dataclass(frozen=True)
class ClassifierRow:
    """A classifier beside others: accuracy, and `worst_missed`."""

    name: str
    accuracy: float
    worst_missed: float | None
    ours: bool


def classifier_rows(ours: Evaluation, others: Sequence[Evaluation]) -> tuple[ClassifierRow, ...]:
    """The net first, then what it is compared with."""
    return tuple(ClassifierRow(e.name, e.accuracy, worst_missed(e), i == 0) for i, e in enumerate([ours, *others]))


@dataclass(frozen=True)
class Bar:
    """How much of a board's resource is used, and what the compiler had guessed; `available` None: not known."""

    label: str
    used: int | None
    available: int | None
    estimate: int | None

    @property
    def share(self) -> float | None:
        """used / available, if both are known."""
        return self.used / self.available if self.used is not None and self.available else None

    @property
    def estimate_share(self) -> float | None:
        return self.estimate / self.available if self.estimate is not None and self.available else None


def bars_of(build: Build, guess: Estimate | None, capacity: Capacity | None) -> tuple[Bar, ...]:
    """What the net uses of the part, beside what the compiler had guessed."""
    return (
        Bar("LUTs", build.luts, capacity.luts if capacity else None, guess.luts if guess else None),
        Bar("Flip-flops", build.ffs, capacity.ffs if capacity else None, guess.ffs if guess else None),
        Bar("Block RAMs", build.brams, capacity.brams if capacity else None, guess.brams if guess else None),
        Bar("Multipliers", build.dsps, capacity.dsps if capacity else None, guess.dsps if guess else None),
    )


@dataclass(frozen=True)
class DurationRow:
    """A number of cycles as a time at the board's clock and at the greatest frequency, both in seconds."""

    label: str
    cycles: float
    at_clock: float
    at_fmax: float | None


def duration_rows(
    spans: Sequence[tuple[str, float]], clock_hz: float, fmax_hz: float | None
) -> tuple[DurationRow, ...]:
    return tuple(
        DurationRow(label, cycles, cycles / clock_hz, cycles / fmax_hz if fmax_hz else None) for label, cycles in spans
    )


@dataclass(frozen=True)
class TrialRow:
    """A build that was tried. front: whether no other beats it; became: what became of it, in words."""

    options: str
    cycles: int
    luts: int | None
    fmax_hz: float | None
    front: bool
    became: str


@dataclass(frozen=True)
class Trials:
    """Builds beside the one that was chosen, within a bound of seconds."""

    seconds: float
    rows: tuple[TrialRow, ...]


def trials_of(effort: Effort | None) -> Trials | None:
    if effort is None:
        return None
    front = effort.front()
    rows = tuple(
        TrialRow(str(one.tuning), one.cycles, one.luts, None if one.fmax_mhz is None else one.fmax_mhz * 1e6, at in front,
                 "chosen" if at == effort.chosen else one.became)
        for at, one in enumerate(effort.attempts)
    )  # fmt: skip
    return Trials(effort.seconds, rows)
