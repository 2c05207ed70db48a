"""What spikes bring to neurons, for nets of which a whole matrix of floats would be too large: few sources lead to a neuron."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.frontend.float_net import FloatArray, Route

WIDTH = 64  # neurons looked at together, so that what leads to them stays in the cache


@dataclass(frozen=True, eq=False)
class Tile:
    """Some neurons, and what the sources bring to them that lead to any: values [sources, neurons]."""

    sources: IntArray
    neurons: slice
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Currents:
    """What a spike of each source adds to the current of each neuron, [sources, neurons]: zero outside the tiles, which are as wide as
    all neurons side by side."""

    tiles: tuple[Tile, ...]

    def by_neuron(self, of: Callable[..., NDArray[Any]], *others: "Currents") -> NDArray[Any]:
        """An array of each neuron's number: of(neurons, values, ...) of each tile, with the values of others of the same tiles behind."""
        found = [of(tile.neurons, tile.values, *(more.values for more in rest)) for tile, *rest in self._beside(others)]
        return np.concatenate(found) if found else np.zeros(0)

    def like(self, of: Callable[[slice, FloatArray], FloatArray]) -> "Currents":
        """Others of the same tiles."""
        return Currents(tuple(Tile(one.sources, one.neurons, of(one.neurons, one.values)) for one in self.tiles))

    def at_most(self, axons: int, most: int) -> "Currents":
        """What the sources bring at most, of which the axons bring up to `most` times what a spike does."""
        if most == 1:
            return self
        return Currents(
            tuple(
                Tile(one.sources, one.neurons, one.values * np.where(one.sources < axons, most, 1)[:, None])
                for one in self.tiles
            )
        )

    def _beside(self, others: tuple["Currents", ...]) -> Iterator[tuple[Tile, ...]]:
        return zip(self.tiles, *(other.tiles for other in others), strict=True)


def currents_of(size: int, first: int, gain: FloatArray, arriving: list[tuple[IntArray, Route]]) -> Iterator[Tile]:
    """The tiles of the `size` neurons of a layer, which begin with number `first`. gain: of each; arriving: routes, and the source that
    each of their rows is, -1 for a row of zeros."""
    for begin in range(0, size, WIDTH):
        own = slice(begin, min(begin + WIDTH, size))
        parts = []
        for sources, route in arriving:
            weight = route.weight[:, own]
            used = np.flatnonzero(weight.any(axis=1))
            parts.append((sources[used], weight[used] * gain[own]))
        rows = np.unique(np.concatenate([sources for sources, _ in parts])) if parts else np.zeros(0, np.int64)
        values = np.zeros((len(rows), own.stop - own.start))
        for sources, part in parts:
            values[np.searchsorted(rows, sources)] += part
        yield Tile(rows, slice(first + own.start, first + own.stop), values)
