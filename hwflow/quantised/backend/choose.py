"""Choosing a folding: the slowest layer gets more hardware until the goal, or the board, is reached."""

from hwflow.quantised.backend.estimate import estimate
from hwflow.quantised.backend.folding import Folding, cycles, dense_layers, faster, smallest
from hwflow.quantised.backend.units import units_of, widest
from hwflow.quantised.network import Network
from hwflow.resources import Resources


def choose_folding(network: Network, family: str, budget: Resources | None, goal_cycles: int) -> Folding:
    """The cheapest folding found whose initiation interval is at most `goal_cycles`, or the fastest within `budget`.

    Starts from PE = SIMD = 1. In each round the slowest layers take the next larger divisor of rows or columns that
    saves most cycles for what it costs. None as budget: no limit.
    """
    folding = smallest(network)
    while True:
        layers = dense_layers(network)
        slowest = max(cycles(layer, folding.of(name)) for name, layer in layers.items())
        if slowest <= goal_cycles:
            return folding
        better = _sped_up(network, family, folding, slowest)
        if better is None or not fits(network, family, better, budget):
            return folding
        folding = better


def fits(network: Network, family: str, folding: Folding, budget: Resources | None) -> bool:
    """Whether the estimate stays within the budget."""
    if budget is None:
        return True
    need = estimate(units_of(network, folding), family)
    return need.luts <= budget.luts and need.ffs <= budget.ffs and need.brams <= budget.brams


def _sped_up(network: Network, family: str, folding: Folding, slowest: int) -> Folding | None:
    """Every layer that takes `slowest` cycles with its best next fold; None if one has none."""
    folds = dict(folding.folds)
    inputs = {node.name: network.types[node.inputs[0]] for node in network.nodes}
    for name, layer in dense_layers(network).items():
        if cycles(layer, folding.of(name)) < slowest:
            continue
        most = widest(inputs[name], layer)
        options = [fold for fold in faster(layer, folding.of(name)) if fold.simd <= most]
        if not options:
            return None
        folds[name] = min(
            options,
            key=lambda fold: _price(network, family, Folding(folds | {name: fold}), layer_cycles=cycles(layer, fold)),
        )
    return Folding(folds)


def _price(network: Network, family: str, folding: Folding, layer_cycles: int) -> tuple[float, int]:
    need = estimate(units_of(network, folding), family)
    return (need.luts + need.ffs / 2 + 50 * need.brams) * layer_cycles, layer_cycles
