"""What is not seen by training as a whole (test_run.py)."""

import importlib
import subprocess
import sys

import pytest

from hwflow.errors import MissingTool


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "hwflow.quantised.train.brevitas", raising=False)
    with pytest.raises(MissingTool, match=r"Training needs torch, .*pip install 'hwflow\[train\]'"):
        importlib.import_module("hwflow.quantised.train.brevitas")


def test_recipes_load_nothing_heavy() -> None:
    heavy = {"torch", "onnx", "sklearn", "scipy", "can"}
    program = "import sys, hwflow.quantised.train.run; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)


@pytest.mark.slow
def test_ranges_of_weights_and_activations() -> None:
    import torch

    from hwflow.quantised.train.brevitas import quantised_mlp, weight_count

    torch.manual_seed(0)
    for bits, greatest in ((1, 1), (2, 1), (3, 3), (8, 127)):
        net = quantised_mlp(12, (6, 4), 3, bits, 1)
        assert weight_count(net) == 12 * 6 + 6 * 4 + 4 * 3
        for layer in (net[1], net[4], net[7]):
            weights = layer.quant_weight().int()
            assert int(weights.abs().max()) == greatest
            assert bits > 1 or bool((weights != 0).all())
