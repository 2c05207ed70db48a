"""Whether labels can be judged by, and the judgement."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.evaluation import Evaluation, evaluate


def check_labels(y: NDArray[Any], samples: int) -> None:
    """Raises UserError for labels that are not one whole number for each sample, or all the same."""
    if y.shape != (samples,) or not np.issubdtype(y.dtype, np.integer):
        raise UserError(
            f"The factory's labels have the shape {y.shape}; give one whole number for each of {samples} samples."
        )
    if len(np.unique(y)) < 2:
        raise UserError(
            "The factory's validation labels are all of one class, so that accuracy is constant; give several."
        )


def evaluated(class_names: tuple[str, ...], y: NDArray[Any], said: NDArray[np.int64]) -> Evaluation:
    """Labels and what was said. Raises UserError for classes that have no name."""
    classes = len(class_names)
    if not 0 <= int(y.min()) <= int(y.max()) < classes or not int(said.max()) < classes:
        raise UserError(
            f"The factory names {classes} classes, but labels or the net's outputs are more; give a name to each."
        )
    return evaluate("integers", class_names, y.astype(np.int64), said)
