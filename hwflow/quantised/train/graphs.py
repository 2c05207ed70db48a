"""Nets that are graphs, for Brevitas: branches that are added or put one behind another, frozen nodes, tables of edges.

All take unsigned integers of `input_bits` bits as they are (scale 1), have weights and activations of `bits` bits as
`brevitas.quantised_mlp` has them, and end in integers times one unit.
"""

import math
from collections.abc import Sequence
from typing import cast

from hwflow.errors import UserError, needed
from hwflow.quantised.train.layers import activation, dense, frozen_projection, input_quantiser
from hwflow.quantised.train.recipes import Net

with needed("Training", "train"):
    import torch
    from brevitas import nn as qnn
    from brevitas.quant import Int8ActPerTensorFloat, Int8WeightPerTensorFloat, Uint8ActPerTensorFloat
    from torch import Tensor, nn


class GraphNet(nn.Module):
    """A net whose outputs are whole multiples of `unit`."""

    def unit(self) -> float:
        """What one step of the integer outputs is worth."""
        raise NotImplementedError

    def freeze(self) -> None:
        """Called after the first third of the training: what is learnt by then, and stays."""


class _Ended(GraphNet):
    """A graph before one activation, `end`, and the matrix of the classes, `last`."""

    def __init__(self, features: int, classes: int, bits: int, input_bits: int) -> None:
        super().__init__()
        self.input = input_quantiser(input_bits)
        self.end = activation(bits)
        self.last = dense(features, classes, bits, Int8WeightPerTensorFloat)

    def unit(self) -> float:
        return _scale(self.last, "weight_quant") * _scale(self.end, "act_quant")


class Hourglass(_Ended):
    """A frozen projection of ±1 to `hidden[0]` features; then for each further size a block that goes through so few and adds
    what comes of them to what it took.
    """

    def __init__(self, features: int, hidden: Sequence[int], classes: int, bits: int, input_bits: int) -> None:
        wide, *waists = hidden
        super().__init__(wide, classes, bits, input_bits)
        self.projection = nn.Sequential(frozen_projection(features, wide), nn.BatchNorm1d(wide))
        self.blocks = nn.ModuleList(
            nn.Sequential(
                dense(wide, waist, bits),
                nn.BatchNorm1d(waist),
                activation(bits),
                dense(waist, wide, bits),
                nn.BatchNorm1d(wide),
            )
            for waist in waists
        )

    def forward(self, x: Tensor) -> Tensor:
        """One quantiser for all branches, so that they are added in one unit."""
        x = self.end(self.projection(self.input(x)))
        for block in self.blocks:
            x = x + self.end(block(x))
        return cast(Tensor, self.last(x))


class TwoStream(_Ended):
    """The first and the second half of the features, each through a matrix of its own, put one behind the other."""

    def __init__(self, features: int, hidden: Sequence[int], classes: int, bits: int, input_bits: int) -> None:
        (size,) = hidden
        super().__init__(2 * size, classes, bits, input_bits)
        self.cut = features // 2
        self.first = dense(self.cut, size, bits)
        self.second = dense(features - self.cut, size, bits)
        self.norm = nn.BatchNorm1d(2 * size)

    def forward(self, x: Tensor) -> Tensor:
        x = self.input(x)
        both = torch.cat([self.first(x[:, : self.cut]), self.second(x[:, self.cut :])], dim=1)
        return cast(Tensor, self.last(self.end(self.norm(both))))


class Dendrites(_Ended):
    """`hidden[0]` neurons, and beside them `hidden[1]` nodes that learn with them for a while and then stay as they are."""

    def __init__(self, features: int, hidden: Sequence[int], classes: int, bits: int, input_bits: int) -> None:
        neurons, extra = hidden
        super().__init__(neurons + extra, classes, bits, input_bits)
        self.neurons = dense(features, neurons, bits)
        self.dendrites = dense(features, extra, bits)
        self.norm = nn.BatchNorm1d(neurons + extra)

    def freeze(self) -> None:
        self.dendrites.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.input(x)
        both = torch.cat([self.neurons(x), self.dendrites(x)], dim=1)
        return cast(Tensor, self.last(self.end(self.norm(both))))


class Mixer(_Ended):
    """A square image, its rows as tokens: one matrix to `hidden[0]` channels that all rows share, then, with the channels as tokens, one
    over the rows that all channels share, and the classes from all of it.

    The two shared matrices have weights of `hidden[1]` bits: they take a token a cycle, hardwired, where another bit of a constant
    costs little; the matrix of the classes, which is nearly all weights, and the activations have `bits`.
    """

    def __init__(self, features: int, hidden: Sequence[int], classes: int, bits: int, input_bits: int) -> None:
        channels, shared_bits = hidden
        side = math.isqrt(features)
        super().__init__(side * channels, classes, bits, input_bits)
        self.side = side
        self.channels = dense(side, channels, shared_bits)
        self.tokens = dense(side, side, shared_bits)
        self.first_norm, self.second_norm = nn.BatchNorm1d(channels), nn.BatchNorm1d(side)
        self.between = activation(bits)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.input(x).reshape(x.shape[0], self.side, self.side)
        x = self.between(self.first_norm(self.channels(rows).transpose(1, 2)))  # [samples, channels, rows]
        x = self.second_norm(self.tokens(x).transpose(1, 2))  # [samples, rows, channels]
        return cast(Tensor, self.last(self.end(x).flatten(1)))


class Kan(GraphNet):
    """y_r is the sum over c of f_rc(x_c): each f a sum of hats on a grid of `hidden[0]` knots, quantised to `bits`.

    An input is first quantised to `hidden[1]` bits over the range of the grid, which is what addresses a table.
    """

    def __init__(self, features: int, hidden: Sequence[int], classes: int, bits: int, input_bits: int) -> None:
        super().__init__()
        knots, levels = hidden
        self.input = input_quantiser(input_bits)
        unit = 2.0 ** (input_bits - 1 - levels)
        self.levels = qnn.QuantIdentity(
            act_quant=Uint8ActPerTensorFloat,
            bit_width=levels,
            scaling_impl_type="const",
            scaling_init=unit * (2**levels - 1),
        )
        self.step = 2 ** (input_bits - 1) / (knots - 1)
        self.register_buffer("grid", torch.arange(knots) * self.step)
        self.coefficient = nn.Parameter(0.05 * torch.randn(classes, features, knots))
        self.edges = qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat, bit_width=bits)

    def unit(self) -> float:
        return _scale(self.edges, "act_quant")

    def forward(self, x: Tensor) -> Tensor:
        distance = (self.levels(self.input(x)).unsqueeze(2) - self.grid).abs() / self.step  # [samples, features, knots]
        basis = torch.relu(1 - distance).unsqueeze(1)
        return cast(Tensor, self.edges((basis * self.coefficient).sum(3)).sum(2))


def graph_net(net: Net, features: int, hidden: Sequence[int], classes: int, bits: int, input_bits: int) -> GraphNet:
    """An untrained net of that form. Raises UserError if it has none of so few bits."""
    if bits < 2:
        raise UserError(f"A {net.value} of {bits} bit cannot be trained; give --bits from 2 to 8.")
    forms = {
        Net.HOURGLASS: Hourglass,
        Net.TWO_STREAM: TwoStream,
        Net.DENDRITES: Dendrites,
        Net.MIXER: Mixer,
        Net.KAN: Kan,
    }
    return forms[net](features, hidden, classes, bits, input_bits)


def _scale(layer: nn.Module, quantiser: str) -> float:
    return float(getattr(layer, quantiser).scale())
