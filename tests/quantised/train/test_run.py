"""Training as a whole: files, figures, and that the exported model is the trained one."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hwflow.apps import find_recipe
from hwflow.dataset import Dataset
from hwflow.errors import UserError
from hwflow.quantised.train.recipes import Recipe
from hwflow.quantised.train.run import TrainResult, train_recipe
from hwflow.sources import Source


def quick(name: str, float_steps: int = 150, quantised_steps: int = 250) -> Recipe:
    recipe = find_recipe(name)
    schedule = dataclasses.replace(
        recipe.schedule, hidden=(16, 16), float_steps=float_steps, quantised_steps=quantised_steps
    )
    return dataclasses.replace(recipe, schedule=schedule)


def silent(what: str, share: float) -> None:
    assert what
    assert 0 <= share <= 1


def execute(model: Path, x: NDArray[np.float32]) -> NDArray[Any]:
    """The outputs of the QONNX file, as the qonnx package computes them: [n, classes]."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.util.cleanup import cleanup_model

    wrapper = cleanup_model(ModelWrapper(str(model)))
    name = wrapper.graph.input[0].name
    return np.concatenate([next(iter(execute_onnx(wrapper, {name: row[None]}).values())) for row in x])


@pytest.mark.parametrize("bits", [0, 9])
def test_bits_out_of_range(tmp_path: Path, bits: int) -> None:
    with pytest.raises(UserError, match="from 1 to 8"):
        train_recipe(quick("digits"), bits, (), 0, tmp_path / "m.onnx", silent)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_as_model(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder"):
        train_recipe(quick("digits"), 2, (), 0, tmp_path, silent)


@pytest.mark.slow
@pytest.mark.parametrize("bits", [1, 2, 8])
def test_the_exported_model_is_the_judged_one(tmp_path: Path, bits: int) -> None:
    result = train_recipe(quick("digits"), bits, (), 0, tmp_path / "a 'quoted' name.onnx", silent)
    assert result.quantised.accuracy > 0.8
    vectors = np.load(result.vectors)
    assert vectors["x"].dtype == np.float32
    outputs = execute(result.model, vectors["x"])
    # Outputs are multiples of one unit; float sums of equal accumulators may differ in the last bit.
    said = np.round(outputs, 4).argmax(axis=1)
    assert (said == vectors["y"]).sum() == result.quantised.correct
    summary = json.loads(result.summary.read_text())
    assert summary == json.loads(json.dumps(result.to_json()))
    assert summary["quantised"]["accuracy"] == result.quantised.accuracy
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a 'quoted' name.onnx", "training.json", "vectors.npz"]


@pytest.mark.slow
def test_one_bit_inputs_stay_zero_and_one(tmp_path: Path) -> None:
    """Brevitas alone would write them as -1 and +1 and every output would change."""

    def bits_of_digits(data: Sequence[Source], seed: int) -> Dataset:
        grey = find_recipe("digits").prepare(data, seed)
        parts = {name: (getattr(grey, name) > 7).astype(np.uint8) for name in ("x_train", "x_validation", "x_test")}
        return dataclasses.replace(grey, **parts, input_bits=1)

    recipe = dataclasses.replace(quick("digits"), prepare=bits_of_digits)
    result = train_recipe(recipe, 2, (), 0, tmp_path / "m.onnx", silent)
    vectors = np.load(result.vectors)
    said = np.round(execute(result.model, vectors["x"]), 4).argmax(axis=1)
    assert (said == vectors["y"]).sum() == result.quantised.correct
    assert result.quantised.accuracy > 0.8


@pytest.mark.slow
def test_equal_seeds_give_equal_models(tmp_path: Path) -> None:
    recipe = quick("digits", 50, 50)
    models = [
        train_recipe(recipe, 2, (), seed, tmp_path / name / "m.onnx", silent).model.read_bytes()
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert models[0] == models[1] != models[2]


def check_bars(result: TrainResult) -> None:
    rates = result.quantised.false_negative_rate[1:]
    assert result.quantised.accuracy >= 0.999
    assert all(rate is not None and rate <= 0.001 for rate in rates), rates
    assert result.quantised.accuracy >= result.float_net.accuracy - 0.001
    lookup = next(evaluation for evaluation in result.baselines if evaluation.name == "identifier lookup")
    assert lookup.accuracy < 0.99


@pytest.mark.slow
@pytest.mark.long
def test_can_ids_reaches_the_published_accuracy(tmp_path: Path) -> None:
    """The demo's net on held-out time and payloads; >= 3,000 frames of each attack make 0.1 % mean something."""
    result = train_recipe(find_recipe("can-ids"), 2, (), 0, tmp_path / "ids.onnx", silent)
    assert all(sum(row) >= 3000 for row in result.quantised.confusion)
    check_bars(result)


@pytest.mark.slow
def test_can_ids_on_a_real_car(shared: Path, tmp_path: Path) -> None:
    log = Source(shared / "data/can/savvycan_candump.log", "normal")
    result = train_recipe(find_recipe("can-ids"), 2, (log,), 0, tmp_path / "ids.onnx", silent)
    assert result.quantised.accuracy >= 0.995
