"""A small plan and a small factory for tests of the search."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from hwflow.search.hardware import Limits
from hwflow.search.plan import Plan
from hwflow.search.space import Between, space_of

# A file of a user's own: a net that is not trained at all, so that a trial takes no time, and is the same for the same choices.
FACTORY = """
import os, signal, time
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import torch
from brevitas import nn as qnn
from brevitas.quant import Int8WeightPerTensorFloat, Uint8ActPerTensorFloat
from torch import nn

from hwflow.search import Between, Trained, Trial


@dataclass(frozen=True)
class Choices:
    width: Annotated[int, Between(2, 16)]
    bits: Annotated[int, Between(2, 4)]
    fault: Literal["none", "raises", "shape", "floats", "kind"] = "none"


def make(choices: Choices, trial: Trial) -> Trained:
    if choices.fault == "raises":
        raise RuntimeError("no data today")
    if choices.fault == "kind":
        return None
    torch.manual_seed(choices.width)
    for share in (0.5, 1.0):
        trial.report(share, share * choices.width / 16, choices.width)
    linear = nn.Linear(4, choices.width, bias=False) if choices.fault == "floats" else qnn.QuantLinear(
        4, choices.width, bias=False, weight_quant=Int8WeightPerTensorFloat, weight_bit_width=choices.bits)
    net = nn.Sequential(
        qnn.QuantIdentity(act_quant=Uint8ActPerTensorFloat, bit_width=4, scaling_impl_type="const", scaling_init=15.0),
        linear,
        qnn.QuantReLU(act_quant=Uint8ActPerTensorFloat, bit_width=choices.bits, scaling_impl_type="const", scaling_init=6.0),
        qnn.QuantLinear(choices.width, 3, bias=False, weight_quant=Int8WeightPerTensorFloat, weight_bit_width=choices.bits),
    )
    rng = np.random.default_rng(trial.seed)
    x, y = rng.integers(0, 16, (60, 5 if choices.fault == "shape" else 4)), rng.integers(0, 3, 60)
    return Trained(net.eval(), x[:30], y[:30], ("a", "b", "c"), lambda: (x[30:], y[30:]))
"""


@dataclass(frozen=True)
class Choices:
    width: Annotated[int, Between(2, 16)]
    bits: Annotated[int, Between(2, 4)]
    fault: Literal["none", "raises", "shape", "floats", "kind"] = "none"


def plan_of(factory: str = "digits", **changes: object) -> Plan:
    """Of the small factory; trials that do not look at each other, unless that is changed."""
    space = space_of(Choices).narrowed(["fault=none"])
    plan = Plan(
        factory, (), space.parameters, ("accuracy", "luts"), "arty-a7-35t", None, Limits(), 6, 0, "random", False
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


def factory_in(folder: Path) -> str:
    """The factory as it is named on the command line."""
    path = folder / "mine.py"
    path.write_text(FACTORY)
    return f"{path}:make"
