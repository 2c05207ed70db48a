"""What became of a trial, as it is kept in the storage and in files."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from hwflow.evaluation import Evaluation
from hwflow.search.hardware import Hardware

State = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True)
class Judged:
    """A trained net: the digest of its integers, its confusion matrix on validation data, what it reported in training
    (thousandths done, figure, size), and the seconds that training took.
    """

    network: str
    evaluation: Evaluation
    reports: tuple[tuple[int, float, float], ...]
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    choices: as the factory took them, by name; reason: why it has no point of the front, if it was pruned or failed; key: of its trained net among those that are kept;
    designs: its hardware; known: whether the net was taken from those that were trained before; seconds: of the whole trial,
    and training: of the factory in it.
    """

    state: State
    reason: str = ""
    choices: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    network: str = ""
    evaluation: Evaluation | None = None
    designs: tuple[Hardware, ...] = ()
    reports: tuple[tuple[int, float, float], ...] = ()
    known: bool = False
    seconds: float = 0.0
    training: float = 0.0
    worker: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Outcome":
        """The inverse of `to_json`."""
        from pydantic import TypeAdapter

        return TypeAdapter(Outcome).validate_python(document)
