"""A feed-forward spiking net trained off the chip, with surrogate gradients, and written as a NIR file.

Each layer: u[t] = beta · v[t-1] + W s[t]; a spike where u > 1, then v = 0 (or u - 1), else v = u. The step has no gradient, so
that of 1 / (1 + slope · |u - 1|)² stands in for it (Zenke and Ganguli's SuperSpike). Each class has as many output neurons as any
other, its voters, and the class is the one whose voters have most spikes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import missing
from hwflow.paths import whole_file
from hwflow.spiking.train.coding import Spikes

if TYPE_CHECKING:
    import torch

DT = 1e-3  # seconds of a tick in the file: only dt / tau means something
BETA = 0.9


@dataclass(frozen=True)
class Layer:
    """weight: [neurons, inputs], for a threshold of 1; beta: what is left of a membrane after a tick. Without a bias, silence
    brings every neuron back to rest."""

    weight: NDArray[np.float32]
    beta: float = BETA


@dataclass(frozen=True)
class Training:
    """hidden: neurons of the hidden layer; steps, batch, learning_rate, decay: of Adam with a cosine schedule, and of weights; reset:
    what a spike does to v: `zero`, or `subtract` for the threshold being taken off; beta: 0 for neurons that remember nothing;
    voters: output neurons of a class; slope: of the surrogate; scale: of the weights at first; lost, hidden_lost: shares of
    the spikes of inputs and hidden neurons that are left out, so that no single one decides; worth: of a spike of an output, as
    a logit; price: of the spikes of a hidden neuron in a tick, in the loss."""

    hidden: int = 96
    steps: int = 600
    batch: int = 128
    learning_rate: float = 3e-3
    decay: float = 1e-2
    reset: str = "zero"
    beta: float = BETA
    voters: int = 1
    slope: float = 10.0
    scale: float = 2.0
    lost: float = 0.15
    hidden_lost: float = 0.0
    worth: float = 1.0
    price: float = 0.0


def check_training() -> None:
    """Raises MissingTool without PyTorch or the package `nir`."""
    _demand("torch")
    _demand("nir")


def train_layers(
    x: Spikes, y: NDArray[np.int64], classes: int, how: Training, seed: int, progress: Callable[[str, float], None]
) -> tuple[Layer, ...]:
    """Train on spikes, bool [samples, ticks, inputs], and their classes, [samples].

    Raises MissingTool without PyTorch.
    """
    _demand("torch")
    with _one_thread():
        return _train(x, y, classes, how, seed, progress)


def _train(
    x: Spikes, y: NDArray[np.int64], classes: int, how: Training, seed: int, progress: Callable[[str, float], None]
) -> tuple[Layer, ...]:
    import torch

    torch.manual_seed(seed)
    spikes, labels = torch.from_numpy(x), torch.from_numpy(y)
    sizes = (x.shape[2], how.hidden, classes * how.voters)
    dense = [torch.nn.Linear(n, m, bias=False) for n, m in pairwise(sizes)]
    with torch.no_grad():
        for one in dense:
            one.weight *= how.scale
    parameters = [parameter for one in dense for parameter in one.parameters()]
    adam = torch.optim.AdamW(parameters, lr=how.learning_rate, weight_decay=how.decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, how.steps)
    draw = torch.Generator().manual_seed(seed)
    for step in range(how.steps):
        chosen = torch.randint(len(labels), (how.batch,), generator=draw)
        counts, busy = _counts(dense, _some(spikes[chosen].float(), how.lost, draw), how, draw)
        votes = how.worth * counts.reshape(-1, classes, how.voters).sum(dim=2)
        loss = torch.nn.functional.cross_entropy(votes, labels[chosen], label_smoothing=0.05) + how.price * busy
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()
        schedule.step()
        progress("surrogate gradients", (step + 1) / how.steps)
    return tuple(Layer(one.weight.detach().numpy().copy(), how.beta) for one in dense)


def spike_counts(layers: tuple[Layer, ...], x: Spikes) -> NDArray[np.int64]:
    """Spikes of each output neuron in floats, without gradients: [samples, outputs]. The check on what was exported."""
    signal = x.astype(np.float32)
    for layer in layers:
        v = np.zeros((len(signal), len(layer.weight)), np.float32)
        out = np.zeros((*signal.shape[:2], len(layer.weight)), np.float32)
        for t in range(signal.shape[1]):
            u = np.float32(layer.beta) * v + signal[:, t] @ layer.weight.T
            out[:, t] = u > 1
            v = np.where(u > 1, np.float32(0), u)
        signal = out
    return np.asarray(signal.sum(axis=1), np.int64)


def votes(counts: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Spikes for each class, [samples, classes]. counts: of each output neuron, [samples, classes · voters]."""
    return np.asarray(counts.reshape(len(counts), classes, -1).sum(axis=2), np.int64)


def write_nir(layers: tuple[Layer, ...], path: Path) -> None:
    """A chain of Linear and LIF nodes: tau = dt / (1 - beta), and R = tau / dt, so that a current I raises v by I a tick; a beta
    below 1.

    Raises MissingTool without the package `nir`.
    """
    _demand("nir")
    import nir

    nodes = {"input": nir.Input(input_type=np.array([layers[0].weight.shape[1]]))}
    for number, layer in enumerate(layers, 1):
        one, tau = np.ones(len(layer.weight)), DT / (1 - layer.beta)
        nodes[f"linear{number}"] = nir.Linear(weight=layer.weight)
        nodes[f"lif{number}"] = nir.LIF(
            tau=tau * one, r=tau / DT * one, v_leak=0 * one, v_threshold=one, v_reset=0 * one
        )
    nodes["output"] = nir.Output(output_type=np.array([len(layers[-1].weight)]))
    names = list(nodes)
    with whole_file(path) as draft:
        nir.write(str(draft), nir.NIRGraph(nodes=nodes, edges=list(pairwise(names))))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Many threads cost more than they give with matrices as small as these, and would sum in other orders."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _demand(package: str) -> None:
    if find_spec(package) is None:
        raise missing("Training for NIR", package, "train")


def _counts(
    dense: "list[torch.nn.Linear]", spikes: "torch.Tensor", how: Training, draw: "torch.Generator"
) -> "tuple[torch.Tensor, torch.Tensor]":
    """Spikes of the outputs, with the surrogate's gradient, and those of a hidden neuron in a tick, on the mean."""
    import torch

    states = [torch.zeros(len(spikes), one.out_features) for one in dense]
    total, busy = torch.zeros_like(states[-1]), torch.zeros(())
    for t in range(spikes.shape[1]):
        signal = spikes[:, t]
        for index, one in enumerate(dense):
            u = how.beta * states[index] + one(signal)
            over = u - 1
            smooth = over / (1 + how.slope * over.abs())  # its derivative is the surrogate
            signal = (over > 0).float() + smooth - smooth.detach()
            fired = (over > 0).float()
            states[index] = u - fired if how.reset == "subtract" else u * (1 - fired)
            if one is not dense[-1]:
                busy = busy + signal.mean() / spikes.shape[1]
                signal = _some(signal, how.hidden_lost, draw)
        total = total + signal
    return total, busy


def _some(spikes: "torch.Tensor", lost: float, draw: "torch.Generator") -> "torch.Tensor":
    """Spikes, less a share that is drawn."""
    import torch

    return spikes * (torch.rand(spikes.shape, generator=draw) > lost) if lost else spikes
