"""Frontends: a model file to a Network, or to a SpikingNetwork."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.network import Network

if TYPE_CHECKING:
    from hwflow.frontend.spiking_model import SpikingModel

Family = Literal["quantised", "spiking"]
_SUFFIXES: dict[str, Family] = {".onnx": "quantised", ".nir": "spiking", ".json": "spiking"}


def family_of(path: Path) -> Family:
    """What a model file is, by its suffix; a folder is one that holds a spiking net. Raises UserError for others."""
    family = _SUFFIXES.get(path.suffix.lower(), "spiking" if path.is_dir() else None)
    if family is None:
        raise UserError(f"{path} is not a model hwflow reads; give an .onnx file (QONNX), a .nir file, a SuperNeuroMAT "
                        ".json file, or a folder with a spiking net.")  # fmt: skip
    return family


def load(path: Path, *, argmax: bool = False, input_type: IntType | None = None) -> Network:
    """Read a quantised model, `.onnx` (QONNX). Raises UserError for others, and for what cannot be built."""
    _check_suffix(path)
    from hwflow.frontend import qonnx  # loads the onnx package

    return qonnx.load(path, argmax=argmax, input_type=input_type)


def load_spiking(path: Path, *, dt: float | None = None, state_bits: int = 16, clip: bool = False) -> "SpikingModel":
    """Read a spiking model: `.nir`, SuperNeuroMAT's `.json`, or a folder with a SpikingNetwork, as projects are.

    dt: seconds of a tick, for NIR, and only there; state_bits: of the core that it is for; clip: take what lies beyond
    the format as the nearest that does not. Raises UserError for others, and for what cannot be represented.
    """
    if path.suffix.lower() == ".nir":
        from hwflow.frontend import nir

        return nir.load(path, dt, state_bits=state_bits, clip=clip)
    if dt is not None:
        raise UserError(f"{path} counts its time in ticks; leave out --dt, which is for NIR files.")
    if path.suffix.lower() != ".json":
        from hwflow.frontend import spiking_model

        return spiking_model.from_folder(path)
    from hwflow.frontend import superneuromat  # loads pydantic

    return superneuromat.load(path, state_bits=state_bits, clip=clip)


def refused(path: Path) -> tuple[str, ...]:
    """A sentence for each node of a quantised model that cannot be built. Raises UserError if it cannot be read."""
    _check_suffix(path)
    from hwflow.frontend import qonnx  # loads the onnx package

    return qonnx.refused(path)


def _check_suffix(path: Path) -> None:
    if family_of(path) != "quantised":
        raise UserError(f"{path} is a spiking model; give an .onnx file (QONNX) here.")
