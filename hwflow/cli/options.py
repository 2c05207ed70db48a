"""Arguments and options that several verbs share, and those that the families bring along."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from hwflow.errors import UserError
from hwflow.family import Family, Option, families
from hwflow.sources import Source, source_of

ProjectPath = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `hwflow compile` made.")]
ModelFile = Annotated[Path, typer.Argument(metavar="MODEL", help="A QONNX, NIR or SuperNeuroMAT file.")]
VectorsFile = Annotated[
    Path | None,
    typer.Option(
        "--vectors",
        metavar="FILE.npz",
        help="x (floats as the model takes them, or spikes), or several inputs by name, and, if known, y. [default: random]",
    ),
]
BoardName = Annotated[
    str,
    typer.Option("--board", metavar="NAME", help="See `hwflow boards`, or a .toml of your own; `sim` has no limits."),
]
DataFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="[LABEL[@ID]=]FILE",
        help="Your own logs (may be repeated; LABEL, such as normal or dos, says what a log is), images, or packets.",
    ),
]
Baud = Annotated[int | None, typer.Option("--baud", help="Bits a second. [default: what the project was built for]")]

Trust = Annotated[
    bool, typer.Option("--trust", help="Take a project as it is that is not what compiling its own net gives.")
]


def sources_of(data: list[str] | None) -> tuple[Source, ...]:
    """What --data names."""
    return tuple(map(source_of, data or ()))


@dataclass(frozen=True)
class Given:
    """The families' own options, as they were given on the command line; those that were not are absent."""

    values: Mapping[str, object]

    def of(self, family: Family, *kinds: str, what: Path) -> dict[str, Any]:
        """Those of a family and of some kinds, as keywords of its API.

        Raises UserError for one that only another family has: it means nothing for `what`.
        """
        own = {option.name for options in family.options.values() for option in options}
        for option in _options(*family.options):
            if option.name in self.values and option.name not in own:
                raise UserError(f"{option.flag} means nothing for {what}, which is {family.name}; leave it out.")
        names = {option.name for kind in kinds for option in family.options.get(kind, ())}
        return {name: value for name, value in self.values.items() if name in names}


def family_parameters(*kinds: str) -> list[inspect.Parameter]:
    """The options of all families of some kinds, under their families' headings; one that several have, once."""
    found: dict[str, list[tuple[Family, Option]]] = {}
    for family in families():
        for kind in kinds:
            for option in family.options.get(kind, ()):
                found.setdefault(option.name, []).append((family, option))
    return [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=_absent(owners[0][1]), annotation=_annotation(owners)
        )
        for name, owners in found.items()
    ]


def given_of(arguments: dict[str, object], *kinds: str) -> Given:
    """Take the families' options out of a verb's arguments."""
    options = {option.name: option for option in _options(*kinds)}
    values = {name: arguments.pop(name) for name in options if name in arguments}
    return Given({name: value for name, value in values.items() if value != _absent(options[name])})


def _options(*kinds: str) -> Iterator[Option]:
    for family in families():
        for kind in kinds:
            yield from family.options.get(kind, ())


def _absent(option: Option) -> object:
    return False if option.kind is bool else None


def _annotation(owners: Sequence[tuple[Family, Option]]) -> Any:
    family, option = owners[0]
    shared = len(owners) > 1
    heading = None if shared else f"{family.name.capitalize()} nets"
    text = " ".join(f"{other.name.capitalize()}: {one.help}" for other, one in owners) if shared else option.help
    metavar = option.metavar or None
    return Annotated[option.kind, typer.Option(option.flag, metavar=metavar, help=text, rich_help_panel=heading)]
