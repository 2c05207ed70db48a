"""The verb `run`: vectors through the link to a board, real or simulated, and back, against the reference."""

import time
from dataclasses import asdict

import numpy as np

from hwflow.host.linked import is_simulated, linked, share
from hwflow.progress import Progress
from hwflow.quantised import reference
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.loading import loading_of
from hwflow.quantised.flow.vectors import class_names_beside, judge, vectors_for
from hwflow.quantised.host.accelerator import Accelerator
from hwflow.quantised.report.records import RunRecord
from hwflow.samples import GivenInputs
from hwflow.shell.build_digest import build_of
from hwflow.versions import tools


def run_compiled(
    compiled: Compiled,
    port: str,
    given: GivenInputs,
    count: int | None,
    baud: int | None,
    progress: Progress,
    *,
    deadline: float | None = None,
) -> RunRecord:
    """Send vectors to the board on `port` and compare what it gives with the reference; leaves `run.json`.

    port: a serial port, socket://host:port, or `sim`, which builds and starts the simulated board for the time of the
    run. given, count: as in `vectors_for`; baud: None for the rate the project was built for; deadline: seconds for each answer, as in `linked`.
    Raises UserError for vectors, a port or a board that does not fit, and the errors of `hwflow.host.errors`.
    """
    network, design = compiled.network, compiled.design
    chosen = vectors_for(network, given, count)
    expected = reference.run(network, chosen.x)
    rates = (design.baud, design.baud if baud is None else baud)
    with linked(compiled.folder, port, design.clock_hz, rates, progress, deadline) as link:
        board = Accelerator.of(link, network, build_of(compiled.folder.project), loading_of(compiled), progress)
        board.infer(chosen.x[:1])  # alone, so that it meets an idle pipeline, and its latency is the predicted one
        latency = board.registers().latency_cycles
        start = time.monotonic()
        outputs = board.infer(chosen.x, share(progress, f"running {len(chosen.x):,} vectors"))
        seconds = time.monotonic() - start
        registers, counters = board.registers(), link.counters
    evaluation = judge(network, outputs, chosen, class_names_beside(given))
    record = RunRecord(
        project=compiled.digest,
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
    record.save(compiled.path)
    return record
