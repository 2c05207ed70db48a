"""`hwflow simulate`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Given, ProjectPath, Trust, VectorsFile
from hwflow.cli.outcome import Outcome
from hwflow.family import SIMULATE_OPTIONS

Vcd = Annotated[
    Path | None,
    typer.Option(
        "--vcd",
        metavar="FILE",
        help="The waveforms of all signals, of 20 vectors or 100 ticks unless a number is given.",
    ),
]


def simulate(
    project: ProjectPath, given: Given, vectors: VectorsFile = None, vcd: Vcd = None, trust: Trust = False
) -> Outcome:
    """The RTL against the reference.

    In Verilator: every layer boundary, or every register after every tick, bit for bit, and the cycles against the
    prediction.
    """
    from hwflow.api import open_with_family

    opened, family = open_with_family(project, trust)
    options = given.of(family, SIMULATE_OPTIONS, what=project)
    with progress_on_stderr() as progress:
        return Outcome(opened.simulate(vectors, vcd=vcd, progress=progress, **options))
