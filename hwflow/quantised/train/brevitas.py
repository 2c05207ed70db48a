"""Quantisation-aware training of an MLP with Brevitas, and its export to QONNX."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from hwflow.dataset import Dataset, Labels, Samples
from hwflow.errors import UserError, needed
from hwflow.paths import whole_file
from hwflow.progress import silent
from hwflow.quantised.train.graphs import GraphNet, graph_net
from hwflow.quantised.train.layers import activation, dense, input_quantiser
from hwflow.quantised.train.pruning import Pruning
from hwflow.quantised.train.recipes import Net, Progress, Schedule

with needed("Training", "train"):
    import torch
    from brevitas import nn as qnn
    from brevitas.quant import Int8WeightPerTensorFloat
    from torch import Tensor, nn

_WARM_UP = 0.15  # of the steps, in which the learning rate rises
_REPORTS = 50
_BESIDE = (32,)  # hidden sizes of the float MLP beside a net that is a graph


def quantised_mlp(features: int, hidden: tuple[int, ...], classes: int, bits: int, input_bits: int) -> nn.Sequential:
    """An MLP for Brevitas: integer input, then dense, batch norm, activation for each hidden layer, then dense.

    The input takes unsigned integers of `input_bits` bits as they are (scale 1). Hidden weights have `bits` bits with
    a scale per channel (batch norm follows), the last layer's one scale and no bias: the class is the greatest
    accumulator. Weights are in -(2^(bits-1) - 1) … 2^(bits-1) - 1 and activations, after ReLU, in 0 … 2^bits - 1; with
    one bit both are -1 and +1.
    """
    layers: list[nn.Module] = [input_quantiser(input_bits)]
    for size in hidden:
        layers += [
            dense(features, size, bits),
            nn.BatchNorm1d(size),
            activation(bits),
        ]
        features = size
    layers.append(dense(features, classes, bits, Int8WeightPerTensorFloat))
    return nn.Sequential(*layers)


def float_mlp(features: int, hidden: tuple[int, ...], classes: int) -> nn.Sequential:
    """The same net in floats."""
    layers: list[nn.Module] = [nn.Identity()]
    for size in hidden:
        layers += [nn.Linear(features, size, bias=False), nn.BatchNorm1d(size), nn.ReLU()]
        features = size
    layers.append(nn.Linear(features, classes, bias=False))
    return nn.Sequential(*layers)


def train_pair(
    data: Dataset, schedule: Schedule, bits: int, seed: int, progress: Progress, form: Net = Net.MLP
) -> tuple[nn.Sequential, nn.Module]:
    """Train the float net, then the quantised one; both end in evaluation mode.

    A quantised MLP starts from the weights of the float one, less those that are pruned. Of another form there is none in floats: a float MLP of one
    hidden layer stands beside it. Equal arguments give equal nets on one machine: every random choice follows from `seed`.
    """
    sizes = (data.x_train.shape[1], schedule.hidden, len(data.class_names))
    with quiet(), seeded(seed):
        features, hidden, classes = sizes
        reference = float_mlp(features, hidden if form is Net.MLP else _BESIDE, classes)
        fit(reference, data, schedule, schedule.float_steps, seed, progress, "float net")
        what = f"{bits}-bit net"
        if form is not Net.MLP:
            graph = graph_net(form, *sizes, bits, data.input_bits)
            fit(graph, data, schedule, schedule.quantised_steps, seed + 1, progress, what)
            return reference, graph
        net = quantised_mlp(*sizes, bits, data.input_bits)
        copy_weights(reference, net)
        pruning = Pruning.of(net, schedule.pruned, (bits,) * (len(schedule.hidden) + 1))
        pruning.apply()
        fit(net, data, schedule, schedule.quantised_steps, seed + 1, progress, what, lambda made, step: pruning.apply())
    return reference, net


def classify(net: nn.Module, x: Samples) -> Labels:
    """The class with the greatest output (the first of equal ones) of each sample [n, features]: [n].

    A quantised net's outputs are compared as the integers they stand for: equal ones may differ in the last float bit.
    """
    said = []
    with torch.no_grad(), quiet():
        unit = _output_unit(net)
        for start in range(0, len(x), 1 << 16):
            outputs = net(torch.from_numpy(x[start : start + (1 << 16)]).float()).numpy()
            said.append(np.asarray(outputs if unit is None else np.rint(outputs / unit)).argmax(axis=1))
    return np.concatenate(said).astype(np.int64) if said else np.zeros(0, dtype=np.int64)


def export_qonnx(net: nn.Module, features: int, path: Path) -> None:
    """Write the net as QONNX, with an input of [1, features] float32; the file appears whole or not at all."""
    with whole_file(path) as draft:
        export_module(net, np.zeros((1, features), dtype=np.float32), draft)
        keep_bits_unsigned(draft)


def export_module(net: nn.Module, example: NDArray[np.float32], path: Path) -> None:
    """Write any module with Brevitas layers as QONNX, as it is in evaluation; it is left as it was.

    example: an input [1, …], of which the shape counts. Raises UserError for what is no module or cannot be exported.
    """
    if not isinstance(net, nn.Module):
        raise UserError(f"A {type(net).__name__} is no torch module; give the Brevitas net itself.")
    with needed("The export to QONNX", "train"), quiet():  # Brevitas warns of parts of itself when it is loaded
        from brevitas.export import export_qonnx as export
    training = net.training
    try:
        with quiet():
            export(net.eval(), args=torch.from_numpy(example), export_path=str(path), dynamo=False)
    except (RuntimeError, TypeError, ValueError, AttributeError, KeyError, NotImplementedError) as error:
        raise UserError(f"Brevitas cannot export the net ({str(error).splitlines()[0][:120]!r}); check that the example "
                        "has the shape of its input and that its layers are Brevitas's.") from None  # fmt: skip
    finally:
        net.train(training)


def _output_unit(net: nn.Module) -> float | None:
    """What one accumulator step of the last layer is worth, weight scale times activation scale; None in floats."""
    if isinstance(net, GraphNet):
        return net.unit()
    assert isinstance(net, nn.Sequential)
    last: Any = net[len(net) - 1]
    before: Any = net[len(net) - 2]
    if not isinstance(last, qnn.QuantLinear):
        return None
    return float(last.weight_quant.scale()) * float(before.act_quant.scale())


def keep_bits_unsigned(path: Path) -> None:
    """Make the input's one-bit quantiser a Quant of 0 and 1 again, which it was in training.

    Brevitas writes every quantiser of one bit as BipolarQuant, which turns 0 and 1 both into +1.
    """
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for node in graph.node:
        if node.op_type == "BipolarQuant" and node.input[0] == graph.input[0].name:
            zero, one = f"{node.output[0]}_zero_point", f"{node.output[0]}_bit_width"
            graph.initializer.append(onnx.numpy_helper.from_array(np.array(0, dtype=np.float32), zero))
            graph.initializer.append(onnx.numpy_helper.from_array(np.array(1, dtype=np.float32), one))
            node.op_type = "Quant"
            node.input.extend([zero, one])
            for key, value in (("signed", 0), ("narrow", 0), ("rounding_mode", "ROUND")):
                node.attribute.append(onnx.helper.make_attribute(key, value))
    onnx.save(model, path)


def copy_weights(source: nn.Sequential, target: nn.Sequential) -> None:
    """Weights and batch norms of one net for another of the same layers."""
    with torch.no_grad():
        for one, other in zip(source, target, strict=True):
            if isinstance(one, nn.Linear):
                cast(nn.Linear, other).weight.copy_(one.weight)
            elif isinstance(one, nn.BatchNorm1d):
                other.load_state_dict(one.state_dict())


def fit(
    net: nn.Module,
    data: Dataset,
    schedule: Schedule,
    steps: int,
    seed: int,
    progress: Progress = silent,
    what: str = "net",
    after: Callable[[nn.Module, int], None] = lambda net, step: None,
) -> None:
    """AdamW on the cross entropy under a one-cycle learning rate; the net ends in evaluation mode.

    after: called with the net after each step, and how many there were before it.
    """
    x, y = torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)
    batch = min(schedule.batch, max(16, len(x) // 100))
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.learning_rate, weight_decay=1e-2)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, schedule.learning_rate, total_steps=steps + 1, pct_start=_WARM_UP
    )
    generator = torch.Generator().manual_seed(seed)
    net.train()
    for step in range(steps):
        if isinstance(net, GraphNet) and step == steps // 3:
            net.freeze()
        rows = torch.randint(len(x), (batch,), generator=generator)
        samples = _disturb(x, rows, schedule, generator)
        loss = nn.functional.cross_entropy(net(samples), y[rows])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        rate.step()
        after(net, step)
        if step % (steps // _REPORTS + 1) == 0:
            progress(what, step / steps)
    progress(what, 1.0)
    net.eval()


def _disturb(x: Tensor, rows: Tensor, schedule: Schedule, generator: torch.Generator) -> Tensor:
    """The samples at `rows` as floats, disturbed as the schedule says."""
    samples = x[rows]
    first, last = schedule.exchange
    if last > first:
        swapped = torch.rand(len(rows), generator=generator) < 0.5
        others = torch.randint(len(x), (len(rows),), generator=generator)
        samples[swapped, first:last] = x[others[swapped], first:last]
    samples = samples.float()
    if schedule.drop:
        samples *= torch.rand(samples.shape, generator=generator) >= schedule.drop
    return samples


@contextmanager
def quiet() -> Iterator[None]:
    """Without the deprecations that torch and Brevitas announce to each other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """With torch's own generator at `seed` and one thread (small nets gain nothing by more), restored afterwards."""
    threads = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def weight_count(net: nn.Module) -> int:
    """Weights of the matrices, and coefficients of edges."""
    return sum(own.numel() for own in net.parameters() if own.dim() > 1)
