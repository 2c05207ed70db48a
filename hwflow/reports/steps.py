"""The steps that a project is for, and how far each has come: one that was not done is no check that passed."""

from dataclasses import dataclass
from typing import Literal

from hwflow.board import BOARD, board_in, board_names
from hwflow.reports.evidence import Evidence
from hwflow.tool.build import BUILD
from hwflow.tool.step import RECORD

State = Literal["done", "wrong", "not finished", "not done"]


@dataclass(frozen=True)
class Step:
    """A step of one folder.

    verb: simulate, build or run; state: not finished if it was begun and left no result, because it failed, was
    interrupted or still runs; command: makes, or makes again, its record.
    """

    verb: str
    state: State
    command: str

    @property
    def open(self) -> bool:
        """Whether it has no result."""
        return self.state in {"not finished", "not done"}


def steps_of(evidence: Evidence) -> tuple[Step, ...]:
    """Those of a project; none for a folder without one. The simulated board has no part to build for."""
    if evidence.board is None:
        return ()
    commands = {
        "simulate": evidence.command("simulate"),
        **({"build": evidence.command("build")} if has_part(evidence) else {}),
        "run": evidence.command("run", "--port sim"),
    }
    return tuple(Step(verb, _state(evidence, verb), command) for verb, command in commands.items())


def has_part(evidence: Evidence) -> bool:
    """Whether something can be built for the project's board; taken to be so for one that is not known here."""
    board = evidence.board or ""
    known = board in board_names() or (evidence.folder / BOARD).is_file()
    return not known or board_in(evidence.folder, board).has_part


def _state(evidence: Evidence, verb: str) -> State:
    right = evidence.results.get(verb)
    if right is not None:
        return "done" if right else "wrong"
    # A build takes its result away as it begins, and then notes each of its steps.
    begun = verb == "build" and (evidence.folder / RECORD).is_file() and not (evidence.folder / BUILD).exists()
    return "not finished" if begun else "not done"
