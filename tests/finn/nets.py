"""Nets for the tests that need FINN."""

from pathlib import Path
from typing import Literal

from hwflow.quantised.flow.request import Request
from hwflow.quantised.model import QuantisedModel
from hwflow.quantised.project import QuantisedProject

ANY = Request()
DEEP = (593, 64, 64, 64, 1)  # FINN's own cybersecurity example (UNSW-NB15), with two bits everywhere
DEMO = (128, 32, 32, 5)  # the net of `hwflow demo can-ids`


def deep_net(path: Path) -> Path:
    """A QONNX file of a 593-64-64-64-1 net, weights and activations of two bits, as Brevitas exports it; not trained."""
    return _mlp(path, DEEP, input_bits=2)


def demo_net(path: Path) -> Path:
    """The same of a 128-32-32-5 net, whose inputs are bits."""
    return _mlp(path, DEMO, input_bits=1)


def _mlp(path: Path, sizes: tuple[int, ...], input_bits: int) -> Path:
    """Batch norms get statistics and gains of both signs, so that thresholds differ by channel and some are descending."""
    import torch

    from hwflow.quantised.train.brevitas import export_qonnx, quantised_mlp

    torch.manual_seed(3)
    net = quantised_mlp(sizes[0], sizes[1:-1], sizes[-1], 2, input_bits)
    draw = torch.Generator().manual_seed(4)
    for layer in net:
        if isinstance(layer, torch.nn.BatchNorm1d):
            size = layer.num_features
            layer.running_mean.copy_(torch.randn(size, generator=draw) * 0.5)
            layer.running_var.copy_(torch.rand(size, generator=draw) + 0.2)
            with torch.no_grad():
                layer.weight.copy_(torch.randn(size, generator=draw) + 0.5)
                layer.bias.copy_(torch.randn(size, generator=draw) * 0.3)
    net.eval()
    export_qonnx(net, sizes[0], path)
    return path


def compile_with_finn(model: Path, board: str, out: Path, request: Request = ANY) -> QuantisedProject:
    """The project of a model file, through FINN."""
    return _compile(model, board, out, request, "finn")


def compile_with_own(model: Path, board: str, out: Path, request: Request = ANY) -> QuantisedProject:
    """The same through hwflow's own RTL."""
    return _compile(model, board, out, request, "dataflow")


def _compile(
    model: Path, board: str, out: Path, request: Request, backend: Literal["dataflow", "finn"]
) -> QuantisedProject:
    read = QuantisedModel.read(model)
    return read.compile(
        board, out, backend=backend, folding=request.folding, target_fps=request.target_fps, baud=request.baud
    )
