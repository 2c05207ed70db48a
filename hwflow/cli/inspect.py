"""`hwflow inspect`."""

from hwflow.cli.options import ArgMaxFlag, InputTypeName, ModelFile
from hwflow.cli.outcome import Outcome


def inspect(model: ModelFile, argmax: ArgMaxFlag = False, input_type: InputTypeName = None) -> Outcome:
    """What a model is, and what is refused.

    Layers, shapes, types, multiplications and weight bits; what cannot be built is named.
    """
    return Outcome(None, [])
