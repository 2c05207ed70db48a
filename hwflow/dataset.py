"""What a net is trained and judged on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples in three parts that share none: training, validation and the held-out test.

    x_…: uint8 [n, features], unsigned integers of `input_bits` bits, which as float32 are what the model's input
    takes; y_…: int64 [n], index in class_names. identifier_columns: how many of the first features tell a message's
    identifier (0: there is none), for the lookup baseline. notes: sentences on where the data came from, for the
    report. sidecars: files that whoever runs the model needs beside it, by name.
    """

    x_train: Samples
    y_train: Labels
    x_validation: Samples
    y_validation: Labels
    x_test: Samples
    y_test: Labels
    input_bits: int
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    identifier_columns: int = 0
    notes: tuple[str, ...] = ()
    sidecars: tuple[tuple[str, bytes], ...] = ()

    def __post_init__(self) -> None:
        for x, y in ((self.x_train, self.y_train), (self.x_validation, self.y_validation), (self.x_test, self.y_test)):
            if x.shape != (len(y), len(self.feature_names)):
                raise ValueError("samples, labels and feature names differ in number")
            if len(x) and (int(x.max()) >= 1 << self.input_bits or not 0 <= y.min() <= y.max() < len(self.class_names)):
                raise ValueError("a sample or a label is out of range")

    def mapped(self, change: Callable[[Samples], Samples], **others: Any) -> "Dataset":
        """The same with the samples of each part changed, and other fields as they are given."""
        x_train, x_validation, x_test = (change(x) for x in (self.x_train, self.x_validation, self.x_test))
        return replace(self, x_train=x_train, x_validation=x_validation, x_test=x_test, **others)
