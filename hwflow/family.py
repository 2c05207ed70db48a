"""What a family of nets offers, and the one place that lists the families.

A family is a value: how it reads a model, opens a project, and reports; and the options that are its own. Whoever holds
a `Model` or a `CompiledProject` needs not know of which family it is. A third family would be one folder and one line in
`families`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwflow.errors import UserError
from hwflow.handles import CompiledProject, Model
from hwflow.project import ProjectFolder
from hwflow.words import Told

if TYPE_CHECKING:
    from hwflow.reports.evidence import Evidence
    from hwflow.reports.figures import Figure
    from hwflow.reports.sections import Section

MODEL_OPTIONS, COMPILE_OPTIONS, SIMULATE_OPTIONS, RUN_OPTIONS = "model", "compile", "simulate", "run"


@dataclass(frozen=True)
class Option:
    """An option that one family has: a keyword of its API, and how the command line asks for it.

    name: the keyword, and `--name` with hyphens; kind: its type, as in a signature, with None for not given; metavar: the
    word for its value, empty for a flag; help: one line.
    """

    name: str
    kind: Any
    help: str
    metavar: str = ""

    @property
    def flag(self) -> str:
        """As it is written on the command line."""
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class Family:
    """What a family offers.

    name: as records call it; suffixes: of the model files that it reads; formats: the same in words; options: its own,
    by what they are for: MODEL_OPTIONS, COMPILE_OPTIONS, SIMULATE_OPTIONS, RUN_OPTIONS; folders: whether a folder can
    be a model; read: a model file to a Model; inspect: what a file holds, also of one that cannot be built; open: a
    project of the family; evidence: a folder's records; figures and sections: of a report on them; templates: the
    package with the sections' templates.
    """

    name: str
    suffixes: tuple[str, ...]
    formats: str
    options: Mapping[str, tuple[Option, ...]]
    folders: bool
    read: Callable[..., Model]
    inspect: Callable[..., Told]
    open: Callable[[ProjectFolder], CompiledProject]
    evidence: "Callable[[Path], Evidence]"
    figures: "Callable[[Any], tuple[Figure, ...]]"
    sections: "Callable[[], Sequence[Section]]"
    templates: str


def families() -> tuple[Family, ...]:
    """All there are."""
    from hwflow.quantised.family import QUANTISED
    from hwflow.spiking.family import SPIKING

    return QUANTISED, SPIKING


def family_of_model(path: Path) -> Family:
    """The family of a model file, by its suffix. Raises UserError if none reads it."""
    for family in families():
        if path.suffix.lower() in family.suffixes or (family.folders and path.is_dir()):
            return family
    formats = ", ".join(family.formats for family in families())
    raise UserError(f"{path} is not a model hwflow reads; give {formats}.")


def family_of_net(files: Mapping[str, bytes]) -> Family:
    """The family of a net that is saved among a project's files, which names it; the first one where it names none."""
    try:
        name = json.loads(files.get("network.json", b"{}")).get("family")
    except (ValueError, AttributeError, RecursionError):
        name = None
    return next((family for family in families() if family.name == name), families()[0])


def refuse_unknown(options: Mapping[str, object], family: Family, kind: str) -> None:
    """Raises UserError for an option of the API that the family does not have; options: what was given and not known."""
    for name in options:
        known = ", ".join(option.name for option in family.options[kind])
        raise UserError(f"A {family.name} net has no option {name!r} there; it has {known}.")
