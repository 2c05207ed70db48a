"""The spiking frontends: a NIR or SuperNeuroMAT file, or the folder of a net, to a SpikingModel."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwflow.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwflow.spiking.frontend.model import SpikingModel


RESETS = ZERO, SUBTRACT = "zero", "subtract"


def check_options(
    path: Path,
    dt: float | None,
    reset: str | None = None,
    allow_error: float | None = None,
    graded: bool = False,
    told: bool = False,
) -> None:
    """Raises UserError for options of `load` that are not legal for any model of that kind."""
    check_values(reset, allow_error)
    if path.suffix.lower() == ".nir":
        return
    if dt is not None:
        raise UserError(f"{path} counts its time in ticks; leave out --dt, which is for NIR files.")
    if reset is not None:
        raise UserError(f"{path} says how its neurons are reset; leave out --reset, which is for NIR files.")
    if graded or told:
        raise UserError(f"{path} says what its axons bring and what is told of it; leave out --{'graded' if graded else 'told'}, which is "
                        "for NIR files.")  # fmt: skip


def check_values(reset: str | None, allow_error: float | None) -> None:
    """Raises UserError for a reset that there is not, or an error that is no share."""
    if allow_error is not None and not allow_error >= 0:
        raise UserError(f"--allow-error {allow_error:g} is no share; give 0 or more, as 0.25 for a quarter.")
    if reset not in (None, *RESETS):
        raise UserError(f"A neuron is not reset by {reset!r}; give --reset {' or '.join(RESETS)}.")


def load(
    path: Path,
    *,
    dt: float | None = None,
    state_bits: int = 16,
    clip: bool = False,
    reset: str | None = None,
    allow_error: float | None = None,
    samples: "NDArray[np.generic] | None" = None,
    graded: bool = False,
    told: bool = False,
) -> "SpikingModel":
    """Read a spiking model: `.nir`, SuperNeuroMAT's `.json`, or a folder with a SpikingNetwork, as projects are.

    dt: seconds of a tick, for NIR, and only there; state_bits: of the core that it is for; clip: take what lies beyond
    the format as the nearest that does not; reset: "zero" or "subtract", for NIR, and only there; allow_error: the share
    that rounding may change a number by, or None for a quarter; samples: stimuli, bool [samples, ticks, axons] or [ticks,
    axons], from which the ranges are chosen and on which the net is tried, in place of bounds, and of random stimuli or
    the file's own; graded: axons bring whole numbers of 0 … 255, which count as so many spikes; told: the host is told of the spikes of
    the outputs, and of the neurons behind the first of them, alone; both for NIR, and only there. The model's import record says what the trial gave. Raises UserError for others, and for what cannot
    be represented.
    """
    from hwflow.spiking.frontend import model
    from hwflow.spiking.frontend.fidelity import Stimuli, with_trial

    check_options(path, dt, reset, allow_error, graded, told)
    chosen = None if samples is None else Stimuli.of(samples, "the samples given", graded=graded)
    options: dict[str, Any] = {"state_bits": state_bits, "clip": clip}
    options |= {} if allow_error is None else {"allow_error": allow_error}
    options |= {} if chosen is None else {"samples": chosen.spikes}
    if path.suffix.lower() == ".nir":
        from hwflow.spiking.frontend import nir

        options |= {"graded": graded, "told": told} | ({} if reset is None else {"reset": reset})
        return with_trial(nir.load(path, dt, **options), chosen)
    if path.suffix.lower() != ".json":
        return model.from_folder(path)
    from hwflow.spiking.frontend import superneuromat, superneuromat_file  # load pydantic

    file = superneuromat_file.read(path)
    own = superneuromat.stimulus_of(file)
    given = Stimuli.of(own, "the file's input spikes") if own.any() else None
    return with_trial(superneuromat.from_file(file, path, **options), chosen or given)
