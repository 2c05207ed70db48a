"""The layers of which nets for Brevitas are made."""

from typing import Any

from hwflow.errors import needed

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

_PROJECTION_SEED = 0


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
    """A matrix of random -1 and +1 from a fixed seed, which no training changes."""
    layer = dense(columns, rows, 1)
    signs = torch.randint(0, 2, (rows, columns), generator=torch.Generator().manual_seed(_PROJECTION_SEED))
    with torch.no_grad():
        layer.weight.copy_(0.1 * (2 * signs - 1))
    layer.weight.requires_grad_(False)
    return layer
