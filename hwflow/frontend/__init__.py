"""Frontends: a model file to a Network."""

from pathlib import Path

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.network import Network


def load(path: Path, *, argmax: bool = False, input_type: IntType | None = None) -> Network:
    """Read a model file by its suffix: `.onnx` (QONNX). Raises UserError for others, and for what cannot be built."""
    _check_suffix(path)
    from hwflow.frontend import qonnx  # loads the onnx package

    return qonnx.load(path, argmax=argmax, input_type=input_type)


def refused(path: Path) -> tuple[str, ...]:
    """A sentence for each node that no frontend can build. Raises UserError if the file cannot be read."""
    _check_suffix(path)
    from hwflow.frontend import qonnx  # loads the onnx package

    return qonnx.refused(path)


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() != ".onnx":
        raise UserError(f"{path} is not a model hwflow reads; give an .onnx file (QONNX).")
