"""The Python API: the same words as the verbs of the command line, which are thin shells over it.

Everything raises the same one-sentence errors (`hwflow.errors`) that the verbs print.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwflow.arguments import checked
from hwflow.errors import HwflowError, UserError
from hwflow.family import Family, family_of_model, family_of_net
from hwflow.faults import told
from hwflow.handles import CompiledProject, Model
from hwflow.progress import Progress, silent
from hwflow.project import ProjectFolder

if TYPE_CHECKING:
    from hwflow.reports.report import Report
    from hwflow.tool.build import Build
    from hwflow.tool.process import Together


@dataclass(frozen=True)
class Built:
    """What became of one of several projects.

    folder: the project's; build: None if there is none; error: why there is none; seconds: of wall clock.
    """

    folder: Path
    build: "Build | None"
    error: HwflowError | None
    seconds: float

    @property
    def right(self) -> bool:
        """Whether there is a build, and nothing is known to be wrong with it."""
        return self.build is not None and self.build.right

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        return str(self.error) if self.build is None else self.build.wrong


@checked
def load(path: str | Path, **options: Any) -> Model:
    """Read a model file: `.onnx` (QONNX), `.nir`, SuperNeuroMAT's `.json`, or a folder with a spiking net.

    options: of its family: for quantised nets `argmax` and `input_type`, see `QuantisedModel.read`; for spiking ones
    `dt`, `state_bits` and `clip`, see `SpikingModel.read`. Raises UserError for what cannot be read or represented, and
    for an option that the family does not have.
    """
    where = Path(path)
    family = family_of_model(where)
    known = {option.name for option in family.options["model"]}
    for name in options:
        if name not in known:
            raise UserError(f"A {family.name} model has no option {name!r}; it has {', '.join(sorted(known))}.")
    return family.read(where, **options)


@checked
def open_project(path: str | Path, trust: bool = False) -> CompiledProject:
    """The project in a folder that `compile` made. Raises UserError if it is none, or a file was changed since.

    trust: run tools on its files also where neither this user compiled them nor compiling its net gives the same; without,
    the methods that run tools raise UserError then. Somebody else's files can do on this machine what you can.
    """
    return open_with_family(Path(path), trust)[0]


def open_with_family(path: Path, trust: bool = False) -> tuple[CompiledProject, Family]:
    """The same, and the family whose options it takes."""
    folder = ProjectFolder.read(path, trust=trust)
    family = family_of_net(folder.files)
    return family.open(folder), family


@checked
def build(
    projects: CompiledProject | str | Path | Sequence[CompiledProject | str | Path],
    trust: bool = False,
    progress: Progress = silent,
    tell: "Callable[[Built], None]" = lambda _: None,
) -> tuple[Built, ...]:
    """Bitstreams, utilisation and timing of several projects, as many at once as there are cores.

    projects: as `compile` gave them, or their folders, or one of these; trust: as for `open_project`; tell: called with each
    as it ends, while the others go on. Returns what became of each, in the projects' order: a `build`, or an `error`,
    which stops no other. An interruption ends them all. Raises UserError if one is named twice.
    """
    from hwflow.tool.process import side_by_side

    some = [projects] if isinstance(projects, CompiledProject | str | Path) else list(projects)
    folders = [one.path if isinstance(one, CompiledProject) else Path(one) for one in some]
    seen: set[Path] = set()
    for folder in folders:
        if folder.resolve() in seen:
            raise UserError(f"{folder} is named twice; name each project once.")
        seen.add(folder.resolve())

    def one(at: int, together: "Together") -> Built:
        return _built(folders[at], some[at], trust, progress, together)

    return tuple(side_by_side(one, range(len(folders)), tell))


def _built(
    folder: Path, given: CompiledProject | str | Path, trust: bool, progress: Progress, together: "Together"
) -> Built:
    start = time.monotonic()
    record, fault = None, None
    try:
        project = given if isinstance(given, CompiledProject) else open_project(given, trust)
        record = project.build(progress, together)
    except HwflowError as error:
        fault = error
    except OSError as error:
        fault = UserError(told(error, folder))
    return Built(folder, record, fault, round(time.monotonic() - start, 1))


@checked
def report(
    projects: CompiledProject | str | Path | Sequence[CompiledProject | str | Path], out: str | Path | None = None
) -> "Report":
    """What the steps found, side by side; in a notebook it shows itself.

    projects: as `compile` gave them, or their folders, or one of these; out: also a page of HTML there, and the same as JSON beside it.
    Raises UserError if there is no project, or a record is damaged or of another project.
    """
    from hwflow.reports import make_report, read_report

    some = [projects] if isinstance(projects, CompiledProject | str | Path) else projects
    folders = [one.path if isinstance(one, CompiledProject) else Path(one) for one in some]
    return read_report(folders) if out is None else make_report(folders, Path(out))
