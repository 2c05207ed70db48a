"""`hwflow compile`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import BoardName, Given, ModelFile
from hwflow.cli.outcome import Outcome
from hwflow.family import COMPILE_OPTIONS, MODEL_OPTIONS, family_of_model


def compile_(
    model: ModelFile,
    board: BoardName,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The project's folder.")],
    given: Given,
    baud: Annotated[
        int | None, typer.Option("--baud", help="Bits a second of the UART. [default: the board's]")
    ] = None,
    clock: Annotated[
        str | None,
        typer.Option(
            "--clock",
            metavar="MHZ",
            help="Of all, by the part's PLL; auto: the highest, by builds. [default: the oscillator's]",
        ),
    ] = None,
) -> Outcome:
    """Turn a model into hardware for a board.

    The folder gets RTL, memory images, constraints, and the net in integers.
    """
    from hwflow.board import find_board
    from hwflow.clock import clocked

    family = family_of_model(model)
    of_model, of_compile = (given.of(family, kind, what=model) for kind in (MODEL_OPTIONS, COMPILE_OPTIONS))
    clocked(find_board(board), clock)  # told before the model is read, which may take long
    with progress_on_stderr() as progress:
        progress(f"reading {model.name}")
        read = family.read(model, **of_model)
        project = read.compile(board, out, baud=baud, clock=clock, progress=progress, **of_compile)
    return Outcome(project.compilation())
