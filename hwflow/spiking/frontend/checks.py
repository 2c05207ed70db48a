"""What of a net the core's integers cannot hold, or hold too badly: refused by the layer's name."""

from collections.abc import Sequence

import numpy as np

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.frontend.columns import Columns
from hwflow.spiking.frontend.currents import Currents
from hwflow.spiking.frontend.float_net import FloatArray, Layer
from hwflow.spiking.frontend.nir_graph import shown
from hwflow.spiking.learning import DECAY

ALLOWED_ERROR = 0.25  # of what a number is measured by: four steps of a weight then stand for its largest
_ONE = 1 << DECAY.bits


def check_fixed(layers: Sequence[Layer], columns: Columns, most: int, room: int, clip: bool) -> None:
    """A scale that was not chosen here may leave weights between integers, or them and the rest without room."""
    given = ~np.isnan(columns.fixed)
    if clip or not given.any():
        return
    scale = np.where(given, columns.fixed, 0.0)
    scaled = columns.current.like(lambda own, values: values * scale[own])
    between, wide = (
        scaled.by_neuron(lambda _, values, wrong=wrong: wrong(values, np.rint(values)).any(axis=0))
        for wrong in (
            lambda values, near: np.abs(values - near) > 1e-6 * np.maximum(1, np.abs(near)),
            lambda _, near: np.abs(near) > most,
        )
    )
    level = np.abs(np.where(np.isfinite(columns.threshold), columns.threshold, 0)) * scale
    wide = wide | (level >= room)
    for wrong, what in (
        (between, "are no multiples of its leak"),
        (wide, "or threshold are too large beside its leak"),
    ):
        if wrong.any():
            raise UserError(f"The weights of neuron {owner(layers, int(wrong.argmax()))} {what}, which the core takes as 1; "
                            "change it, or --clip.")  # fmt: skip


def check_errors(
    layers: Sequence[Layer],
    columns: Columns,
    weights: Currents,
    integers: dict[str, IntArray],
    scale: FloatArray,
    most: float,
    allowed: float,
) -> None:
    """Raise UserError for a neuron that rounding makes another: an error beyond the share `allowed`.

    Errors of weights are measured by the largest weight that shares their scale, of rates by the rate, of thresholds,
    resets and biases by what a state's error is measured by. weights: as they are in the model's unit; what lies beyond
    `most` in them was clipped, which was asked for.
    """

    def of_weights(own: slice, current: FloatArray, weight: FloatArray) -> FloatArray:
        within = np.abs(current) <= most / scale[own]
        return np.asarray(np.where(within, np.abs(weight - current), 0).max(axis=0, initial=0))

    beside = np.where(columns.level > 0, columns.level / 2, 1.0)
    errors = {
        "weights": columns.current.by_neuron(of_weights, weights) / np.where(columns.largest > 0, columns.largest, 1.0),
        "time constants": np.maximum(*(_slower(rates, integers[name]) for name, rates in
                                       (("leak", columns.leak), ("decay", columns.decay)))),
        "reset": np.abs(integers["reset"] / scale - columns.reset) / beside,
        "bias": np.abs(integers["bias"] / scale - columns.bias) * columns.memory / beside,
    }  # fmt: skip
    for what, error in errors.items():
        if error.max(initial=0) > allowed:
            at = int(error.argmax())
            counts = any(layer.kind == "IF" and layer.size for layer in layers)
            remedy = "use a wider state (--state-bits), another --dt" + (
                " (1 where neurons count spikes, as Sinabs' do)" if counts else ""
            )
            raise UserError(
                f"Rounding changes the {what} of neuron {owner(layers, at)} by {error[at]:.0%}, more than "
                f"{allowed:.0%}, so that it would be another neuron; {remedy}, or --allow-error {_above(float(error[at])):g}."
            )


def _slower(rates: FloatArray, integers: IntArray) -> FloatArray:
    """Relative errors of rates; what is too slow for the core is another matter (`rates`)."""
    told = (rates > 0) & (rates < 1) & (integers > 0)
    return np.divide(np.abs(integers / _ONE - rates), rates, out=np.zeros_like(rates), where=told)


def _above(error: float) -> float:
    """The share in hundredths, rounded up."""
    return float(np.ceil(error * 100) / 100)


def integer_rates(layers: Sequence[Layer], rates: FloatArray, clip: bool) -> IntArray:
    """Leaks or decays in 1/65536 a tick; a rate of 1 is 65535, which is the same for up to 16 bits of state."""
    integers = np.minimum(np.rint(rates * _ONE), DECAY.max).astype(np.int64)
    slow = (rates > 0) & (integers == 0)
    if slow.any() and not clip:
        raise UserError(f"A time constant of neuron {owner(layers, int(slow.argmax()))} is longer than {2 * _ONE:,} ticks, "
                        "which the core takes for no decay at all; give a larger --dt, or --clip.")  # fmt: skip
    return integers


def owner(layers: Sequence[Layer], index: int) -> str:
    for layer in layers:
        if index < layer.size:
            return f"{index} of node {shown(layer.name)} ({layer.kind})"
        index -= layer.size
    raise IndexError(index)
