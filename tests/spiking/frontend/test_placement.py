"""Where neurons stand, and when a spike arrives."""

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.spiking.frontend.float_net import Dynamics, FloatNet, Layer, Route
from hwflow.spiking.frontend.placement import Feedback, Placement, constants, place
from hwflow.spiking.network import LARGEST


def layer(name: str, size: int, decay: float = 1.0, constant: float = 0.0) -> Layer:
    one, zero = np.ones(size), np.zeros(size)
    return Layer(name, "LIF", (size,), Dynamics(zero, decay * one, one, one, zero, one, zero), constant * one)


def net(layers: list[Layer], routes: list[tuple[str, str, int]], inputs: int = 2) -> FloatNet:
    sizes = {"x": inputs} | {one.name: one.size for one in layers}
    full = tuple(Route(a, b, delay, np.ones((sizes[a], sizes[b]))) for a, b, delay in routes)
    return FloatNet((("x", inputs),), tuple(layers), full, ((layers[-1].name, np.arange(layers[-1].size)),))


def whole(placed: Placement) -> IntArray:
    """[axons + neurons, neurons], relays among them."""
    matrix = np.zeros((placed.axons + placed.neurons, placed.neurons), np.int64)
    for tile in placed.current.tiles:
        matrix[tile.sources, tile.neurons] = tile.values
    matrix[placed.relayed, placed.neurons - placed.relays + np.arange(placed.relays)] = 1
    return matrix


def test_a_chain() -> None:
    placed = place(net([layer("a", 3), layer("b", 1)], [("x", "a", 0), ("a", "b", 0)]))
    assert (placed.axons, placed.neurons, placed.relays) == (2, 4, 0)
    assert placed.first == (0, 3) and placed.latency == (0, 1) and placed.outputs.tolist() == [3]
    assert whole(placed).tolist() == [[1, 1, 1, 0]] * 2 + [[0, 0, 0, 1]] * 3 + [[0] * 4]


def test_layers_in_any_order() -> None:
    placed = place(net([layer("b", 1), layer("a", 3)], [("a", "b", 0), ("x", "a", 0)]))
    assert placed.latency == (1, 0) and placed.first == (0, 1)


def test_relays_are_shared_and_only_for_sources_that_are_used() -> None:
    weight = np.array([[1.0], [0.0]])
    layers = (layer("a", 1), layer("b", 1), layer("c", 1))
    routes = (Route("x", "a", 3, weight), Route("x", "b", 2, weight), Route("x", "c", 0, np.ones((2, 1))))
    placed = place(FloatNet((("x", 2),), layers, routes, (("a", np.array([0])),)))
    assert placed.relays == 3 and placed.latency == (0, 0, 0)
    current = whole(placed)
    assert current[:2, 3:].tolist() == [[1, 0, 0], [0, 0, 0]]  # the first axon leads to the first relay
    assert current[5:7, 3:].tolist() == [[0, 1, 0], [0, 0, 1]]  # and each relay to the next
    assert current[6, 1] == 1 and current[7, 0] == 1


def test_a_delay_between_layers_is_no_latency() -> None:
    placed = place(net([layer("a", 1), layer("b", 1)], [("x", "a", 0), ("a", "b", 1)]))
    assert placed.latency == (0, 0) and placed.relays == 0


def test_loops() -> None:
    alone = place(net([layer("a", 2)], [("x", "a", 0), ("a", "a", 0)]))
    assert alone.feedback == () and alone.relays == 0
    slow = place(net([layer("a", 1), layer("b", 1)], [("x", "a", 0), ("a", "b", 0), ("b", "a", 0)]))
    assert slow.feedback == (Feedback("b", "a", 2, 1),)
    in_time = place(net([layer("a", 1), layer("b", 1)], [("x", "a", 0), ("a", "b", 0), ("b", "a", 3)]))
    assert in_time.feedback == (Feedback("b", "a", 3, 3),) or in_time.feedback == ()
    assert in_time.relays == 1


def test_a_constant_current_starts_with_the_layer() -> None:
    layers = [layer("a", 1, 0.5, 8.0), layer("b", 1, 0.5, 8.0), layer("c", 1, 1.0, 8.0)]
    placed = place(net(layers, [("x", "a", 0), ("a", "b", 0), ("b", "c", 0)]))
    steady, start = constants(layers, placed)
    assert steady.tolist() == [8, 8, 8] and start.tolist() == [-8, -16, 0]


def test_too_many_neurons() -> None:
    with pytest.raises(UserError, match="neurons to delay spikes; reduce its delays"):
        place(net([layer("a", 1)], [("x", "a", LARGEST)]))
    with pytest.raises(UserError, match="The model takes 16,395 axons and neurons, 10 of them to delay spikes"):
        place(net([layer("a", LARGEST - 1)], [("x", "a", 5)]))
