"""An MLP whose layers each have bits of their own, and weights pruned by magnitude."""

from collections.abc import Callable
from dataclasses import dataclass

from hwflow.dataset import Dataset
from hwflow.errors import needed
from hwflow.quantised.train.brevitas import copy_weights, fit, float_mlp, quiet, seeded
from hwflow.quantised.train.layers import activation, dense, input_quantiser
from hwflow.quantised.train.pruning import Pruning
from hwflow.quantised.train.recipes import Schedule

with needed("Training", "train"):
    from brevitas.quant import Int8WeightPerChannelFloat, Int8WeightPerTensorFloat
    from torch import nn

Watch = Callable[[nn.Module, float], None]
_LOOKS = 4  # at the net while it trains, the last before its end


@dataclass(frozen=True)
class Shape:
    """hidden: sizes of the hidden layers; weight_bits: of each matrix, one more than hidden layers; activation_bits: behind each
    hidden layer; pruned: the share of each matrix's weights that is zero, the least ones of the float net; matrices of one
    bit, of -1 and +1, have no zeros and are left whole.
    """

    hidden: tuple[int, ...]
    weight_bits: tuple[int, ...]
    activation_bits: tuple[int, ...]
    pruned: float = 0.0

    def weight_memory(self, features: int, classes: int) -> int:
        """Bits of all weights."""
        sizes = (features, *self.hidden, classes)
        pairs = zip(sizes, sizes[1:], self.weight_bits, strict=False)
        return sum(columns * rows * bits for columns, rows, bits in pairs)


def mixed_mlp(features: int, shape: Shape, classes: int, input_bits: int) -> nn.Sequential:
    """As `quantised_mlp`, with the bits of each layer."""
    layers: list[nn.Module] = [input_quantiser(input_bits)]
    for size, weight_bits, bits in zip(shape.hidden, shape.weight_bits, shape.activation_bits, strict=False):
        layers += [
            dense(features, size, weight_bits, Int8WeightPerChannelFloat),
            nn.BatchNorm1d(size),
            activation(bits),
        ]
        features = size
    layers.append(dense(features, classes, shape.weight_bits[-1], Int8WeightPerTensorFloat))
    return nn.Sequential(*layers)


def train_mixed(data: Dataset, schedule: Schedule, shape: Shape, seed: int, watch: Watch) -> nn.Sequential:
    """Train the float net, then from its weights the quantised one, which ends in evaluation mode.

    watch: called now and then with the net, in evaluation, and the share of all steps that is done; what it raises ends
    the training. Equal arguments give equal nets on one machine, whatever `watch` does with them.
    """
    features, classes = data.x_train.shape[1], len(data.class_names)
    steps = schedule.float_steps + schedule.quantised_steps
    begun = schedule.float_steps / steps

    def looked(net: nn.Module, step: int) -> None:
        if step and step % max(1, schedule.quantised_steps // _LOOKS) == 0 and step < schedule.quantised_steps:
            net.eval()
            watch(net, begun + step / steps)
            net.train()

    with quiet(), seeded(seed):
        reference = float_mlp(features, shape.hidden, classes)
        fit(reference, data, schedule, schedule.float_steps, seed)
        watch(reference, begun)
        net = mixed_mlp(features, shape, classes, data.input_bits)
        copy_weights(reference, net)
        pruning = Pruning.of(net, shape.pruned, shape.weight_bits)

        def after(made: nn.Module, step: int) -> None:
            pruning.apply()
            looked(made, step)

        pruning.apply()
        fit(net, data, schedule, schedule.quantised_steps, seed + 1, after=after)
        pruning.apply()
    return net
