"""Latency as a sum over units and what lies between them: it is what the handshakes give, to the cycle."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.networks import mixed_folding, random_folding, random_network

from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.latency import at_ends, between, within_unit
from hwflow.quantised.backend.schedule import predict
from hwflow.quantised.backend.units import DenseUnit, units_of


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**6))
def test_the_sum_is_the_prediction(seed: int) -> None:
    rng = np.random.default_rng(seed)
    if seed % 3:
        network = random_network(rng, largest=24)
        units = units_of(network, random_folding(rng, network))
    else:  # some layers hardwired
        network = random_network(rng, largest=8, widest=4)
        units = units_of(network, mixed_folding(rng, network, 0.6))
    told, before = at_ends(units[0]) if isinstance(units[0], DenseUnit) else 0, None
    for unit in units:
        assert isinstance(unit, DenseUnit | ArgMaxUnit)
        if isinstance(before, DenseUnit):
            told += between(before, unit)
        told += within_unit(unit)
        before = unit
    assert told == predict(units).latency
