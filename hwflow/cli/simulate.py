"""`hwflow simulate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from hwflow.cli.console import progress_on_stderr, table
from hwflow.cli.options import Count, ProjectFolder, VectorsFile
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError

if TYPE_CHECKING:
    from hwflow.quantised.report.records import SimulationRecord, SpikingSimulationRecord

Ticks = Annotated[
    int | None,
    typer.Option("--ticks", metavar="N", help="Spiking: the first N ticks. [default: all, or 1000 random ones]"),
]
Learn = Annotated[bool, typer.Option("--learn", help="Spiking: the ticks learn.")]

Vcd = Annotated[
    Path | None,
    typer.Option(
        "--vcd",
        metavar="FILE",
        help="The waveforms of all signals, of 20 vectors or 100 ticks unless a number is given.",
    ),
]


def simulate(
    project: ProjectFolder,
    vectors: VectorsFile = None,
    count: Count = None,
    ticks: Ticks = None,
    learn: Learn = False,
    vcd: Vcd = None,
) -> Outcome:
    """The RTL against the reference.

    In Verilator: every layer boundary, or every register after every tick, bit for bit, and the cycles against the
    prediction.
    """
    from hwflow.spiking.network import is_spiking

    if is_spiking(project):
        if count is not None:
            raise UserError("--count is for quantised nets; the net of a spiking project takes --ticks.")
        return _spiking(project, vectors, ticks, learn, vcd)
    if ticks is not None or learn:
        raise UserError(f"--ticks and --learn are for spiking nets, and {project} holds none; use --count.")
    return _quantised(project, vectors, count, vcd)


def _quantised(project: Path, vectors: Path | None, count: int | None, vcd: Path | None) -> Outcome:
    from hwflow.quantised.flow.simulation import simulate_folder

    with progress_on_stderr() as progress:
        record = simulate_folder(project, vectors, count, progress, vcd=vcd)
    return Outcome(record, _shown(record), record.right, _wrong(record))


def _shown(record: "SimulationRecord") -> list[RenderableType]:
    cycles = [
        ("latency", record.latency_cycles, record.predicted_latency_cycles),
        ("fill", record.fill_cycles, record.predicted_fill_cycles),
        ("initiation interval", record.initiation_interval_cycles, record.predicted_initiation_interval_cycles),
    ]
    finn = record.backend == "finn"
    show: list[RenderableType] = [
        f"{record.vectors:,} vectors ({record.source}), {record.mismatches:,} mismatches, {record.seconds:.1f} s",
        table(["boundary", "values", "mismatches"], [(b.node, b.values, b.mismatches) for b in record.boundaries]),
        "",
        table(["cycles", "simulated", "FINN's estimate" if finn else "predicted"], cycles),
    ]
    if finn:
        show += ["", "FINN's own RTL, wired by hwflow, no module replaced; read with these changes:"]
        show += [f"  {sentence}" for sentence in record.edits]
    if record.accuracy is not None:
        show.append(f"accuracy {record.accuracy:.3%}")
    return show


def _wrong(record: "SimulationRecord") -> str:
    if record.mismatches:
        return f"{record.mismatches:,} values of the RTL differ from the reference."
    return "The RTL took other cycles than the compiler predicted."


def _spiking(project: Path, vectors: Path | None, ticks: int | None, learn: bool, vcd: Path | None) -> Outcome:
    from hwflow.spiking.flow.simulation import simulate_spiking_folder

    with progress_on_stderr() as progress:
        record = simulate_spiking_folder(project, vectors, ticks, learn, progress, vcd=vcd)
    show: list[RenderableType] = [
        f"{record.ticks:,} ticks{' that learn' if learn else ''} ({record.source}), {record.spikes:,} spikes, "
        f"{record.cycles:,} cycles, {record.seconds:.1f} s",
        f"{record.values:,} registers compared, {record.mismatches:,} mismatches",
        f"{record.unpredicted_ticks:,} ticks took other cycles than predicted",
    ]
    return Outcome(record, show, record.right, _spiking_wrong(record))


def _spiking_wrong(record: "SpikingSimulationRecord") -> str:
    if record.mismatches:
        return (
            f"{record.mismatches:,} values of the RTL differ from the golden model: first, {record.first_difference}."
        )
    return f"{record.unpredicted_ticks:,} ticks took other cycles than the compiler predicted."
