"""`hwflow inspect`."""

from rich.console import RenderableType

from hwflow.cli.console import table
from hwflow.cli.options import ArgMaxFlag, InputTypeName, ModelFile, int_type
from hwflow.cli.outcome import Outcome


def inspect(model: ModelFile, argmax: ArgMaxFlag = False, input_type: InputTypeName = None) -> Outcome:
    """What a model is, and what is refused.

    Layers, shapes, types, multiplications and weight bits; what cannot be built is named.
    """
    from hwflow.frontend.inspection import inspect as look

    found = look(model, argmax=argmax, input_type=int_type(input_type))
    heads = ["layer", "kind", "shape", "weights", "input", "output", "multiplications", "bits"]
    rows = [
        (x.name, x.kind, " x ".join(map(str, x.shape)), x.weight_type or "", x.input_type, x.output_type, x.macs,
         x.weight_bits)
        for x in found.layers
    ]  # fmt: skip
    show: list[RenderableType] = []
    if not found.refused:
        show = [
            f"{found.model}: {found.input_size} x {found.input_type}, {found.macs:,} multiplications a vector, "
            f"{found.weight_bits:,} weight bits",
            f"input: {', then '.join(found.encode) or 'as it is'}",
            table(heads, rows),
            f"output: {', then '.join(found.decode) or 'as it is'}",
        ]
    wrong = " ".join(found.refused)
    return Outcome(found, show, right=not found.refused, wrong=wrong)
