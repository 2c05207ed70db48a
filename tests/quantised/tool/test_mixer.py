"""A mixer of 8 x 8 digits, whose rows are the tokens, from Brevitas to the RTL."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwflow.quantised.backend.folding import dense_layers
from hwflow.quantised.model import QuantisedModel
from hwflow.quantised.network import Reduce, Transpose

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SIDE, WIDE = 8, 12


def mixer() -> Any:
    """A block that mixes tokens, then channels, each with a residual, and the mean over tokens; as it is before training."""
    torch = pytest.importorskip("torch")
    qnn = pytest.importorskip("brevitas.nn")
    nn = torch.nn
    torch.manual_seed(1)

    def block() -> Any:
        return nn.Sequential(
            qnn.QuantLinear(SIDE, WIDE, bias=True, weight_bit_width=3),
            qnn.QuantReLU(bit_width=3),
            qnn.QuantLinear(WIDE, SIDE, bias=True, weight_bit_width=3),
            qnn.QuantIdentity(bit_width=4),
        )

    class Mixer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.input = qnn.QuantIdentity(bit_width=4)
            self.tokens, self.channels = block(), block()
            self.joined, self.mixed = qnn.QuantIdentity(bit_width=5), qnn.QuantIdentity(bit_width=5)
            self.pooled = qnn.QuantIdentity(bit_width=6)
            self.classes = qnn.QuantLinear(SIDE, 10, bias=True, weight_bit_width=4)

        def forward(self, x: Any) -> Any:
            x = self.input(x)
            x = self.joined(x + self.tokens(x.transpose(1, 2)).transpose(1, 2))
            x = self.mixed(x + self.channels(x))
            return self.classes(self.pooled(x.mean(dim=1)))

    net = Mixer()
    net.train()
    for _ in range(10):  # scales of activations come from what passes
        net(torch.rand(64, SIDE, SIDE))
    return net.eval()


def test_a_mixer_is_exact_from_brevitas_to_the_rtl(tmp_path: Path) -> None:
    net = mixer()
    from hwflow.quantised.train.brevitas import export_module

    export_module(net, np.zeros((1, SIDE, SIDE), dtype=np.float32), tmp_path / "mixer.onnx")
    model = QuantisedModel.read(tmp_path / "mixer.onnx")
    kinds = [type(node.layer) for node in model.network.nodes]
    assert kinds.count(Transpose) == 2 and kinds.count(Reduce) == 1
    assert [layer.tokens for layer in dense_layers(model.network).values()] == [SIDE] * 4 + [1]
    x = np.random.default_rng(0).uniform(0, 1, (200, SIDE, SIDE)).astype(np.float32)
    record = model.check(x, count=100)
    assert record.right, record.wrong
    project = model.compile("sim", tmp_path / "project", no_check=True)
    simulated = project.simulate(x)
    assert simulated.right, simulated.wrong
