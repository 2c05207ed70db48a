"""Arguments and options that several verbs share."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwflow.errors import UserError

if TYPE_CHECKING:
    from hwflow.ints import IntType

ProjectFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `hwflow compile` made.")]
ModelFile = Annotated[Path, typer.Argument(metavar="MODEL", help="A QONNX, NIR or SuperNeuroMAT file.")]
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


def int_type(name: str | None) -> "IntType | None":
    """The type that `--input-type` names. Raises UserError if it is none."""
    from hwflow.ints import IntType  # loads numpy, which `hwflow --help` need not

    if name is None:
        return None
    found = re.fullmatch(r"(U?)INT([1-9]\d?)", name.upper())
    if not found or int(found[2]) > 32:
        raise UserError(
            f"--input-type {name!r:.40} is no integer type; give INT or UINT and 1 to 32 bits, as in UINT8."
        )
    return IntType(int(found[2]), signed=not found[1])
