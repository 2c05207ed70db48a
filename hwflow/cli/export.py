"""`hwflow export`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.options import ProjectPath, VectorsFile
from hwflow.cli.outcome import Outcome


def export(
    project: ProjectPath,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where it goes.")],
    as_: Annotated[
        str,
        typer.Option(
            "--as", metavar="FORM", help="filelist, fusesoc, ipxact, litex, or, compiled with --shell axi, vivado-ip."
        ),
    ] = "filelist",
    vectors: VectorsFile = None,
    count: Annotated[
        int | None,
        typer.Option("--count", metavar="N", help="The first N vectors. [default: all, or 1000 random ones]"),
    ] = None,
) -> Outcome:
    """The accelerator without its shell, to embed in a design of your own.

    RTL, memory images, an instance to copy with each port explained, and a testbench with the reference's answers.
    """
    from hwflow.api import open_project

    return Outcome(open_project(project).export(out, as_, vectors, count=count))
