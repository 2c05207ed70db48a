"""training.json, as `hwflow train` writes it."""

import json
from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.quantised.report.training import read_training
from hwflow.quantised.train.run import TrainResult


def test_what_training_writes_is_read(trained: TrainResult, tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    path.write_text(json.dumps(trained.to_json()))
    read = read_training(path)
    assert (read.recipe, read.bits, read.seed, read.model) == ("can-ids", 2, 3, "ids.onnx")
    assert (read.sizes, read.weights, read.samples) == (trained.sizes, trained.weights, trained.samples)
    assert (read.quantised, read.float_net, read.baselines) == (trained.quantised, trained.float_net, trained.baselines)
    assert read.notes == trained.notes and read.versions[0].startswith("torch 2.")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("sizes"),
        lambda document: document.update(quantised=3),
        lambda document: document["quantised"].update(confusion=[[1, 2], [3]]),
        lambda document: document["quantised"].update(confusion=[[0] * 3] * 3),
        lambda document: document.update(samples=[1, 2]),
        lambda document: document.update(seconds="long"),
    ],
)
def test_a_damaged_record_is_refused_by_its_path(spoil, trained: TrainResult, tmp_path: Path) -> None:
    document = trained.to_json()
    spoil(document)
    path = tmp_path / "training.json"
    path.write_text(json.dumps(document))
    with pytest.raises(UserError, match="training.json is not a readable record"):
        read_training(path)


def test_text_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "training.json"
    path.write_text("{")
    with pytest.raises(UserError, match="run `hwflow train` again"):
        read_training(path)
