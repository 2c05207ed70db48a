"""Pruned weights are the least of the net that training began with, and stay zero to its end."""

from dataclasses import replace

import numpy as np
import pytest

from hwflow.apps import find_recipe

pytestmark = pytest.mark.slow


def test_the_least_weights_are_pruned_and_matrices_of_one_bit_are_whole() -> None:
    import torch
    from torch import nn

    from hwflow.quantised.train.pruning import Pruning

    net = nn.Sequential(nn.Linear(4, 2, bias=False), nn.ReLU(), nn.Linear(2, 3, bias=False))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[0.5, -0.1, 0.2, -0.9], [0.1, 0.8, -0.3, 0.7]]))
        net[2].weight.fill_(0.5)
    pruning = Pruning.of(net, 0.5, (2, 1))
    with torch.no_grad():
        net[0].weight.fill_(2.0)  # as a step of training may
    pruning.apply()
    assert net[0].weight.tolist() == [[2, 0, 0, 2], [0, 2, 0, 2]]
    assert net[2].weight.tolist() == [[0.5, 0.5]] * 3


def test_a_recipes_pruned_net() -> None:
    from hwflow.quantised.train.brevitas import train_pair

    recipe = find_recipe("digits")
    data = recipe.prepare((), 0)
    schedule = replace(recipe.schedule, float_steps=8, quantised_steps=12, pruned=0.75)
    reference, net = train_pair(data, schedule, 2, 0, lambda what, done: None)
    matrices = [layer for layer in net if hasattr(layer, "quant_weight")]
    assert len(matrices) == len(schedule.hidden) + 1
    for layer in matrices:
        weight = layer.quant_weight().int().numpy()
        assert np.mean(weight == 0) >= 0.75 and weight.any()
    floats = [layer for layer in reference if hasattr(layer, "weight") and layer.weight.ndim == 2]
    assert all(bool((layer.weight != 0).all()) for layer in floats)
