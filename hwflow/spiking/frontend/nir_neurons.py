"""The neurons of NIR as one update a tick: forward Euler with the user's dt.

Every kind becomes the same update (`Dynamics`); with decay = 1 the current lasts one tick:

| kind | leak | decay | gain |
|---|---|---|---|
| LIF, LI | dt / tau | 1 | R dt / tau |
| IF, I | 0 | 1 | R dt |
| CubaLIF, CubaLI | dt / tau_mem | dt / tau_syn | R dt / tau_mem * w_in dt / tau_syn |
| Threshold | 1 | 1 | 1 |

A time constant that is infinite is no decay: an integrator. A beta of 1 is exported so, with an R, or a w_in, that is infinite
as well and makes up for it: the gain is then that of every other beta, 1 a tick (snnTorch: R = tau/dt, w_in = tau_syn/dt).

The membrane uses the current of the same tick, as snnTorch does; a simulator that uses the one of the tick before gives
the same spikes a tick later. Source: the NIR paper (doi 10.1038/s41467-024-52259-9), and the nodes of the package `nir`.
"""

import numpy as np

from hwflow.spiking.frontend.float_net import Dynamics, FloatArray
from hwflow.spiking.frontend.nir_graph import NirNode

READ_OUTS = ("I", "LI", "CubaLI")  # they never fire: the host reads their membranes
SUBTRACT = ("CubaLIF", "IF", "LIF")  # those that can be reset by subtraction
KINDS = ("CubaLIF", "IF", "LIF", "Threshold", *READ_OUTS)


def spread(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """A parameter for each neuron, flat. Raises ValueError if it has neither one value nor one for each."""
    size = int(np.prod(shape))
    if values.size == size:
        return values.reshape(size)
    try:
        return np.broadcast_to(values.reshape(()) if values.size == 1 else values, shape).reshape(size)
    except ValueError:
        raise ValueError(f"it has {values.size} parameters for {size} neurons") from None


def dynamics(
    node: NirNode, shape: tuple[int, ...], dt: float, *, clip: bool = False, subtracts: bool = False
) -> Dynamics:
    """The update of a node's neurons. A time constant below dt is refused, or with `clip` taken as dt.

    subtracts: a spike takes the threshold (from rest) off the membrane, which NIR has no words for.

    Raises ValueError if a parameter makes no sense, or is outside what a tick of dt can express.
    """
    values = {name: spread(array, shape) for name, array in node.values.items()}
    zero, one = np.zeros(int(np.prod(shape))), np.ones(int(np.prod(shape)))
    leak, decay, gain, steady = zero, one, one, one
    match node.kind:
        case "LIF" | "LI":
            leak = _ratio("tau", values["tau"], dt, clip)
            steady = gain = _product("r", values["r"], "tau", leak)
        case "CubaLIF" | "CubaLI":
            leak = _ratio("tau_mem", values["tau_mem"], dt, clip)
            decay = _ratio("tau_syn", values["tau_syn"], dt, clip)
            drive = _product("r", values["r"], "tau_mem", leak)
            gain = drive * _product("w_in", values["w_in"], "tau_syn", decay)
            steady = np.divide(gain, decay, out=np.zeros_like(gain), where=decay > 0)  # without decay there is none
        case "IF" | "I":
            steady = gain = values["r"] * dt
        case "Threshold":
            leak = one
        case _:
            raise ValueError(f"{node.kind} is no neuron")
    rest = values.get("v_leak", zero)
    fires = values.get("v_threshold", values.get("threshold"))
    threshold = zero + np.inf if fires is None else fires - rest
    if not np.isfinite(gain).all():
        raise ValueError("its r is infinite")
    reset = values.get("v_reset", rest) - rest
    return Dynamics(leak, decay, gain, steady, rest, threshold, reset, subtracts and node.kind in SUBTRACT)


def _product(name: str, factor: FloatArray, tau: str, rate: FloatArray) -> FloatArray:
    """factor * rate, where an infinite factor makes up for a rate of zero."""
    endless = np.isinf(factor)
    if (endless & (rate > 0)).any() or (factor[endless] < 0).any():
        raise ValueError(f"its {name} is infinite and its {tau} is not")
    return np.where(endless, 1.0, np.where(endless, 1.0, factor) * rate)


def _ratio(name: str, tau: FloatArray, dt: float, clip: bool) -> FloatArray:
    """dt / tau, between 0 and 1; a hair above 1 is the file's float32, not a time constant below dt."""
    if not (tau > 0).all():
        raise ValueError(f"its {name} is {tau.min():g} s, which is no time constant")
    ratio = dt / tau
    if ratio.max() > 1 + 1e-6 and not clip:
        raise ValueError(
            f"its {name} of {tau.min():g} s is shorter than a tick of {dt:g} s; give a smaller --dt, or --clip"
        )
    snapped = np.where(np.abs(ratio - 1) <= 1e-6, 1.0, ratio)
    return np.minimum(snapped, 1.0)
