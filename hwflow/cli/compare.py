"""`hwflow compare`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import ModelFile
from hwflow.cli.outcome import Outcome


def compare(
    model: ModelFile,
    board: Annotated[str, typer.Option("--board", metavar="NAME", help="A board that FINN builds for, as zcu104.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where both projects go. [default: MODEL-compare, in this folder]"),
    ] = None,
    target_fps: Annotated[
        float | None, typer.Option("--target-fps", metavar="N", help="Vectors a second. [default: what fits the board]")
    ] = None,
    folding: Annotated[
        Path | None, typer.Option("--folding", metavar="FILE", help="PE and SIMD of each layer.")
    ] = None,
    input_type: Annotated[
        str | None,
        typer.Option("--input-type", metavar="TYPE", help="Integers at the input, as UINT8, if the file does not say."),
    ] = None,
) -> Outcome:
    """The same net through FINN and through hwflow's own RTL, at the same folding.

    Both are simulated on the same vectors and synthesised by Yosys alike, the net alone.
    """
    from hwflow.finn.compare import compare as compare_net
    from hwflow.quantised.flow.request import Request
    from hwflow.quantised.model import QuantisedModel

    with progress_on_stderr() as progress:
        progress(f"reading {model.name}")
        read = QuantisedModel.read(model, input_type=input_type)
        folder = out or Path(f"{model.stem}-compare")
        return Outcome(compare_net(read, board, folder, Request(folding, target_fps), progress))
