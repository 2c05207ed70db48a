"""What the axons of a spiking net bring in a tick: a spike or none, or, of graded input, a value (docs/neuron.md)."""

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError

GRADED_MAX = 255  # of a value; a plain spike is the value 1, and 0 is none
AxonSpikes = NDArray[np.bool_] | NDArray[np.uint8]


def axon_spikes(values: NDArray[np.generic], graded: bool) -> AxonSpikes | None:
    """Numbers of any type as a net takes them, bools, or, if it is graded, uint8; None if one is not of 0 and 1, or 0 … GRADED_MAX."""
    if not graded:
        spikes = values.astype(np.bool_)
        return spikes if np.array_equal(spikes, values) else None
    whole = (values >= 0) & (values <= GRADED_MAX)  # type: ignore[operator]
    graded_values = np.where(whole, values, 0).astype(np.uint8)
    return graded_values if whole.all() and np.array_equal(graded_values, values) else None


def checked_spikes(values: NDArray[np.generic], graded: bool, what: str) -> AxonSpikes:
    """The same of what must be such numbers. what: they, in messages. Raises UserError, with the first that is none and its place."""
    spikes = axon_spikes(values, graded)
    if spikes is None:
        raise UserError(f"{what} are {demanded(graded)}, and not {wrong(values, graded)}.")
    return spikes


def wrong(values: NDArray[np.generic], graded: bool) -> str:
    """The first of them that a net does not take, and its place, as a phrase: `4.5 at [3, 17]`; empty if it takes all."""
    most = GRADED_MAX if graded else 1
    numbers = np.asarray(values, np.float64)
    taken = (numbers >= 0) & (numbers <= most) & (numbers == np.floor(numbers))
    if taken.all():
        return ""
    place = np.unravel_index(int(np.argmin(taken)), numbers.shape)
    return f"{numbers[place]:g} at [{', '.join(map(str, place))}]"


def demanded(graded: bool) -> str:
    """What the values must be, as a phrase."""
    return f"whole numbers of 0 … {GRADED_MAX}" if graded else "0 and 1, a spike or none"
