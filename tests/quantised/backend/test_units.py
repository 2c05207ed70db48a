"""What is wider than the RTL is refused with a remedy, and never chosen."""

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.choose import choose_folding
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.units import units_of, widest
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold


def net(x_bits: int, weight_bits: int, steps: int = 1) -> Network:
    weight = IntType(weight_bits, True)
    dense = Dense(np.full((2, 64), weight.max), weight)
    bits = steps.bit_length()
    levels = Threshold(np.zeros((2, steps), dtype=np.int64), np.zeros(2, dtype=np.bool_), 0, IntType(bits, False))
    return Network("net", 64, IntType(x_bits, True), (Node("dense0", dense, (INPUT,)), Node("t", levels, ("dense0",))))


def test_sums_in_a_cycle_have_31_bits() -> None:
    network = net(10, 16)
    assert widest(network.input_type, network.nodes[0].layer) == 32  # type: ignore[arg-type]
    units_of(network, Folding({"dense0": Fold(1, 32)}))
    with pytest.raises(
        UserError, match="Layer dense0 multiplies INT10 by weights of 16 bits, .*; fold it by SIMD 32 at most"
    ):
        units_of(network, Folding({"dense0": Fold(1, 64)}))
    with pytest.raises(UserError, match="INT16 by weights of 16 bits, .*; quantise them to fewer bits"):
        units_of(net(16, 16), Folding({"dense0": Fold(1, 1)}))


def test_the_chosen_folding_is_one_that_can_be() -> None:
    folding = choose_folding(net(10, 16), "sim", None, 1)
    assert folding.of("dense0") == Fold(2, 32)


def test_activations_have_9_bits() -> None:
    units_of(net(4, 4, 511), Folding({"dense0": Fold(1, 1)}))
    with pytest.raises(UserError, match="The activation behind layer dense0 has 1024 levels, more than the 512"):
        units_of(net(4, 4, 1023), Folding({"dense0": Fold(1, 1)}))
