"""Additions as places of a carry chain: what the places add is what the terms' bits are, and no place adds more than it can."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.ints import IntType
from hwflow.quantised.backend.adders import AdderGraph, adder_graph
from hwflow.quantised.backend.carries import CARRY4, CCU2C, TERMS, Bit, chain_of, columns


def graph_of(seed: int) -> AdderGraph:
    rng = np.random.default_rng(seed)
    rows, columns_, bits = rng.integers(1, 6, 3).tolist()
    x = IntType(bits, bool(rng.integers(2)))
    weight = rng.integers(-3, 4, (rows, columns_ + 2)).astype(np.int64)
    ends = [np.full(columns_ + 2, end, dtype=np.int64) for end in (x.min, x.max)]
    return adder_graph(weight, x, *ends, TERMS)


@settings(deadline=None)
@given(st.integers(0, 1 << 32))
def test_the_places_add_up_to_what_the_bits_of_the_terms_do(seed: int) -> None:
    graph, rng = graph_of(seed), np.random.default_rng(seed)
    numbers = [int(rng.integers(kind.max + 1)) for kind in graph.kinds]

    def ones(bits: tuple[Bit, ...]) -> int:
        return sum((numbers[bit.value] >> bit.bit & 1) ^ bit.turned for bit in bits)

    for value in range(graph.inputs, len(numbers)):
        added = sum(ones(some) << place for place, some in enumerate(columns(graph, value)))
        for chain in (CCU2C, CARRY4):
            made = chain_of(graph, value, chain)
            found = sum((ones(some) & 1) << place for place, some in enumerate(made.low))
            for place, each in enumerate(made.places, len(made.low)):
                once = ones(each.added) & 1 if chain == CCU2C else ones(each.added)
                found += once + (ones(each.carried) * 2 > len(each.carried)) << place
                assert len(each.added) <= TERMS and len(each.carried) <= TERMS
            assert (found - added) % (1 << graph.bits[value]) == 0
            assert len(made.low) + len(made.places) == graph.bits[value]


def test_two_terms_of_two_bits_are_a_place_a_bit_on_a_ccu2c() -> None:
    graph = adder_graph(np.array([[1, 1]]), IntType(2, False), np.zeros(2, dtype=np.int64), np.full(2, 3), TERMS)
    made = chain_of(graph, 2, CCU2C)
    assert [(len(place.added), len(place.carried)) for place in made.places] == [(1, 1), (1, 1), (0, 0)]
    assert not made.low
