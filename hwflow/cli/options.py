"""Arguments and options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

ProjectFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `hwflow compile` made.")]
ModelFile = Annotated[Path, typer.Argument(metavar="MODEL", help="A QONNX file, such as Brevitas exports.")]
VectorsFile = Annotated[
    Path | None,
    typer.Option(
        "--vectors", metavar="FILE.npz", help="x (floats as the model takes them) and, if known, y. [default: random]"
    ),
]
Count = Annotated[
    int | None, typer.Option("--count", metavar="N", help="The first N vectors. [default: all, or 1000 random ones]")
]
ArgMaxFlag = Annotated[bool, typer.Option("--argmax", help="End in the class instead of the model's own outputs.")]
InputTypeName = Annotated[
    str | None,
    typer.Option("--input-type", metavar="TYPE", help="Integers at the input, as UINT8, if the file does not say."),
]
Baud = Annotated[int | None, typer.Option("--baud", help="Bits a second. [default: what the project was built for]")]
