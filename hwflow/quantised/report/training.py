"""The record of training, `training.json`, as the report reads it."""

import json
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import UserError
from hwflow.evaluation import Evaluation

TRAINING = "training.json"


@dataclass(frozen=True)
class Training:
    """What `hwflow train` wrote: the exported net, its float twin and the baselines, on the held-out samples.

    sizes: inputs, hidden layers, classes; samples: training, validation, test; versions: packages and theirs;
    seconds: of wall clock.
    """

    recipe: str
    bits: int
    seed: int
    model: str
    sizes: tuple[int, ...]
    weights: int
    quantised: Evaluation
    float_net: Evaluation
    baselines: tuple[Evaluation, ...]
    samples: tuple[int, ...]
    notes: tuple[str, ...]
    versions: tuple[str, ...]
    seconds: float

    @property
    def others(self) -> tuple[Evaluation, ...]:
        """What the net is compared with."""
        return (self.float_net, *self.baselines)


def read_training(path: Path) -> Training:
    """Read `training.json`. Raises UserError if it is damaged."""
    try:
        document = json.loads(path.read_text())
        return Training(
            recipe=str(document["recipe"]),
            bits=int(document["bits"]),
            seed=int(document["seed"]),
            model=str(document["model"]),
            sizes=tuple(int(size) for size in document["sizes"]),
            weights=int(document["weights"]),
            quantised=_evaluation(document["quantised"]),
            float_net=_evaluation(document["float"]),
            baselines=tuple(_evaluation(entry) for entry in document["baselines"]),
            samples=tuple(int(count) for count in document["samples"].values()),
            notes=tuple(str(note) for note in document["notes"]),
            versions=tuple(f"{package} {version}" for package, version in document["versions"].items()),
            seconds=float(document["seconds"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} is not a readable record of training ({error!r:.80}); run `hwflow train` again."
        ) from None


def _evaluation(document: dict[str, object]) -> Evaluation:
    evaluation = Evaluation.from_json(document)
    classes = len(evaluation.class_names)
    if [len(row) for row in evaluation.confusion] != [classes] * classes or not evaluation.samples:
        raise ValueError("a confusion matrix is not square or is empty")
    return evaluation
