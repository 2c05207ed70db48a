"""The verb `run`: vectors through the link to a board, real or simulated, and back, against the reference."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np

from hwflow.host.link import Link, open_link
from hwflow.progress import Progress
from hwflow.project import Project
from hwflow.quantised import reference
from hwflow.quantised.backend.design import Design
from hwflow.quantised.flow.vectors import class_names_beside, judge, vectors_for
from hwflow.quantised.host.accelerator import Accelerator
from hwflow.quantised.network import Network
from hwflow.quantised.report.records import RunRecord
from hwflow.tool.simulated import simulated_board
from hwflow.versions import tools

SIM = "sim"  # the port that stands for a simulated board of our own
_PATIENCE = 60.0  # seconds for its answers: it is as slow as the machine is busy


def run_folder(
    folder: Path, port: str, vectors: Path | None, count: int | None, baud: int | None, progress: Progress
) -> RunRecord:
    """Send vectors to the board on `port` and compare what it gives with the reference; leaves `run.json`.

    port: a serial port, socket://host:port, or `sim`, which builds and starts the simulated board for the time of the
    run. vectors, count: as in `vectors_for`; baud: None for the rate the project was built for.
    Raises UserError for a folder, file, port or board that does not fit, and the errors of `hwflow.host.errors`.
    """
    project = Project.load(folder)
    network, design = Network.from_folder(folder), Design.from_folder(folder)
    chosen = vectors_for(network, vectors, count)
    expected = reference.run(network, chosen.x)
    with linked(folder, port, baud or design.baud, progress) as link:
        board = Accelerator.of(link, network)
        board.infer(chosen.x[:1])  # alone, so that it meets an idle pipeline, and its latency is the predicted one
        latency = board.registers().latency_cycles
        start = time.monotonic()
        outputs = board.infer(chosen.x, share(progress, f"running {len(chosen.x):,} vectors"))
        seconds = time.monotonic() - start
        registers, counters = board.registers(), link.counters
    evaluation = judge(network, outputs, chosen, class_names_beside(vectors))
    record = RunRecord(
        project=project.digest,
        port=port,
        kind="simulated board" if is_simulated(port) else "serial port",
        vectors=len(chosen.x),
        source=chosen.source,
        mismatches=int(np.count_nonzero(outputs != expected)),
        latency_cycles=latency,
        predicted_latency_cycles=design.prediction.latency,
        clock_hz=board.identity.clock_hz,
        seconds=seconds,
        vectors_per_second=len(chosen.x) / seconds,
        counters=asdict(registers) | {f"host_{name}": value for name, value in asdict(counters).items()},
        accuracy=evaluation.accuracy if evaluation else None,
        evaluation=evaluation,
        tool=tools(*(["verilator"] if is_simulated(port) else []), "pyserial"),
    )
    record.save(folder)
    return record


@contextmanager
def linked(folder: Path, port: str, baud: int, progress: Progress) -> Iterator[Link]:
    """A link to the board on the port; the simulated board of `sim` runs as long as the block."""
    if port != SIM:
        with open_link(port, baud=baud) as link:
            yield link
        return
    with simulated_board(folder, progress) as board, open_link(board.port, baud=baud, deadline=_PATIENCE) as link:
        yield link


def is_simulated(port: str) -> bool:
    """A pseudo-terminal or a socket has no board behind it that one could vouch for."""
    return port == SIM or "://" in port or Path(port).resolve().is_relative_to("/dev/pts")


def share(progress: Progress, what: str) -> Callable[[int, int], None]:
    """Progress of `what`, told as done and all."""
    return lambda done, total: progress(what, done / total)
