"""`hwflow run`."""

from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Baud, Given, ProjectPath, Trust, VectorsFile
from hwflow.cli.outcome import Outcome
from hwflow.family import RUN_OPTIONS

Port = Annotated[
    str,
    typer.Option(
        "--port",
        help="/dev/ttyUSB1, socket://host:1234, `sim` for a simulated board of its own, or, spiking, `model` for none.",
    ),
]


def run(
    project: ProjectPath,
    port: Port,
    given: Given,
    vectors: VectorsFile = None,
    baud: Baud = None,
    deadline: Annotated[
        float | None,
        typer.Option("--deadline", metavar="SECONDS", help="For each answer. [default: as the device's limit]"),
    ] = None,
    trust: Trust = False,
) -> Outcome:
    """Drive the board over UART.

    What it gives is compared with the reference, value by value; of a spiking net each spike, and afterwards every
    register and weight.
    """
    from hwflow.api import open_with_family

    opened, family = open_with_family(project, trust)
    options = given.of(family, RUN_OPTIONS, what=project)
    with progress_on_stderr() as progress:
        return Outcome(opened.run(port, vectors, baud=baud, deadline=deadline, progress=progress, **options))
