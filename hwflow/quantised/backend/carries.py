"""Additions on carry chains that families have, place by place: what a chain's look-up tables do beside carrying.

On Lattice's CCU2C a place adds to a bit the majority of three others: of three terms a table makes the parity of their bits,
and the majority of those of the place before is added to it, so that two tables a bit add three numbers. On Xilinx' CARRY4
one LUT6_2 makes both, and adds three numbers by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.quantised.backend.adders import AdderGraph

CCU2C, CARRY4 = "ccu2c", "carry4"
CHAINS = {"ecp5": CCU2C, "xilinx": CARRY4}  # of the families that have one
TERMS = 3  # that an addition on one has at most


@dataclass(frozen=True)
class Bit:
    """A bit of a value, turned or as it is."""

    value: int
    bit: int
    turned: bool


@dataclass(frozen=True)
class Place:
    """The parity of `added` and the majority of `carried` are added: of none 0, of one itself, of two whether both are one."""

    added: tuple[Bit, ...]
    carried: tuple[Bit, ...] = ()


@dataclass(frozen=True)
class Chain:
    """An addition: its lowest bits are parities, of one bit or of more, the others what the places give."""

    low: tuple[tuple[Bit, ...], ...]
    places: tuple[Place, ...]


def columns(graph: AdderGraph, value: int) -> list[tuple[Bit, ...]]:
    """Of each bit of a sum those that are added there."""
    return [
        tuple(
            Bit(term.value, place - term.shift, term.negative)
            for term in graph.terms(value)
            if 0 <= place - term.shift < graph.bits[term.value]
        )
        for place in range(graph.bits[value])
    ]


def chain_of(graph: AdderGraph, value: int, chain: str) -> Chain:
    """The addition on a chain."""
    met = columns(graph, value)
    return _ccu2c(met) if chain == CCU2C else _carry4(met)


def _ccu2c(met: Sequence[tuple[Bit, ...]]) -> Chain:
    """Where two bits meet, and no majority comes from below, the chain adds them itself."""
    low: list[tuple[Bit, ...]] = []
    places: list[Place] = []
    pending: tuple[Bit, ...] = ()
    for some in met:
        if len(some) == 2 and not pending:
            places.append(Place(some[:1], some[1:]))
            continue
        if places or pending:
            places.append(Place(some, pending))
        else:
            low.append(some)
        pending = some if len(some) > 1 else ()
    return Chain(tuple(low), tuple(places))


def _carry4(met: Sequence[tuple[Bit, ...]]) -> Chain:
    """Its places add what meets there."""
    first = next((place for place, some in enumerate(met) if len(some) > 1), len(met))
    return Chain(tuple(met[:first]), tuple(Place(some) for some in met[first:]))
