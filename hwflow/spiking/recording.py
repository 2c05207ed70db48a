"""What a net did, tick by tick: spikes and membranes of its groups, to look at and to plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.paths import whole_file
from hwflow.spiking import reference as golden
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend.float_net import FloatArray
from hwflow.spiking.frontend.model import SpikingModel as Imported
from hwflow.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwflow.spiking.net import Group

_TRACED = 3  # neurons whose membranes are drawn


@dataclass(frozen=True, eq=False)
class Recording:
    """Every spike and membrane of a run. dt: seconds of a tick; weights: of the core after it, [axons + neurons, neurons].

    groups: by name, the first column and the size, of sources in `source_spikes`, of neurons in `neuron_spikes`.
    """

    dt: float
    sources: dict[str, tuple[int, int]]
    neurons: dict[str, tuple[int, int]]
    source_spikes: NDArray[np.bool_]
    neuron_spikes: NDArray[np.bool_]
    potentials: FloatArray
    thresholds: FloatArray
    weights: NDArray[np.int64]

    def spikes(self, group: "Group") -> NDArray[np.bool_]:
        """Which of the group had a spike, [ticks, size]. Raises UserError for a group of another net."""
        if group.name in self.neurons:
            first, size = self.neurons[group.name]
            return self.neuron_spikes[:, first : first + size]
        first, size = self._find(group, self.sources)
        return self.source_spikes[:, first : first + size]

    def rates(self, group: "Group") -> FloatArray:
        """Spikes a second of each, [size]. Raises as `spikes`."""
        return np.asarray(self.spikes(group).mean(axis=0) / self.dt)

    def membranes(self, group: "Group") -> FloatArray:
        """Potentials after each tick, in the units of the net, [ticks, size]. Raises UserError for sources, which have none."""
        first, size = self._find(group, self.neurons)
        return self.potentials[:, first : first + size]

    def plot(self, *groups: "Group", out: str | Path | None = None) -> "Drawing":
        """Spikes of the groups and, of the busiest neurons among them, membranes; a notebook shows it.

        out: also a page of HTML there. Raises as `spikes`.
        """
        from hwflow.reports.page import draw
        from hwflow.reports.plots import raster, traces

        pictures = []
        for group in groups:
            spikes = self.spikes(group)
            where = np.argwhere(spikes)
            pictures.append((f"Spikes of {group.name}", raster(where, len(spikes), group.size, group.name)))
            if group.neurons:
                busiest = np.argsort(-spikes.sum(axis=0), kind="stable")[:_TRACED]
                first, _ = self.neurons[group.name]
                limits = np.broadcast_to(self.thresholds[first + busiest], (len(spikes), len(busiest)))
                names = [f"{group.name} {number}" for number in busiest.tolist()]
                lines = self.membranes(group)[:, busiest]
                pictures.append((f"Membranes of {group.name}; dashed: threshold", traces(lines, limits, names)))
        drawing = Drawing(draw(pictures))
        if out is not None:
            with whole_file(Path(out)) as draft:
                draft.write_text(drawing.html, encoding="utf-8")
        return drawing

    def _find(self, group: "Group", among: dict[str, tuple[int, int]]) -> tuple[int, int]:
        if group.name not in among:
            what = "sources, which have no membranes" if group.name in self.sources else "no group of this net"
            raise UserError(f"{group.name} are {what}; name neurons that the net made.")
        return among[group.name]


@dataclass(frozen=True)
class Drawing:
    """Pictures as HTML, which a notebook shows."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def record(
    model: Imported, groups: "Sequence[Group]", axon_spikes: NDArray[np.bool_], dt: float, *, learn: bool
) -> Recording:
    """Run a net from rest on its golden model, with axon spikes [ticks, axons]."""
    network: SpikingNetwork = model.network
    rules = golden.Rules(network, core_for(network, 1, model.info.state_bits))
    done = golden.run(rules, golden.initial(network), axon_spikes, learn=learn, keep_membranes=True)
    assert done.membranes is not None
    unit, rest = (np.concatenate([np.full(layer.size, getattr(layer, part)) for layer in model.info.layers])
                  for part in ("unit", "rest"))  # fmt: skip
    return Recording(
        dt,
        _columns([group for group in groups if not group.neurons]),
        _columns([group for group in groups if group.neurons]),
        axon_spikes,
        done.spikes,
        rest + unit * done.membranes,
        rest + unit * network.neurons.threshold,
        done.state.weight,
    )


def _columns(groups: "Sequence[Group]") -> dict[str, tuple[int, int]]:
    firsts = np.cumsum([0, *(group.size for group in groups)]).tolist()
    return {group.name: (first, group.size) for group, first in zip(groups, firsts, strict=False)}
