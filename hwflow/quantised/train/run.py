"""The verb `train`: a recipe to a model file, test vectors and figures, side by side."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.dataset import Dataset
from hwflow.errors import UserError, missing
from hwflow.evaluation import Evaluation, evaluate
from hwflow.paths import whole_file
from hwflow.quantised.train.baselines import baselines
from hwflow.quantised.train.recipes import Progress, Recipe
from hwflow.sources import Source
from hwflow.words import Done, Part, table

_MODULES = ("torch", "brevitas", "sklearn", "onnxscript")
_PACKAGES = ("torch", "brevitas", "numpy", "scikit-learn")


@dataclass(frozen=True)
class TrainResult(Done):
    """What training made. Paths lie beside the model; seconds of wall clock; evaluations on the held-out test part.

    quantised: of the exported net; float_net: of the same shape in floats; baselines: majority class, identifier
    lookup where there are identifiers, decision tree. sizes: inputs, hidden layers, classes.
    """

    recipe: str
    bits: int
    seed: int
    model: Path
    vectors: Path
    summary: Path
    sizes: tuple[int, ...]
    weights: int
    quantised: Evaluation
    float_net: Evaluation
    baselines: tuple[Evaluation, ...]
    validation_accuracy: float | None
    samples: tuple[int, int, int]
    notes: tuple[str, ...]
    seconds: float

    @property
    def paths(self) -> dict[str, object]:
        """The files, for whoever stands elsewhere."""
        return {"model": str(self.model), "vectors": str(self.vectors), "training": str(self.summary)}

    def words(self) -> tuple[Part, ...]:
        """Accuracies, the confusion matrix, and the rates of each class."""
        judged = (self.quantised, self.float_net, *self.baselines)
        rows = [(e.name, f"{e.accuracy:.3%}", _missed(e.false_negative_rate[1:])) for e in judged]
        ours = self.quantised
        rates = (ours.precision, ours.recall, ours.f1, ours.false_negative_rate)
        said = [(name, *row) for name, row in zip(ours.class_names, ours.confusion, strict=True)]
        return (
            *self.notes,
            table(["classifier", "accuracy", "most missed of a class"], rows),
            "",
            table(["true class", *(f"said {name}" for name in ours.class_names)], said),
            "",
            table(
                ["class", "precision", "recall", "F1", "false negatives"],
                [(name, *map(_share, found)) for name, *found in zip(ours.class_names, *rates, strict=True)],
            ),
            f"{self.model}: {self.weights:,} weights, {self.seconds:.0f} s",
        )

    def to_json(self) -> dict[str, Any]:
        """What `training.json` holds; the files by their names."""
        return {
            "recipe": self.recipe,
            "bits": self.bits,
            "seed": self.seed,
            "model": self.model.name,
            "vectors": self.vectors.name,
            "sizes": list(self.sizes),
            "weights": self.weights,
            "quantised": self.quantised.to_json(),
            "float": self.float_net.to_json(),
            "baselines": [evaluation.to_json() for evaluation in self.baselines],
            "validation_accuracy": self.validation_accuracy,
            "samples": dict(zip(("train", "validation", "test"), self.samples, strict=True)),
            "notes": list(self.notes),
            "versions": {package: version(package) for package in _PACKAGES},
            "seconds": round(self.seconds, 1),
        }


def check_training() -> None:
    """Raises MissingTool if a package that training needs is not installed."""
    absent = [name for name in _MODULES if find_spec(name) is None]
    if absent:
        raise missing("Training", " and ".join(absent), "train")


def train_recipe(
    recipe: Recipe, bits: int, data: Sequence[Source], seed: int, out: Path, progress: Progress
) -> TrainResult:
    """Prepare the data (the user's files, or none), train, export to `out` (QONNX), and write beside it `vectors.npz`, `training.json`, sidecars.

    vectors.npz: x float32 [n, inputs] and y int64 [n], the whole test part in an order shuffled with the seed, so that
    its beginning has every class. progress(what, share done) is called now and then.
    Raises UserError for `bits` outside 1 … 8 or unusable data, MissingTool without torch or Brevitas.
    """
    if not 1 <= bits <= 8:
        raise UserError(f"A net of {bits} bits cannot be trained; give --bits from 1 to 8.")
    if out.is_dir():
        raise UserError(f"{out} is a folder; name the model file with --out, such as {out / 'model.onnx'}.")
    check_training()
    from hwflow.quantised.train.brevitas import classify, export_qonnx, train_pair, weight_count

    start = time.monotonic()
    progress("data", 0.0)
    dataset = recipe.prepare(data, seed)
    progress("data", 1.0)
    reference, net = train_pair(dataset, recipe.schedule, bits, seed, progress, recipe.net)
    progress("evaluation", 0.0)
    judged = [
        evaluate(name, dataset.class_names, dataset.y_test, classify(model, dataset.x_test))
        for name, model in ((f"{bits}-bit {recipe.net.value}", net), ("float MLP", reference))
    ]
    others = baselines(dataset, seed)
    validated = classify(net, dataset.x_validation) == dataset.y_validation
    progress("evaluation", 1.0)
    export_qonnx(net, dataset.x_train.shape[1], out)
    result = TrainResult(
        recipe.name,
        bits,
        seed,
        out,
        out.parent / "vectors.npz",
        out.parent / "training.json",
        (dataset.x_train.shape[1], *recipe.schedule.hidden, len(dataset.class_names)),
        weight_count(net),
        judged[0],
        judged[1],
        others,
        float(validated.mean()) if len(validated) else None,
        (len(dataset.y_train), len(dataset.y_validation), len(dataset.y_test)),
        dataset.notes,
        time.monotonic() - start,
    )
    _write_beside(result, dataset)
    return result


def _write_beside(result: TrainResult, dataset: Dataset) -> None:
    order = np.random.default_rng(result.seed).permutation(len(dataset.y_test))
    with whole_file(result.vectors) as draft, draft.open("wb") as handle:
        np.savez_compressed(handle, x=dataset.x_test[order].astype(np.float32), y=dataset.y_test[order])
    for name, content in dataset.sidecars:
        with whole_file(result.model.parent / name) as draft:
            draft.write_bytes(content)
    with whole_file(result.summary) as draft:
        draft.write_text(json.dumps(result.to_json(), indent=1) + "\n")


def _share(rate: float | None) -> str | None:
    return None if rate is None else f"{rate:.3%}"


def _missed(rates: tuple[float | None, ...]) -> str | None:
    return _share(max((rate for rate in rates if rate is not None), default=None))
