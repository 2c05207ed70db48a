"""Which family a model is of."""

from pathlib import Path
from typing import Literal

from hwflow.errors import UserError

Family = Literal["quantised", "spiking"]
_SUFFIXES: dict[str, Family] = {".onnx": "quantised", ".nir": "spiking", ".json": "spiking"}


def family_of(path: Path) -> Family:
    """What a model file is, by its suffix; a folder is one that holds a spiking net. Raises UserError for others."""
    family = _SUFFIXES.get(path.suffix.lower(), "spiking" if path.is_dir() else None)
    if family is None:
        raise UserError(f"{path} is not a model hwflow reads; give an .onnx file (QONNX), a .nir file, a SuperNeuroMAT "
                        ".json file, or a folder with a spiking net.")  # fmt: skip
    return family
