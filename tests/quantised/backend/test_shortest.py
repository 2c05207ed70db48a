"""Paths through layers of options: the cheapest within the budget, by trying all, or by all that can be spent."""

import itertools
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.quantised.backend.shortest import Costs, shortest


def layered(rng: np.random.Generator, layers: int, options: int, kinds: int) -> tuple[list[Costs], list[Costs]]:
    """Random costs of options and between them; what takes less of the first kind takes more of the others, more or less."""
    sizes = rng.integers(1, options + 1, layers)
    own = []
    for size in sizes:
        cost = rng.integers(0, 30, (size, kinds))
        cost[:, 1:] += 40 - cost[:, :1]
        own.append(cost)
    links = [rng.integers(0, 4, (a, b, kinds)) for a, b in pairwise(sizes)]
    return own, links


def spent(own: list[Costs], links: list[Costs], path: list[int]) -> Costs:
    total = np.sum([cost[i] for cost, i in zip(own, path, strict=True)], axis=0)
    for link, (i, j) in zip(links, pairwise(path), strict=True):
        total = total + link[i, j]
    return np.asarray(total)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_it_is_the_best_of_all(seed: int, layers: int, kinds: int, limited: bool) -> None:
    rng = np.random.default_rng(seed)
    own, links = layered(rng, layers, 4, kinds)
    every = [list(path) for path in itertools.product(*(range(len(cost)) for cost in own))]
    costs = [spent(own, links, path) for path in every]
    budget = costs[rng.integers(len(costs))] + rng.integers(-3, 10, kinds) if limited else None
    possible = [int(cost[0]) for cost in costs if budget is None or (cost <= budget).all()]
    path = shortest(own, links, budget)
    if path is None:
        assert not possible
        return
    assert budget is None or (spent(own, links, path) <= budget).all()
    assert spent(own, links, path)[0] == min(possible)


def least(own: list[Costs], links: list[Costs], limit: int) -> int | None:
    """The least of the first of two kinds where the second is limited: for each option and each amount of the second."""
    endless = 1 << 40
    best = np.full((len(own[0]), limit + 1), endless)
    for option, (first, second) in enumerate(own[0]):
        if second <= limit:
            best[option, second] = first
    for cost, link in zip(own[1:], links, strict=True):
        following = np.full((len(cost), limit + 1), endless)
        for i, j in np.ndindex(link.shape[:2]):
            first, second = cost[j] + link[i, j]
            if second <= limit:
                moved = best[i, : limit + 1 - second] + first
                following[j, second:] = np.minimum(following[j, second:], moved)
        best = following
    return int(best.min()) if best.min() < endless else None


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**9), st.integers(8, 14))
def test_many_layers_as_a_dynamic_programme_has_them(seed: int, layers: int) -> None:
    rng = np.random.default_rng(seed)
    own, links = layered(rng, layers, 6, 2)
    limit = int(rng.integers(20, 40)) * layers
    endless = 1 << 40
    path = shortest(own, links, np.array([endless, limit]))
    assert (None if path is None else int(spent(own, links, path)[0])) == least(own, links, limit)
    if path is not None:  # a best path that leaves nothing of the budget
        limit = int(spent(own, links, path)[1])
        again = shortest(own, links, np.array([endless, limit]))
        assert again is not None and int(spent(own, links, again)[0]) == least(own, links, limit)
