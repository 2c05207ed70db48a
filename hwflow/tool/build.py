"""A project to a bitstream, utilisation and timing, on open tools; for Xilinx parts with Vivado, else to an estimate."""

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hwflow.board import Board
from hwflow.errors import ToolError, UserError
from hwflow.progress import Progress, silent
from hwflow.project import Project, ProjectFolder
from hwflow.records import read_record, write_record
from hwflow.tool import yosys
from hwflow.tool.nextpnr import REPORT, Placement, Use, overfull, place_and_route
from hwflow.tool.own import content_of, mark
from hwflow.tool.process import Together
from hwflow.tool.step import DoneStep, Step, program_of, run_steps
from hwflow.tool.toolchains import TOOLCHAINS
from hwflow.tool.tuning import Tuning, tuning_in
from hwflow.tool.vivado import Implementation, Vivado, find_vivado, vivado_step
from hwflow.tool.yosys import COUNTS, Counts, synthesis
from hwflow.words import Part, table

BUILD = "build.json"


@dataclass(frozen=True)
class Build:
    """What the tools made of a project.

    project: its digest; luts: look-up tables (on iCE40 logic cells, of one table and one flip-flop); utilisation: all
    that place and route counted; fmax_mhz: highest clock, by its static timing analysis; timing_met: whether that
    reaches the board's clock; bitstream: path in the project's folder; estimate: whether the counts are Yosys's
    alone, with neither place and route nor timing behind them; impostor: whether what ran as the vendor's tool was
    a stand-in, so that this is no build; tools: versions.
    """

    project: str
    board: str
    luts: int
    ffs: int
    brams: int
    dsps: int
    utilisation: Mapping[str, Use]
    fmax_mhz: float | None
    clock_mhz: float
    timing_met: bool | None
    bitstream: str | None
    estimate: bool
    steps: tuple[DoneStep, ...]
    tools: Mapping[str, str]
    impostor: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for what is no clock."""
        for clock in (self.clock_mhz, self.fmax_mhz):
            if clock is not None and not 0 < clock < math.inf:
                raise ValueError(f"a clock is more than 0 MHz, not {clock}")

    @property
    def seconds(self) -> float:
        """All steps together, as they took when they were done."""
        return sum(step.seconds for step in self.steps)

    @property
    def right(self) -> bool:
        """Whether nothing is known to be wrong: an estimate has no timing that could be missed."""
        return self.timing_met is not False and not self.impostor

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        if self.impostor:
            return "What ran as the vendor's tool is not it, so this is no build; take the stand-in off PATH."
        return f"Timing is not met: {self.fmax_mhz} MHz is less than the board's {self.clock_mhz:g} MHz."

    @property
    def said(self) -> str:
        """Counts and clock in a line."""
        counts = f"{self.luts:,} LUTs, {self.ffs:,} flip-flops, {self.brams} block RAMs"
        if self.estimate:
            return f"{counts} by estimate; a bitstream takes the vendor's tool"
        return f"{counts}; {self.fmax_mhz:.1f} MHz, the board's clock is {self.clock_mhz:g} MHz"

    def words(self) -> tuple[Part, ...]:
        """Counts, cells, clock and bitstream."""
        counts = table(
            ["LUTs", "flip-flops", "block RAMs", "multipliers"], [(self.luts, self.ffs, self.brams, self.dsps)]
        )
        if self.estimate:
            return (
                counts,
                "An estimate by Yosys; no bitstream was made: that takes AMD Vivado, which runs vivado/build.tcl "
                "in the project's folder",
            )
        cells = [(name, use.used, use.available or None) for name, use in self.utilisation.items() if use.used]
        return (
            counts,
            "",
            table(["cells", "used", "available"], cells),
            "",
            f"{self.fmax_mhz:.2f} MHz at most; the board's clock is {self.clock_mhz:g} MHz",
            f"{self.bitstream}: {self.seconds:.0f} s",
        )

    def save(self, folder: Path) -> None:
        """Write the record into the project's folder, and mark the bitstream as this user's own."""
        if self.bitstream:
            mark("bitstream", content_of(folder / self.bitstream))
        write_record(self, folder / BUILD)

    @staticmethod
    def from_folder(folder: Path) -> "Build":
        """Raises UserError if it is not there or is damaged."""
        return read_record(Build, folder / BUILD, "run `hwflow build` again.")


@dataclass(frozen=True)
class Plan:
    """What a build would do: steps in the project's folder. vivado: the one that takes part, if one does."""

    board: Board
    steps: tuple[Step, ...]
    vivado: Vivado | None = None

    @property
    def commands(self) -> tuple[str, ...]:
        """As one would type them in the project's folder."""
        return tuple(shlex.join(step.command) for step in self.steps)


def plan_build(folder: ProjectFolder, *, multipliers: bool = False, tuning: Tuning | None = None) -> Plan:
    """The steps of a build. Raises UserError for the simulated board, which has no bitstream.

    multipliers: as in `yosys.synthesis`; tuning: None for what `hwflow build --effort` found best for the project, else the
    usual one. For Xilinx parts Vivado makes the bitstream, if it is on PATH.
    """
    project, board = folder.project, folder.clocked_board
    if not board.has_part:
        raise UserError("The simulated board needs no bitstream; drive it with `hwflow run DIR --port sim`.")
    tuned = tuning or tuning_in(folder.path, project.digest, board)
    steps = [synthesis(project, board, multipliers=multipliers, option=tuned.option)]
    if board.bitstream:
        constraints = [path for path in project.files if path.startswith("constraints/")]
        if len(constraints) != 1:
            raise UserError(f"The project has {len(constraints)} constraint files and not one; compile it again.")
        steps += place_and_route(board, constraints[0], project.top, tuned.seed)
    vivado = find_vivado() if board.family == "xilinx" else None
    if vivado:
        steps.append(vivado_step(project))
    return Plan(board, tuple(steps), vivado)


def build_project(
    folder: ProjectFolder,
    progress: Progress = silent,
    together: Together | None = None,
    *,
    multipliers: bool = False,
    tuning: Tuning | None = None,
) -> Build:
    """Build a project; leaves `build.json` there, and what the tools made under `build/`.

    What was done with the same inputs is not done again. together: with which other tools its own end; multipliers: as
    in `yosys.synthesis`; tuning: as in `plan_build`.
    Raises UserError if the net does not fit the board, MissingTool, and ToolError if a tool fails.
    """
    project, here = folder.project, folder.path
    plan = plan_build(folder, multipliers=multipliers, tuning=tuning)
    versions = _versions(plan)
    (here / BUILD).unlink(missing_ok=True)
    (here / "build").mkdir(exist_ok=True)
    try:
        done = run_steps(here, plan.steps, _resolve, versions, progress, together)
    except ToolError as error:
        if uses := overfull(here / "build/place-and-route.log"):
            raise UserError(_too_large(plan.board, uses)) from error
        raise
    counts = Counts.from_file(here / COUNTS)
    build = _estimated(project, plan, counts, done, versions)
    if plan.board.bitstream:
        build = _placed(project, plan, counts, Placement.from_file(here / REPORT), done, versions)
    if plan.vivado:
        build = _implemented(build, plan, plan.vivado, Implementation.from_folder(here))
    build.save(here)
    return build


def _estimated(
    project: Project, plan: Plan, counts: Counts, done: tuple[DoneStep, ...], versions: Mapping[str, str]
) -> Build:
    _check_counts(plan.board, counts)
    return Build(
        project=project.digest,
        board=project.board,
        luts=counts.luts,
        ffs=counts.ffs,
        brams=counts.brams,
        dsps=counts.dsps,
        utilisation={},
        fmax_mhz=None,
        clock_mhz=plan.board.clock_hz / 1e6,
        timing_met=None,
        bitstream=None,
        estimate=True,
        steps=done,
        tools=versions,
    )


def _placed(
    project: Project,
    plan: Plan,
    counts: Counts,
    placement: Placement,
    done: tuple[DoneStep, ...],
    versions: Mapping[str, str],
) -> Build:
    clock = plan.board.clock_hz / 1e6
    cells = TOOLCHAINS[plan.board.family].cells
    luts, ffs = placement.used(cells.luts), placement.used(cells.ffs)
    brams, dsps = placement.used(cells.brams), placement.used(cells.dsps)
    return Build(
        project=project.digest,
        board=project.board,
        luts=counts.luts if luts is None else luts,
        ffs=counts.ffs if ffs is None else ffs,
        brams=counts.brams if brams is None else brams,
        dsps=counts.dsps if dsps is None else dsps,
        utilisation=placement.use,
        fmax_mhz=placement.fmax_mhz,
        clock_mhz=clock,
        timing_met=placement.fmax_mhz >= clock,
        bitstream=plan.steps[-1].outputs[-1],
        estimate=False,
        steps=done,
        tools=versions,
    )


def _implemented(estimate: Build, plan: Plan, vivado: Vivado, made: Implementation) -> Build:
    return replace(
        estimate,
        luts=made.used("LUTs"),
        ffs=made.used("flip-flops"),
        brams=made.used("block RAMs"),
        dsps=made.used("DSPs"),
        utilisation=made.use,
        fmax_mhz=made.fmax_mhz(plan.board.clock_hz),
        timing_met=made.slack_ns >= 0,
        bitstream=plan.steps[-1].outputs[-1],
        estimate=False,
        impostor=not vivado.genuine,
    )


def _resolve(step: Step) -> tuple[str, ...]:
    return yosys.resolve(step.install) if step.command[0] == yosys.PROGRAM else program_of(step)


def _versions(plan: Plan) -> dict[str, str]:
    found = {"vivado": plan.vivado.release} if plan.vivado else {}
    tools = TOOLCHAINS.get(plan.board.family)
    for package in tools.packages if tools else ("pyosys",):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not from pip"
    return found


def _check_counts(board: Board, counts: Counts) -> None:
    has = board.resources
    if has is None:
        return
    pairs = {
        "look-up tables": Use(counts.luts, has.luts),
        "flip-flops": Use(counts.ffs, has.ffs),
        "block RAMs": Use(counts.brams, has.brams),
    }
    over = {kind: use for kind, use in pairs.items() if use.used > use.available}
    if over and not board.bitstream:
        raise UserError(_too_large(board, over))


def _too_large(board: Board, uses: Mapping[str, Use]) -> str:
    parts = [
        f"{use.used:,} {kind} of {use.available:,} ({use.used - use.available:,} too many)"
        for kind, use in uses.items()
    ]
    return (
        f"The net does not fit {board.name}: it takes {', '.join(parts)}; "
        "compile it with a smaller folding (--target-fps) or for a larger board."
    )
