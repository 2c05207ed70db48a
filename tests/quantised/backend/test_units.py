"""What is wider than the RTL is refused with a remedy, and never chosen."""

import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.choose import Space
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.units import units_of, widest
from hwflow.quantised.network import INPUT, Dense, Network, Node, Threshold


def net(x_bits: int, weight_bits: int, steps: int = 1, columns: int = 64) -> Network:
    weight = IntType(weight_bits, True)
    dense = Dense(np.full((2, columns), weight.max), weight)
    bits = steps.bit_length()
    levels = Threshold(np.zeros((2, steps), dtype=np.int64), np.zeros(2, dtype=np.bool_), 0, IntType(bits, False))
    return Network(
        "net", columns, IntType(x_bits, True), (Node("dense0", dense, (INPUT,)), Node("t", levels, ("dense0",)))
    )


def test_sums_in_a_cycle_have_63_bits() -> None:
    network = net(32, 26)
    assert widest(network.input_type, network.nodes[0].layer) == 32  # type: ignore[arg-type]
    units_of(network, Folding({"dense0": Fold(1, 32)}))
    with pytest.raises(
        UserError, match="Layer dense0 multiplies INT32 by weights of 26 bits, .*; fold it by SIMD 32 at most"
    ):
        units_of(network, Folding({"dense0": Fold(1, 64)}))
    with pytest.raises(UserError, match="INT32 by weights of 32 bits, .*; quantise them to fewer bits"):
        units_of(net(32, 32, columns=1), Folding({"dense0": Fold(1, 1)}))


def test_the_chosen_folding_is_one_that_can_be() -> None:
    choice = Space(net(32, 26), "sim").fastest(None)
    assert choice is not None
    assert choice.folding.of("dense0") == Fold(2, 32)


def test_activations_have_16_bits() -> None:
    units_of(net(4, 4, 65535), Folding({"dense0": Fold(1, 1)}))
    with pytest.raises(UserError, match="The activation behind layer dense0 has 131,072 levels, more than the 65,536"):
        units_of(net(4, 4, 131071), Folding({"dense0": Fold(1, 1)}))
