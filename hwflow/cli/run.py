"""`hwflow run`."""

from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Baud, Count, ProjectFolder, VectorsFile
from hwflow.cli.outcome import Outcome


def run(
    project: ProjectFolder,
    port: Annotated[
        str, typer.Option("--port", help="/dev/ttyUSB1, socket://host:1234, or `sim` for a simulated board of its own.")
    ],
    vectors: VectorsFile = None,
    count: Count = None,
    baud: Baud = None,
) -> Outcome:
    """Drive the board over UART.

    What it gives is compared with the reference, value by value.
    """
    from hwflow.flow.running import run_folder

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
