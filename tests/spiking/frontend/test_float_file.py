"""The floats of a net in a file: what is read runs as what was written."""

from pathlib import Path

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.spiking.frontend.float_file import from_bytes, to_bytes
from hwflow.spiking.frontend.float_net import Counted, Dynamics, FloatNet, Layer, Route
from hwflow.spiking.frontend.floats import run_floats


def net_of(rng: np.random.Generator) -> FloatNet:
    def layer(name: str, count: int, threshold: float, counted: Counted | None = None) -> Layer:
        rates = rng.uniform(0.1, 1, (2, count))
        update = Dynamics(*rates, *rng.uniform(0.5, 1, (2, count)), np.zeros(count), np.full(count, threshold), np.zeros(count),
                          subtracts=counted is None)  # fmt: skip
        return Layer(name, "LIF", (count, 1), update, rng.normal(0, 0.1, count), counted)

    counted = Counted(np.full(3, 0.5), np.array([0, 1, 2]), np.array([0, 0, 1]), np.array([0.2, 0.0, 0.1]))
    routes = (Route("x", "a", 0, rng.normal(0.3, 1, (4, 5))), Route("a", "a", 1, rng.normal(0, 1, (5, 5))),
              Route("a", "b", 0, rng.normal(0.3, 1, (5, 3))), Route("y", "b", 2, rng.normal(0.3, 1, (2, 3))))  # fmt: skip
    layers = (layer("a", 5, 0.5), layer("b", 3, 0.5, counted))
    return FloatNet((("x", 4), ("y", 2)), layers, routes, (("b", np.array([2, 0])), ("a", np.array([1]))))


def test_a_net_survives_its_file() -> None:
    net, x = net_of(np.random.default_rng(0)), np.random.default_rng(1).random((2, 50, 6)) < 0.4
    again = from_bytes(to_bytes(net), Path("floats.npz"))
    one, other = run_floats(net, x), run_floats(again, x)
    assert one.spikes.any() and np.array_equal(one.spikes, other.spikes) and np.array_equal(one.total, other.total)
    assert again.inputs == net.inputs and [layer.shape for layer in again.layers] == [(5, 1), (3, 1)]
    assert to_bytes(again) == to_bytes(net)


@pytest.mark.parametrize("cut", [0, 10, 300, -1])
def test_a_damaged_file_is_refused(cut: int) -> None:
    content = to_bytes(net_of(np.random.default_rng(0)))
    with pytest.raises(
        UserError, match="x/floats.npz does not hold a readable model in floats .* run `hwflow compile` again"
    ):
        from_bytes(content[:cut], Path("x/floats.npz"))
