"""The cheapest way through layers of options, where costs have several kinds and lie on options and between neighbours."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def shortest(
    own: Sequence[NDArray[np.int64]], links: Sequence[NDArray[np.int64]], budget: NDArray[np.int64] | None
) -> list[int] | None:
    """The path of fewest look-up tables, an option of each layer, within a budget.

    own: [options, 3] of each layer; links: [options, options, 3] between two.
    """
    ahead = _ahead(own, links)
    free = _walk(own, links, ahead)
    spent = _spent(own, links, free)
    if budget is None or (spent <= budget).all():
        return free
    if (np.array([(ahead[0][:, kind] + own[0][:, kind]).min() for kind in range(3)]) > budget).any():
        return None
    return _bounded(own, links, ahead, budget)


def _ahead(own: Sequence[NDArray[np.int64]], links: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """For each option of each layer the least of each kind that all that follows takes [options, 3]."""
    ahead = [np.zeros_like(own[-1])]
    for cost, link in zip(reversed(own[1:]), reversed(links), strict=True):
        ahead.insert(0, (link + (cost + ahead[0])[None]).min(axis=1))
    return ahead


def _walk(
    own: Sequence[NDArray[np.int64]], links: Sequence[NDArray[np.int64]], ahead: Sequence[NDArray[np.int64]]
) -> list[int]:
    path = [int((own[0] + ahead[0])[:, 0].argmin())]
    for cost, link, rest in zip(own[1:], links, ahead[1:], strict=True):
        path.append(int((link[path[-1]] + cost + rest)[:, 0].argmin()))
    return path


def _spent(
    own: Sequence[NDArray[np.int64]], links: Sequence[NDArray[np.int64]], path: Sequence[int]
) -> NDArray[np.int64]:
    spent = np.zeros(3, dtype=np.int64)
    for cost, i in zip(own, path, strict=True):
        spent = spent + cost[i]
    for link, i, j in zip(links, path, path[1:], strict=False):
        spent = spent + link[i, j]
    return spent


def _bounded(
    own: Sequence[NDArray[np.int64]],
    links: Sequence[NDArray[np.int64]],
    ahead: Sequence[NDArray[np.int64]],
    budget: NDArray[np.int64],
) -> list[int] | None:
    """The same where the path of fewest look-up tables breaks the budget: of all partial paths to an option those stay that
    can still be within it and that no other beats in each resource."""
    fronts: list[list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = []
    for layer, cost in enumerate(own):
        here: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        for option in range(len(cost)):
            if layer == 0:
                spent, origin = cost[option][None], np.zeros((1, 2), dtype=np.int64)
            else:
                before = fronts[-1]
                spent = np.concatenate([costs + links[layer - 1][i, option] for i, (costs, _) in enumerate(before)])
                spent = spent + cost[option]
                sizes = [len(costs) for costs, _ in before]
                places = [np.arange(size) for size in sizes]
                origin = np.stack([np.repeat(np.arange(len(sizes)), sizes), np.concatenate(places)], axis=1)
            possible = ((spent + ahead[layer][option]) <= budget).all(axis=1)
            spent, origin = spent[possible], origin[possible]
            keep = _unbeaten(spent)
            here.append((spent[keep], origin[keep]))
        fronts.append(here)
    ends = [(int(costs[:, 0].min()), i) for i, (costs, _) in enumerate(fronts[-1]) if len(costs)]
    if not ends:
        return None
    option = min(ends)[1]
    place = int(fronts[-1][option][0][:, 0].argmin())
    path = []
    for front in reversed(fronts):
        path.append(option)
        option, place = (int(n) for n in front[option][1][place])
    return path[::-1]


def _unbeaten(costs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indices of the costs [n, 3] that no other one, or an equal one before, is at most in each resource."""
    order = np.lexsort((costs[:, 2], costs[:, 1], costs[:, 0]))
    kept: list[int] = []
    front = np.empty((0, 2), dtype=np.int64)
    for index in order:
        rest = costs[index, 1:]
        if len(front) and (front <= rest).all(axis=1).any():
            continue
        kept.append(int(index))
        front = np.concatenate([front[~(rest <= front).all(axis=1)], rest[None]])
    return np.array(kept, dtype=np.int64)
