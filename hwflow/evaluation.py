"""How good a classifier is, from its confusion matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Evaluation:
    """A classifier's confusion matrix on a test set: confusion[true][said] = number of samples.

    Rates of a class without samples, and the precision of one that was never said, are None. Raises ValueError for what is no
    such matrix of these classes.
    """

    name: str
    class_names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        count = len(self.class_names)
        if len(self.confusion) != count or any(len(row) != count for row in self.confusion):
            raise ValueError(f"the confusion of {count} classes has as many rows and columns")
        if any(number < 0 for row in self.confusion for number in row):
            raise ValueError("a number of samples is below 0")

    @property
    def samples(self) -> int:
        return sum(map(sum, self.confusion))

    @property
    def correct(self) -> int:
        return sum(row[index] for index, row in enumerate(self.confusion))

    @property
    def accuracy(self) -> float:
        """correct / samples, 0 … 1."""
        return self.correct / self.samples

    @property
    def precision(self) -> tuple[float | None, ...]:
        """Per class: of the samples said to be it, the part that is."""
        said = [sum(column) for column in zip(*self.confusion, strict=True)]
        return tuple(_ratio(row[i], said[i]) for i, row in enumerate(self.confusion))

    @property
    def recall(self) -> tuple[float | None, ...]:
        """Per class: of its samples, the part said to be it."""
        return tuple(_ratio(row[i], sum(row)) for i, row in enumerate(self.confusion))

    @property
    def f1(self) -> tuple[float | None, ...]:
        """Per class: 2 correct / (samples + said), the harmonic mean of precision and recall."""
        said = [sum(column) for column in zip(*self.confusion, strict=True)]
        return tuple(_ratio(2 * row[i], sum(row) + said[i]) for i, row in enumerate(self.confusion))

    @property
    def false_negative_rate(self) -> tuple[float | None, ...]:
        """Per class: 1 - recall, in which an attack taken for another attack counts as missed too."""
        return tuple(_ratio(sum(row) - row[i], sum(row)) for i, row in enumerate(self.confusion))

    def to_json(self) -> dict[str, Any]:
        """All of the above as JSON values; per-class figures by class name."""

        def by_class(rates: tuple[float | None, ...]) -> dict[str, float | None]:
            return dict(zip(self.class_names, rates, strict=True))

        return {
            "name": self.name,
            "samples": self.samples,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "precision": by_class(self.precision),
            "recall": by_class(self.recall),
            "f1": by_class(self.f1),
            "false_negative_rate": by_class(self.false_negative_rate),
            "class_names": list(self.class_names),
            "confusion": [list(row) for row in self.confusion],
        }

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Evaluation":
        """The inverse of `to_json`, which needs only name, class_names and confusion."""
        rows = tuple(tuple(int(count) for count in row) for row in document["confusion"])
        return Evaluation(document["name"], tuple(document["class_names"]), rows)


def evaluate(name: str, class_names: Sequence[str], true: NDArray[np.int64], said: NDArray[np.int64]) -> Evaluation:
    """Compare labels [n] with a classifier's [n], both indices in class_names."""
    classes = len(class_names)
    counts = np.bincount(true * classes + said, minlength=classes * classes).reshape(classes, classes)
    return Evaluation(name, tuple(class_names), tuple(tuple(row) for row in counts.tolist()))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
