"""`hwflow build`."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from hwflow.cli.console import progress_on_stderr, table
from hwflow.cli.options import ProjectFolder
from hwflow.cli.outcome import Outcome

if TYPE_CHECKING:
    from hwflow.tool.build import Build


@dataclass(frozen=True)
class DryRun:
    """What a build would do, in the project's folder."""

    board: str
    folder: str
    commands: tuple[str, ...]


def build(
    project: ProjectFolder,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands and do nothing.")] = False,
) -> Outcome:
    """Bitstream, utilisation and timing.

    On open tools, where there are some for the board; else an estimate of its size, and what the vendor's tool needs.
    """
    from hwflow.tool.building import build_folder

    if dry_run:
        return _plan(project)
    with progress_on_stderr() as progress:
        record = build_folder(project, progress)
    wrong = (
        "What ran as the vendor's tool is not it, so this is no build; take the stand-in off PATH."
        if record.impostor
        else f"Timing is not met: {record.fmax_mhz} MHz is less than the board's {record.clock_mhz:g} MHz."
    )
    bitstream = None if record.bitstream is None else str(project / record.bitstream)  # for whoever stands elsewhere
    return Outcome(replace(record, bitstream=bitstream), _show(project, record), record.right, wrong)


def _plan(project: ProjectFolder) -> Outcome:
    from hwflow.project import Project
    from hwflow.tool.building import commands_of

    loaded = Project.load(project)
    record = DryRun(loaded.board, str(project), commands_of(loaded))
    return Outcome(record, [f"# in {project}", *record.commands])


def _show(project: ProjectFolder, record: "Build") -> list[RenderableType]:
    counts = (record.luts, record.ffs, record.brams, record.dsps)
    heads = ["LUTs", "flip-flops", "block RAMs", "multipliers"]
    show: list[RenderableType] = [table(heads, [counts])]
    if record.estimate:
        show.append(
            "An estimate by Yosys; no bitstream was made: that takes AMD Vivado, which runs "
            f"{project / 'vivado/build.tcl'}"
        )
        return show
    cells = [(name, use.used, use.available) for name, use in record.utilisation.items() if use.used]
    show += ["", table(["cells", "used", "available"], cells), ""]
    show.append(f"{record.fmax_mhz:.2f} MHz at most; the board's clock is {record.clock_mhz:g} MHz")
    return [*show, f"{project / (record.bitstream or '')}: {record.seconds:.0f} s"]
