"""Nets that are graphs, as recipes train them: what they import as, and that the integers are the trained net's.

How well they do, trained in full, is what benchmarks/recipes.py tells.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwflow.apps import find_recipe
from hwflow.errors import UserError
from hwflow.quantised import reference
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Add, Concat, Dense, Layer, Slice, TableSum, Threshold, Transpose
from hwflow.quantised.train.recipes import Recipe
from hwflow.quantised.train.run import train_recipe

NODES: dict[str, set[type[Layer]]] = {
    "hourglass": {Dense, Threshold, Add},
    "two-stream": {Slice, Dense, Threshold, Concat},
    "dendrites": {Dense, Threshold, Concat},
    "mixer": {Dense, Threshold, Transpose},
    "kan": {TableSum},
}


def quick(name: str, steps: int = 90) -> Recipe:
    recipe = find_recipe(name)
    return replace(recipe, schedule=replace(recipe.schedule, float_steps=5, quantised_steps=steps))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch and Brevitas themselves
@pytest.mark.parametrize("name", NODES)
def test_the_integers_are_the_trained_net(tmp_path: Path, name: str) -> None:
    recipe = quick(name)
    result = train_recipe(recipe, recipe.bits, (), 0, tmp_path / "m.onnx", lambda what, share: None)
    network = load(result.model)
    assert {type(node.layer) for node in network.nodes} == NODES[name]
    with np.load(result.vectors) as file:
        x, y = file["x"], file["y"]
    said = reference.run(network, network.quantise(x)).argmax(axis=1)
    assert (said == y).sum() == result.quantised.correct
    assert result.quantised.accuracy > 0.5 and result.weights > 500


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_is_frozen_stays() -> None:
    """The projection from the start, and dendrites once they are."""
    torch = pytest.importorskip("torch")
    from hwflow.quantised.train.graphs import Dendrites, Hourglass

    hourglass = Hourglass(64, (16, 4), 10, 2, 5)
    again = Hourglass(64, (16, 4), 10, 3, 5)
    signs = hourglass.projection[0].weight
    assert not signs.requires_grad and torch.equal(signs, again.projection[0].weight)
    assert len(torch.unique(signs)) == 2
    dendrites = Dendrites(64, (4, 2), 10, 2, 5)
    assert dendrites.dendrites.weight.requires_grad
    dendrites.freeze()
    assert not dendrites.dendrites.weight.requires_grad and dendrites.neurons.weight.requires_grad


@pytest.mark.parametrize("name", NODES)
def test_one_bit_is_too_few(tmp_path: Path, name: str) -> None:
    recipe = quick(name)
    schedule = replace(recipe.schedule, float_steps=1)
    with pytest.raises(UserError, match="give --bits from 2"):
        train_recipe(replace(recipe, schedule=schedule), 1, (), 0, tmp_path / "m.onnx", lambda what, share: None)
    assert list(tmp_path.iterdir()) == []
