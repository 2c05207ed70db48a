"""Foldings that suit FINN: its multipliers hold the products of several rows, if PE gives them several.

A multiplier of FINN's RTL takes one input element and the weights of as many rows as its wide port has room for
(`NUM_LANES` of its mvu.sv). SIMD columns of PE rows take SIMD * ceil(PE / lanes) of them.
"""

import math
from dataclasses import dataclass

from hwflow.finn.design import FinnDesign, FinnNode
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.network import Dense, Network

_WIDE_PORT = {"xc7": 25, "xcz": 27}  # bits of DSP48E1 and of DSP48E2
_ZYNQ_7000 = "xc7"


@dataclass(frozen=True)
class Packed:
    """A folding of fewest multipliers, and how it was chosen among those of as few."""

    folding: Folding
    rule: str


def lanes(node: FinnNode, matrix: Dense, part: str) -> int:
    """The rows whose products one multiplier of a MVAU holds."""
    assert node.weights is not None
    weight, x = max(2, node.weights.type.bits), max(2, node.input.type.bits)
    port = _WIDE_PORT.get(part[:3], _WIDE_PORT[_ZYNQ_7000])
    widest = int(matrix.weight.min()) == -(1 << (weight - 1))  # then a sign is kept apart
    return 1 if port == weight else 1 + (port - widest - weight) // (weight + x - 1)


def packed_foldings(network: Network, design: FinnDesign) -> tuple[Packed, ...]:
    """The foldings of fewest multipliers that are no slower than FINN's own choice, and safe (`check_for_finn`).

    Of several for a layer once that of fewest rows a cycle, and once that of most: which of them takes fewer look-up tables
    is for synthesis to say. The first only, if both are the same.
    """
    goal = max(node.cycles for node in design.nodes)
    layers = dense_layers(network)
    best: dict[str, list[Fold]] = {}
    for node in (node for node in design.nodes if node.op == "MVAU"):
        held = lanes(node, layers[node.layer], design.part)
        folds = _folds(layers[node.layer], goal)
        need = {fold: fold.simd * math.ceil(fold.pe / held) for fold in folds}
        least = min(need.values())
        best[node.layer] = sorted((f for f in folds if need[f] == least), key=lambda f: (f.pe, f.simd))
    few = Packed(Folding({name: folds[0] for name, folds in best.items()}), "fewest multipliers, then fewest rows")
    many = Packed(Folding({name: _widest(folds) for name, folds in best.items()}), "fewest multipliers, then most rows")
    return (few,) if few.folding == many.folding else (few, many)


def _widest(folds: list[Fold]) -> Fold:
    """Of most rows, and of these of fewest columns: no faster than it must be."""
    return max(folds, key=lambda fold: (fold.pe, -fold.simd))


def _folds(matrix: Dense, goal: int) -> list[Fold]:
    """By divisors, of at most so many cycles, SIMD less than the whole width."""
    return [
        Fold(pe, simd)
        for pe in range(1, min(matrix.size, 999) + 1)
        for simd in range(1, max(2, matrix.columns))
        if matrix.size % pe == 0
        and matrix.columns % simd == 0
        and (matrix.size // pe) * (matrix.columns // simd) <= goal
    ]
