"""Stimuli for spiking nets: from the user's .npz, or random."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwflow.errors import UserError
from hwflow.samples import Given, read_samples
from hwflow.spiking.inputs import GRADED_MAX, AxonSpikes, axon_spikes, demanded, wrong
from hwflow.spiking.network import SpikingNetwork

RANDOM_TICKS = 1000
_DENSITY = 0.1


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Axon spikes, bool [ticks, axons], or of a graded net uint8, values, and where they came from."""

    spikes: AxonSpikes
    source: str


def stimuli_for(network: SpikingNetwork, given: Given, ticks: int | None, seed: int = 0) -> Stimuli:
    """The given stimuli, the first `ticks` of them if set; without any, random ones, 1,000 ticks if no number is set.

    given: an .npz by its path, or 0/1 [ticks, axons], or 0 … 255 for a graded net. Raises UserError if they are not usable for this net, or fewer than
    `ticks`.
    """
    if ticks is not None and ticks < 1:
        raise UserError(f"{ticks} ticks cannot be run; give --ticks 1 or more.")
    if given is None:
        shape = (ticks or RANDOM_TICKS, network.axons)
        draw = np.random.default_rng(seed)
        spikes = draw.random(shape) < _DENSITY
        source = f"random, {_DENSITY:.0%} of the axons in a tick, seed {seed}"
        if not network.graded:
            return Stimuli(spikes, source)
        values = draw.integers(1, GRADED_MAX, shape, np.uint8, endpoint=True)
        return Stimuli(values * spikes, f"{source}, of values 1 … {GRADED_MAX}")
    found = spikes_of(network, given)
    if ticks is not None and ticks > len(found.spikes):
        raise UserError(f"{found.source} holds {len(found.spikes)} ticks, not {ticks}; give a smaller --ticks.")
    return Stimuli(found.spikes[:ticks], found.source)


def spikes_of(network: SpikingNetwork, given: str | Path | ArrayLike) -> Stimuli:
    """All of the given stimuli. Raises UserError if they are not usable for this net."""
    x, _, source = read_samples(given)
    if x.ndim != 2 or x.shape[1] != network.axons:
        raise UserError(f"x in {source} is of shape {x.shape}, but {network.name} takes ticks × {network.axons} axons.")
    spikes = axon_spikes(x, network.graded)
    if spikes is None and network.graded:
        raise UserError(
            f"x in {source} is {wrong(x, True)}, and {network.name} takes {demanded(True)}; scale and round it first."
        )
    if spikes is None:
        raise UserError(f"x in {source} is {wrong(x, False)}, and not 0 or 1, which say whether an axon has a spike; code it as spikes "
                        "first.")  # fmt: skip
    return Stimuli(spikes, source)


def samples_of(given: Given) -> NDArray[np.generic] | None:
    """Samples to choose ranges by, as they are given; None if none are. Raises UserError if there is no usable x."""
    return None if given is None else read_samples(given)[0]
