"""Stimuli for spiking nets: from the user's .npz, or random."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.quantised.flow.vectors import read_arrays
from hwflow.spiking.network import SpikingNetwork

RANDOM_TICKS = 1000
_DENSITY = 0.1


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Axon spikes, bool [ticks, axons], and where they came from."""

    spikes: NDArray[np.bool_]
    source: str


def stimuli_for(network: SpikingNetwork, path: Path | None, ticks: int | None, seed: int = 0) -> Stimuli:
    """The file's stimuli, the first `ticks` of them if given; without a file, random ones, 1,000 if no number is given.

    Raises UserError if the file is not usable for this net, or holds fewer than `ticks`.
    """
    if ticks is not None and ticks < 1:
        raise UserError(f"{ticks} ticks cannot be run; give --ticks 1 or more.")
    if path is None:
        shape = (ticks or RANDOM_TICKS, network.axons)
        spikes = np.random.default_rng(seed).random(shape) < _DENSITY
        return Stimuli(spikes, f"random, {_DENSITY:.0%} of the axons in a tick, seed {seed}")
    x, _ = read_arrays(path)
    if x.ndim != 2 or x.shape[1] != network.axons:
        raise UserError(f"x in {path} is of shape {x.shape}, but {network.name} takes ticks × {network.axons} axons.")
    if not np.isin(x, (0, 1)).all():
        raise UserError(f"x in {path} holds other values than 0 and 1, which say whether an axon has a spike; code them "
                        "as spikes first.")  # fmt: skip
    if ticks is not None and ticks > len(x):
        raise UserError(f"{path} holds {len(x)} ticks, not {ticks}; give a smaller --ticks.")
    return Stimuli(x[:ticks].astype(np.bool_), path.name)
