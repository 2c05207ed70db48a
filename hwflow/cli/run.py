"""`hwflow run`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Baud, Count, ProjectFolder, VectorsFile
from hwflow.cli.outcome import Outcome
from hwflow.cli.simulate import Learn, Ticks
from hwflow.errors import UserError

Port = Annotated[
    str,
    typer.Option(
        "--port",
        help="/dev/ttyUSB1, socket://host:1234, `sim` for a simulated board of its own, or, spiking, `model` for none.",
    ),
]
Save = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE.npz", help="Spiking: spikes, weights and state after the last tick."),
]

Load = Annotated[
    Path | None,
    typer.Option(
        "--load", metavar="FILE.npz", help="Spiking: go on from what --save left, its learnt weights included."
    ),
]


def run(
    project: ProjectFolder,
    port: Port,
    vectors: VectorsFile = None,
    count: Count = None,
    baud: Baud = None,
    ticks: Ticks = None,
    learn: Learn = False,
    load: Load = None,
    save: Save = None,
) -> Outcome:
    """Drive the board over UART.

    What it gives is compared with the reference, value by value; of a spiking net each spike, and afterwards every
    register and weight.
    """
    from hwflow.spiking.network import is_spiking

    if is_spiking(project):
        if count is not None:
            raise UserError("--count is for quantised nets; the net of a spiking project takes --ticks.")
        return _spiking(project, port, vectors, ticks, learn, load, save, baud)
    if ticks is not None or learn or load is not None or save is not None:
        raise UserError(
            f"--ticks, --learn, --load and --save are for spiking nets, and {project} holds none; use --count."
        )
    return _quantised(project, port, vectors, count, baud)


def _quantised(project: Path, port: str, vectors: Path | None, count: int | None, baud: int | None) -> Outcome:
    from hwflow.quantised.flow.running import run_folder

    with progress_on_stderr() as progress:
        record = run_folder(project, port, vectors, count, baud, progress)
    microseconds = record.latency_cycles / record.clock_hz * 1e6
    show = [
        f"{record.kind}, port {record.port}: {record.vectors:,} vectors ({record.source}), "
        f"{record.mismatches:,} mismatches",
        f"{record.vectors_per_second:,.0f} vectors a second over the link; latency on the device "
        f"{record.latency_cycles:,} cycles ({microseconds:.2f} µs at {record.clock_hz / 1e6:g} MHz)",
    ]
    if record.accuracy is not None:
        show.append(f"accuracy {record.accuracy:.3%}")
    wrong = f"{record.mismatches:,} values from the board differ from the reference."
    return Outcome(record, show, record.right, wrong)


def _spiking(
    project: Path,
    port: str,
    vectors: Path | None,
    ticks: int | None,
    learn: bool,
    load: Path | None,
    save: Path | None,
    baud: int | None,
) -> Outcome:
    from hwflow.spiking.flow.running import run_spiking_folder

    with progress_on_stderr() as progress:
        record = run_spiking_folder(project, port, vectors, ticks, learn, load, save, baud, progress)
    learnt = " that learn" if record.learn else ""
    show = [
        f"{record.kind}, port {record.port}: {record.ticks:,} ticks{learnt} ({record.source}), {record.spikes:,} spikes"
    ]
    if record.values:
        milliseconds = record.cycles / record.clock_hz * 1e3
        show += [
            f"{record.values:,} spikes, registers and weights compared, {record.mismatches:,} mismatches",
            f"{record.ticks_per_second:,.0f} ticks a second over the link; the core took {record.cycles:,} cycles, "
            f"{record.predicted_cycles:,} predicted ({milliseconds:.2f} ms at {record.clock_hz / 1e6:g} MHz)",
        ]
    if save is not None:
        show.append(f"spikes and state in {save}")
    wrong = (
        f"{record.mismatches:,} values from the board differ from the golden model's: first, {record.first_difference}."
    )
    return Outcome(record, show, record.right, wrong)
