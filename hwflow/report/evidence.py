"""The records of a folder: what is known about one build of a net."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hwflow import __version__
from hwflow.backend.design import DESIGN, Design
from hwflow.errors import UserError
from hwflow.report.figures import Kind, Source
from hwflow.report.training import TRAINING, Training, read_training

Record = TypeVar("Record")


@dataclass(frozen=True)
class Evidence:
    """One folder's records; None where a step has not been done.

    title: what the folder is called on the page; folder: its path as it was given.
    """

    title: str
    folder: str
    training: Training | None
    design: Design | None

    def trained(self) -> Source:
        """Where figures of classification came from."""
        assert self.training
        command = f"hwflow train {self.training.recipe} --bits {self.training.bits} --out {self.training.model}"
        return Source("test set", command, TRAINING, ", ".join(self.training.versions))

    def compiled(self, kind: Kind) -> Source:
        """Where the compiler's figures came from."""
        assert self.design
        return Source(kind, f"hwflow compile --board {self.design.board}", DESIGN, f"hwflow {__version__}")


def gather(folder: Path) -> Evidence:
    """Read every record of a project folder; that of training lies there or in the folder above.

    Raises UserError if the folder is not there, holds no record at all, or a record is damaged.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}; make one with `hwflow compile`.")
    design = _if_there(folder / DESIGN, lambda path: Design.from_folder(path.parent))
    beside = folder / TRAINING if (folder / TRAINING).exists() or design is None else folder.resolve().parent / TRAINING
    evidence = Evidence(
        title=design.board if design else folder.resolve().name,
        folder=str(folder),
        training=_if_there(beside, read_training),
        design=design,
    )
    if evidence.training is None and evidence.design is None:
        raise UserError(
            f"{folder} holds no record of hwflow; name a folder that `hwflow compile` or `hwflow train` made."
        )
    return evidence


def _if_there(path: Path, read: Callable[[Path], Record]) -> Record | None:
    return read(path) if path.exists() else None
