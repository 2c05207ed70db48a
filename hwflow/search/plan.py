"""What a search is, as every worker of it reads it from the storage."""

import json
from dataclasses import asdict, dataclass

from hwflow.board import Board, find_board
from hwflow.clock import clocked
from hwflow.errors import UserError
from hwflow.search.hardware import Limits
from hwflow.search.objectives import Objective, objectives_named
from hwflow.search.space import Parameter, Space

SAMPLERS = ("tpe", "random")
LAG = (
    12  # a trial knows what became of those that were begun so many before it, or more: as many workers are never idle
)


@dataclass(frozen=True)
class Plan:
    """A search: what it was called with, and its space.

    factory: recipe, or FILE.py:FUNCTION; data: SHA-256 of each file; space: its parameters; trials: how many;
    sampler: of Optuna; stop: whether hopeless trials are stopped; lag: see `LAG`; budget: of the recipe's steps.
    """

    factory: str
    data: tuple[str, ...]
    space: tuple[Parameter, ...]
    objectives: tuple[str, ...]
    board: str
    clock: str | None
    limits: Limits
    trials: int
    seed: int
    sampler: str
    stop: bool
    budget: float = 1.0
    lag: int = LAG

    def check(self, space: Space) -> None:
        """Raises UserError for what cannot be searched."""
        space.check()
        objectives_named(self.objectives)
        if self.sampler not in SAMPLERS:
            raise UserError(f"There is no sampler {self.sampler!r}; there are {' and '.join(SAMPLERS)}.")
        if self.trials < 1:
            raise UserError(f"--trials {self.trials} are none; give 1 or more.")
        if not 0 < self.budget <= 100:
            raise UserError(
                f"--budget {self.budget:g} is no share of a recipe's training; give a number above 0, such as 0.25."
            )
        self.target  # noqa: B018  (raises for a board or a clock that there is not)

    @property
    def target(self) -> Board:
        """The board at its clock."""
        return clocked(find_board(self.board), self.clock)

    @property
    def sought(self) -> tuple[Objective, ...]:
        return objectives_named(self.objectives)

    @property
    def looks_back(self) -> bool:
        """Whether a trial hangs on earlier ones."""
        return self.stop or self.sampler != "random"

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "Plan":
        """The inverse of `to_json`."""
        from pydantic import TypeAdapter

        return TypeAdapter(Plan).validate_json(text)

    def differing(self, other: "Plan") -> tuple[str, ...]:
        """The names of what two plans do not have in common."""
        mine, theirs = asdict(self), asdict(other)
        return tuple(name for name in mine if mine[name] != theirs[name])
