"""MLPs whose layers have bits of their own: what becomes of them as integers, pruned weights, and looks that change nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwflow.apps import find_recipe
from hwflow.quantised.frontend import load
from hwflow.quantised.network import Dense, Network
from hwflow.quantised.train.brevitas import classify, export_qonnx
from hwflow.quantised.train.mixed import Shape, train_mixed

pytestmark = pytest.mark.slow

SHAPE = Shape((12, 8), (3, 1, 4), (2, 3), 0.5)


def trained(path: Path, watch) -> Network:
    data = find_recipe("digits").prepare((), 0)
    schedule = replace(find_recipe("digits").schedule, float_steps=8, quantised_steps=12)
    export_qonnx(train_mixed(data, schedule, SHAPE, 0, watch), 64, path)
    return load(path)


def test_bits_pruned_weights_and_looks(tmp_path: Path) -> None:
    data, shares = find_recipe("digits").prepare((), 0), []

    def watch(net, share: float) -> None:
        classify(net, data.x_validation)
        shares.append(share)

    network = trained(tmp_path / "watched.onnx", watch)
    assert np.allclose(shares, [0.4, 0.55, 0.7, 0.85])
    matrices = [node.layer.weight for node in network.nodes if isinstance(node.layer, Dense)]
    assert [int(np.abs(weight).max()) <= most for weight, most in zip(matrices, (3, 1, 7), strict=True)] == 3 * [True]
    zeros = [float((weight == 0).mean()) for weight in matrices]
    assert zeros[0] >= 0.5 and zeros[1] == 0.0 and zeros[2] >= 0.5
    (tmp_path / "again").mkdir()
    assert trained(tmp_path / "again" / "watched.onnx", lambda net, share: None).digest == network.digest


def test_weight_memory() -> None:
    assert SHAPE.weight_memory(64, 10) == 64 * 12 * 3 + 12 * 8 * 1 + 8 * 10 * 4
