"""The quantised frontend: an `.onnx` file (QONNX) to a Network."""

from pathlib import Path

from hwflow.ints import IntType
from hwflow.quantised.frontend.inputs import InputFormat
from hwflow.quantised.network import Network
from hwflow.samples import GivenInputs


def load(
    path: Path,
    *,
    argmax: bool = False,
    input_type: InputFormat | IntType | None = None,
    samples: GivenInputs = None,
) -> Network:
    """Read a quantised model, `.onnx` (QONNX). Raises UserError for others, and for what cannot be built.

    argmax: end in the class instead of the model's own outputs; input_type, samples [n, …]: of an input of which the file
    does not say how it is quantised: its format, or vectors by whose range it is chosen. The network's `assumptions`
    say what neither settled.
    """
    from hwflow.quantised.frontend import qonnx  # loads the onnx package

    return qonnx.load(path, argmax=argmax, input_type=input_type, samples=samples)


def refused(path: Path) -> tuple[str, ...]:
    """A sentence for each node of a quantised model that cannot be built. Raises UserError if it cannot be read."""
    from hwflow.quantised.frontend import qonnx  # loads the onnx package

    return qonnx.refused(path)
