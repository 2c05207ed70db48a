"""The layers of which nets for Brevitas are made."""

from typing import Any

from hwflow.errors import needed
from hwflow.quantised.signs import signs

with needed("Training", "train"):
    import torch
    from brevitas import nn as qnn
    from brevitas.quant import (
        Int8WeightPerChannelFloat,
        SignedBinaryActPerTensorConst,
        SignedBinaryWeightPerTensorConst,
        Uint8ActPerTensorFloat,
    )
    from torch import nn

_PROJECTION_SEED = 0x2545F491


def input_quantiser(bits: int) -> nn.Module:
    """Takes unsigned integers of so many bits as they are."""
    layer: nn.Module = qnn.QuantIdentity(
        act_quant=Uint8ActPerTensorFloat, bit_width=bits, scaling_impl_type="const", scaling_init=float(2**bits - 1)
    )
    return layer


def dense(
    columns: int, rows: int, bits: int, weight_quant: Any = Int8WeightPerChannelFloat, bias: bool = False
) -> nn.Linear:
    """A matrix; of one bit it is of -1 and +1. bias: in floats, for an activation that follows."""
    layer: nn.Linear = (
        qnn.QuantLinear(columns, rows, bias=bias, weight_quant=SignedBinaryWeightPerTensorConst)
        if bits == 1
        else qnn.QuantLinear(columns, rows, bias=bias, weight_quant=weight_quant, weight_bit_width=bits)
    )
    return layer


def activation(bits: int) -> nn.Module:
    """Unsigned after a ReLU; of one bit -1 and +1."""
    layer: nn.Module = (
        qnn.QuantIdentity(act_quant=SignedBinaryActPerTensorConst)
        if bits == 1
        else qnn.QuantReLU(act_quant=Uint8ActPerTensorFloat, bit_width=bits)
    )
    return layer


def frozen_projection(columns: int, rows: int) -> nn.Linear:
    """A matrix of -1 and +1 from a fixed seed, which no training changes and hardware generates."""
    layer = dense(columns, rows, 1)
    with torch.no_grad():
        layer.weight.copy_(0.1 * torch.from_numpy(signs(_PROJECTION_SEED, rows, columns)))
    layer.weight.requires_grad_(False)
    return layer
