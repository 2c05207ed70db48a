"""What is sought: figures of a net and of its hardware, which of them are better, and which points no other beats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.evaluation import Evaluation
from hwflow.search.hardware import Hardware

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class Objective:
    """A figure: its name, whether more of it is better, whether it is of hardware, and how it is called and written."""

    name: str
    more: bool
    hardware: bool
    title: str
    form: str

    def said(self, value: float) -> str:
        """The figure as text."""
        return self.form.format(value)


OBJECTIVES = {
    objective.name: objective
    for objective in (
        Objective("accuracy", True, False, "accuracy", "{:.3%}"),
        Objective("worst-class", True, False, "least recall of a class", "{:.3%}"),
        Objective("luts", False, True, "LUTs", "{:,.0f}"),
        Objective("brams", False, True, "block RAMs", "{:,.0f}"),
        Objective("latency", False, True, "latency, µs", "{:,.3f}"),
        Objective("rate", True, True, "vectors a second", "{:,.0f}"),
    )
}


def objectives_named(names: Sequence[str]) -> tuple[Objective, ...]:
    """Raises UserError for a name that there is not, for one given twice, and for none of accuracy."""
    for name in names:
        if name not in OBJECTIVES:
            raise UserError(f"There is no objective {name!r}; there are {', '.join(OBJECTIVES)}.")
    if len(set(names)) < len(names):
        raise UserError(f"--objective {' and '.join(names)} name one twice; name each once.")
    found = tuple(OBJECTIVES[name] for name in names)
    if all(objective.hardware for objective in found):
        raise UserError(
            "No objective is of accuracy, so that the least net is the best; add --objective accuracy or worst-class."
        )
    return found


def figures(evaluation: Evaluation, hardware: Hardware, board: Board) -> dict[str, float]:
    """All figures of a design, by the names of the objectives."""
    recalls = [recall for recall in evaluation.recall if recall is not None]
    return {
        "accuracy": evaluation.accuracy,
        "worst-class": min(recalls),
        "luts": hardware.luts,
        "brams": hardware.brams,
        "latency": hardware.latency * 1e6 / board.clock_hz,
        "rate": board.clock_hz / hardware.interval,
    }


def front(things: Sequence[tuple[_Thing, Sequence[float]]], objectives: Sequence[Objective]) -> list[_Thing]:
    """Those that no other beats: none is as good in every objective and better in one. Of equal ones the first."""
    signs = [-1.0 if objective.more else 1.0 for objective in objectives]
    costs = [tuple(sign * value for sign, value in zip(signs, values, strict=True)) for _, values in things]
    seen: set[tuple[float, ...]] = set()
    found = []
    for (thing, _), cost in zip(things, costs, strict=True):
        beaten = any(other != cost and all(a <= b for a, b in zip(other, cost, strict=True)) for other in costs)
        if not beaten and cost not in seen:
            seen.add(cost)
            found.append(thing)
    return found
