"""The verb `simulate`: the RTL of a project against the reference, on the user's vectors or random ones."""

import math
import time
from dataclasses import replace
from pathlib import Path

from hwflow.finn.design import FinnDesign
from hwflow.finn.net import edits_of
from hwflow.progress import Progress
from hwflow.project import Project
from hwflow.quantised.backend.design import Design
from hwflow.quantised.flow.vectors import class_names_beside, judge, vectors_for
from hwflow.quantised.network import Network
from hwflow.quantised.report.records import SimulationRecord
from hwflow.quantised.tool.simulate import simulate_project
from hwflow.tool.waves import shown, waveforms
from hwflow.versions import tools

SHOWN = 20  # vectors on the waveforms, if no number is given


def simulate_folder(
    folder: Path, vectors: Path | None, count: int | None, progress: Progress, *, vcd: Path | None = None
) -> SimulationRecord:
    """Compare the RTL with the reference at every layer boundary, and count its cycles; leaves `simulation.json`.

    vectors, count: as in `vectors_for`; vcd: a file for the waveforms of all signals, then of 20 vectors if no count is
    given and 1,000 at most. Raises UserError for a folder or file that does not fit, MissingTool and
    ToolError as Verilator needs.
    """
    project = Project.load(folder)
    network, design = Network.from_folder(folder), Design.from_folder(folder)
    prediction = design.prediction
    chosen = vectors_for(network, vectors, count)
    few = shown(vcd, len(chosen.x), count, SHOWN)
    chosen = replace(chosen, x=chosen.x[:few], y=None if chosen.y is None else chosen.y[:few])
    begun = [time.monotonic()]

    def tell(what: str) -> None:
        begun.append(time.monotonic())
        progress(what)

    with waveforms(vcd) as file:
        result = simulate_project(folder, chosen.x, progress=tell, vcd=file)
    seconds, compile_seconds = time.monotonic() - begun[-1], begun[-1] - begun[0]
    evaluation = judge(network, result.outputs, chosen, class_names_beside(vectors))
    interval = result.initiation_interval_cycles
    record = SimulationRecord(
        project=project.digest,
        vectors=len(chosen.x),
        source=chosen.source,
        mismatches=result.mismatches,
        boundaries=result.boundaries,
        latency_cycles=result.latency_cycles,
        fill_cycles=result.fill_cycles,
        initiation_interval_cycles=None if math.isnan(interval) else interval,
        predicted_latency_cycles=prediction.latency,
        predicted_fill_cycles=prediction.fill,
        predicted_initiation_interval_cycles=prediction.initiation_interval,
        seconds=seconds,
        compile_seconds=compile_seconds,
        accuracy=evaluation.accuracy if evaluation else None,
        evaluation=evaluation,
        tool=tools("verilator"),
        backend=design.backend,
        edits=edits_of(FinnDesign.from_folder(folder)) if design.backend == "finn" else (),
    )
    record.save(folder)
    return record
