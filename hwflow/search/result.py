"""What a search has found so far: the front, what was pruned and why, what mattered, and the time it took."""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from hwflow.errors import UserError
from hwflow.evaluation import Evaluation
from hwflow.search.energy import Spent, spent_in
from hwflow.search.energy import words as energy_words
from hwflow.search.hardware import Hardware
from hwflow.search.objectives import OBJECTIVES, figures, front
from hwflow.search.outcome import Outcome
from hwflow.search.plan import Plan
from hwflow.search.store import COMPLETE, FAIL, PRUNED, FrozenTrial
from hwflow.search.worker import IN_A_ROW, failing
from hwflow.words import Part, table

ESTIMATE = ("LUTs, block RAMs: estimated before synthesis, link and shell included; latency and rate: predicted to the cycle. "
            "Accuracies: on validation data; the test part was not touched.")  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A net with a design of it. number: as --pick takes it, trial and design; choices: by name; figures: by objective."""

    number: str
    trial: int
    choices: dict[str, Any]
    figures: dict[str, float]
    hardware: Hardware
    evaluation: Evaluation
    network: str
    key: str


@dataclass(frozen=True)
class OnTestPart:
    """A point that the user named, on the test part: computed once, and kept."""

    number: str
    evaluation: Evaluation


@dataclass(frozen=True)
class Found:
    """What a search has found.

    front: the points that no other beats; every: all points, for the picture; waiting: trials not ended yet; pruned, failed:
    reasons and how many there were; importances: of each choice for each objective, shares of one; hours: of all trials
    together, and of training in them; spent: what machines spent, by command; stopped: why the study stopped, if it did.
    """

    name: str
    storage: str
    plan: Plan
    complete: int
    waiting: int
    pruned: dict[str, int]
    failed: dict[str, int]
    front: tuple[Point, ...]
    every: tuple[Point, ...]
    importances: dict[str, dict[str, float]]
    hours: float
    training_hours: float
    known: int
    tested: tuple[OnTestPart, ...] = ()
    stopped: str = ""
    spent: tuple[Spent, ...] = ()

    @property
    def right(self) -> bool:
        return not self.stopped

    @property
    def wrong(self) -> str:
        return (f"{IN_A_ROW} trials in a row failed, the last because: {self.stopped.rstrip('.')}; mend that, and go on with --resume.")  # fmt: skip

    def point(self, number: str) -> Point:
        """The point of that number, or the only one of that trial on the front. Raises UserError if there is none."""
        named = [point for point in self.every if point.number == number]
        named = named or [point for point in self.front if str(point.trial) == number]
        if len(named) == 1:
            return named[0]
        several = " or ".join(point.number for point in named)
        raise UserError(f"--pick {number} names {'several points, ' + several if named else 'no point'}; take one of the front: "
                        f"{', '.join(point.number for point in self.front[:20]) or 'it is empty'}.")  # fmt: skip

    def words(self) -> tuple[Part, ...]:
        """The front, and what became of the others."""
        names = [OBJECTIVES[name] for name in OBJECTIVES]
        heads = ["point", *(each.title for each in names), "choices"]
        rows = [
            (point.number, *(each.said(point.figures[each.name]) for each in names), said(point.choices))
            for point in self.front
        ]
        ends = [
            f"{sum(which.values())} {what}"
            for what, which in (("pruned", self.pruned), ("failed", self.failed))
            if which
        ]
        counts = f"{self.complete} trials complete" + "".join(f", {end}" for end in ends)
        counts += f", {self.waiting} to go" if self.waiting else ""
        weights = [
            f"what mattered for {OBJECTIVES[name].title}: "
            + ", ".join(f"{choice} {share:.0%}" for choice, share in most)
            for name, of in self.importances.items()
            if (most := sorted(of.items(), key=lambda each: -each[1])[:5])
        ]
        tested = [
            f"point {each.number} on the test part, computed once: {each.evaluation.accuracy:.3%}"
            for each in self.tested
        ]
        return (
            table(heads, rows),
            "",
            ESTIMATE,
            *weights,
            *(f"pruned {count}: {reason}" for reason, count in self.pruned.items()),
            *(f"failed {count}: {reason}" for reason, count in self.failed.items()),
            *tested,
            f"{counts}; {self.hours:.2f} hours of workers, of which {self.training_hours:.2f} training; {self.known} nets were known already",
            energy_words(self.spent),
        )


def said(choices: dict[str, Any]) -> str:
    """Choices in a line."""
    return " ".join(f"{name}={value}" for name, value in choices.items())


def result_of(name: str, storage: str, plan: Plan, trials: Sequence[FrozenTrial], notes: dict[str, Any]) -> Found:
    """What the trials of a study come to."""
    ended = {
        trial.number: Outcome.from_json(trial.user_attrs["outcome"]) for trial in trials if trial.state.is_finished()
    }
    every = tuple(
        point for trial in trials if trial.state == COMPLETE for point in points_of(plan, trial, ended[trial.number])
    )
    sought = plan.sought
    best = front([(point, [point.figures[each.name] for each in sought]) for point in every], sought)
    first = sought[0]
    best.sort(key=lambda point: (-1 if first.more else 1) * point.figures[first.name])
    return Found(
        name,
        storage,
        plan,
        sum(trial.state == COMPLETE for trial in trials),
        sum(not trial.state.is_finished() for trial in trials),
        _reasons(trials, ended, PRUNED),
        _reasons(trials, ended, FAIL),
        tuple(best),
        every,
        importances(plan, trials),
        sum(outcome.seconds for outcome in ended.values()) / 3600,
        sum(outcome.training for outcome in ended.values()) / 3600,
        sum(outcome.known for outcome in ended.values()),
        tuple(OnTestPart(key.removeprefix(TESTED), Evaluation.from_json(value)) for key, value in sorted(notes.items()) if key.startswith(TESTED)),
        failing(trials, notes),
        spent_in(notes, SPENT),
    )  # fmt: skip


SPENT = "hwflow spent "  # and a command: a note of the study
TESTED = "hwflow tested "  # and a point's number: a note of the study


def points_of(plan: Plan, trial: FrozenTrial, outcome: Outcome) -> list[Point]:
    """The points of a trial, its designs from the fastest down."""
    assert outcome.evaluation is not None
    board = plan.target
    return [
        Point(f"{trial.number}.{place}", trial.number, outcome.choices, figures(outcome.evaluation, hardware, board), hardware,
              outcome.evaluation, outcome.network, outcome.key)
        for place, hardware in enumerate(outcome.designs)
    ]  # fmt: skip


def importances(plan: Plan, trials: Sequence[FrozenTrial]) -> dict[str, dict[str, float]]:
    """How much each choice mattered for each objective, by Optuna; none where there are too few trials to tell."""
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    complete = [trial for trial in trials if trial.state == COMPLETE]
    found: dict[str, dict[str, float]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(directions=["maximize" if each.more else "minimize" for each in plan.sought])
        study.add_trials(complete)
        for place, each in enumerate(plan.sought):
            if len(complete) < 8 or len(np.unique([trial.values[place] for trial in complete])) < 2:
                continue
            shares = get_param_importances(
                study, evaluator=PedAnovaImportanceEvaluator(), target=partial(_value, place)
            )
            found[each.name] = {name: float(share) for name, share in shares.items()}
    return found


def _value(place: int, trial: FrozenTrial) -> float:
    return float(trial.values[place])


def _reasons(trials: Sequence[FrozenTrial], ended: dict[int, Outcome], state: Any) -> dict[str, int]:
    """How often trials ended so for each reason, hopeless ones together."""
    reasons = [ended[trial.number].reason for trial in trials if trial.state == state]
    return dict(Counter(_kind(reason) for reason in reasons))


def _kind(reason: str) -> str:
    """A reason without what is of one trial alone."""
    if reason.startswith("hopeless"):
        return "hopeless: worse than the median of nets that are no larger"
    return reason.partition("; the one of fewest")[0]
