"""Units of random nets, one of each kind."""

import numpy as np
from quantised.networks import mixed_folding, random_folding, random_graph, random_network

from hwflow.quantised.backend.units import Unit, units_of

_GRAPHS = 24


def one_of_each_kind(family: str = "") -> dict[str, Unit]:
    """By the names of their classes; small ones, for a family."""
    found: dict[str, Unit] = {}
    rng = np.random.default_rng(0)
    hardwired = random_network(rng, largest=6)
    nets = [(hardwired, mixed_folding(rng, hardwired, 1.0).for_family(family))]
    for seed in range(_GRAPHS):
        rng = np.random.default_rng(seed)
        network = random_graph(rng, largest=6, tokens=seed % 2 == 1, several=seed % 4 == 0)
        nets.append((network, random_folding(rng, network)))
    for network, folding in nets:
        for unit in units_of(network, folding):
            found.setdefault(type(unit).__name__, unit)
    return found
