"""The spiking frontends: a NIR or SuperNeuroMAT file, or the folder of a net, to a SpikingModel."""

from pathlib import Path
from typing import TYPE_CHECKING

from hwflow.errors import UserError

if TYPE_CHECKING:
    from hwflow.spiking.frontend.model import SpikingModel


def load(path: Path, *, dt: float | None = None, state_bits: int = 16, clip: bool = False) -> "SpikingModel":
    """Read a spiking model: `.nir`, SuperNeuroMAT's `.json`, or a folder with a SpikingNetwork, as projects are.

    dt: seconds of a tick, for NIR, and only there; state_bits: of the core that it is for; clip: take what lies beyond
    the format as the nearest that does not. Raises UserError for others, and for what cannot be represented.
    """
    if path.suffix.lower() == ".nir":
        from hwflow.spiking.frontend import nir

        return nir.load(path, dt, state_bits=state_bits, clip=clip)
    if dt is not None:
        raise UserError(f"{path} counts its time in ticks; leave out --dt, which is for NIR files.")
    if path.suffix.lower() != ".json":
        from hwflow.spiking.frontend import model

        return model.from_folder(path)
    from hwflow.spiking.frontend import superneuromat  # loads pydantic

    return superneuromat.load(path, state_bits=state_bits, clip=clip)
