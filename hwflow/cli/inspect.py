"""`hwflow inspect`."""

from typing import TYPE_CHECKING

from rich.console import RenderableType

from hwflow.cli.console import table
from hwflow.cli.options import ArgMaxFlag, InputTypeName, ModelFile, int_type
from hwflow.cli.outcome import Outcome
from hwflow.cli.spiking import ClipFlag, StateBits, TickSeconds, check_options, inspect_spiking

if TYPE_CHECKING:
    from hwflow.quantised.frontend.inspection import Inspection

_USERS_FAULT = 2


def inspect(
    model: ModelFile,
    argmax: ArgMaxFlag = False,
    input_type: InputTypeName = None,
    dt: TickSeconds = None,
    clip: ClipFlag = False,
    state_bits: StateBits = None,
) -> Outcome:
    """What a model is, and what is refused.

    Layers, shapes, types, multiplications and weight bits, or neurons, synapses and what was rounded; what cannot be
    built is named.
    """
    from hwflow.family import family_of

    family = family_of(model)
    spiking = {"--dt": dt, "--clip": clip, "--state-bits": state_bits}
    check_options(family, model, {"--argmax": argmax, "--input-type": input_type}, spiking)
    if family == "spiking":
        return inspect_spiking(model, dt, state_bits, clip)
    from hwflow.quantised.frontend.inspection import inspect as look

    record = look(model, argmax=argmax, input_type=int_type(input_type))
    if record.refused:
        return Outcome(record, list(record.refused), False, f"{model} cannot be built as it is.", _USERS_FAULT)
    return Outcome(record, _show(record))


def _show(record: "Inspection") -> list[RenderableType]:
    heads = ["layer", "kind", "shape", "weights", "input", "output", "multiplications", "weight bits"]
    rows = [
        (
            x.name,
            x.kind,
            " × ".join(map(str, x.shape)),
            x.weight_type,
            x.input_type,
            x.output_type,
            x.macs,
            x.weight_bits,
        )
        for x in record.layers
    ]
    before, after = (", ".join(steps) or "nothing" for steps in (record.encode, record.decode))
    return [
        f"{record.model}: {record.family}, {record.input_size} x {record.input_type}, digest {record.digest}",
        table(heads, rows),
        "",
        f"before the first integer: {before}",
        f"after the last integer: {after}",
        f"{record.macs:,} multiplications a vector, {record.weight_bits:,} bits of weights",
    ]
