"""What the neurons of a spiking net did, for pictures: `activity.npz`, which any step that runs a net may leave."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.documents import DAMAGE, array_of
from hwflow.errors import UserError
from hwflow.ints import IntArray
from hwflow.paths import whole_file

ACTIVITY = "activity.npz"


@dataclass(frozen=True, eq=False)
class Activity:
    """A window of ticks, and what came of the whole run.

    about: a sentence on the window; shape: axons, neurons, ticks of the window; axon_spikes, spikes: [n, 2], tick and
    number; traced: [k], neurons whose membranes [ticks, k] and thresholds with adaptation [ticks, k] are kept; counts: [neurons], spikes of
    each in `counted` ticks of the whole run; before, after: weights [axons + neurons, neurons], equal if nothing was
    learnt; tile: rows and columns of the picture that the first rows · columns axons make, (0, 0) if they make none;
    order: neurons as the pictures show them.
    """

    about: str
    shape: IntArray
    axon_spikes: IntArray
    spikes: IntArray
    traced: IntArray
    membranes: IntArray
    thresholds: IntArray
    counts: IntArray
    counted: int
    before: IntArray
    after: IntArray
    tile: IntArray
    order: IntArray

    def save(self, folder: Path) -> None:
        with whole_file(folder / ACTIVITY) as draft, draft.open("wb") as handle:
            arrays = {part.name: np.asarray(getattr(self, part.name)) for part in fields(self)}
            np.savez_compressed(handle, **arrays)  # type: ignore[arg-type]

    @staticmethod
    def from_folder(folder: Path) -> "Activity":
        """Raises UserError if it is not there or is damaged."""
        path = folder / ACTIVITY
        try:
            with path.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
                values: dict[str, Any] = {part.name: array_of(arrays, part.name) for part in fields(Activity)}
            return Activity(**values | {"about": str(values["about"]), "counted": int(values["counted"])})
        except DAMAGE:
            raise UserError(f"{path} is not a readable record of activity; run the step that made it again.") from None
