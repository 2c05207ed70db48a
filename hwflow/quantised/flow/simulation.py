"""The verb `simulate`: the RTL of a project against the reference, on the user's vectors or random ones."""

import math
from dataclasses import replace
from pathlib import Path

from hwflow.progress import Progress, Timed
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.flow.backend import backend_named
from hwflow.quantised.flow.vectors import class_names_beside, judge, vectors_for
from hwflow.quantised.report.records import SimulationRecord
from hwflow.quantised.report.switching import count_switching
from hwflow.quantised.tool.simulate import simulate_source
from hwflow.samples import GivenInputs
from hwflow.tool.waves import shown, waveforms
from hwflow.versions import tools

SHOWN = 20  # vectors on the waveforms, if no number is given


def simulate_compiled(
    compiled: Compiled, given: GivenInputs, count: int | None, progress: Progress, *, vcd: Path | None = None
) -> SimulationRecord:
    """Compare the RTL with the reference at every layer boundary, and count its cycles; leaves `simulation.json`.

    given, count: as in `vectors_for`; vcd: a file for the waveforms of all signals, then of 20 vectors if no count is
    given and 1,000 at most, of which `switching.json` then counts the changes. Raises
    UserError for vectors that do not fit, MissingTool and ToolError as Verilator needs.
    """
    network, design = compiled.network, compiled.design
    backend, prediction = backend_named(design.backend), design.prediction
    chosen = vectors_for(network, given, count)
    few = shown(vcd, len(chosen.x), count, SHOWN)
    chosen = replace(chosen, x=chosen.x[:few], y=None if chosen.y is None else chosen.y[:few])
    timed = Timed(progress)
    with waveforms(vcd) as file:
        result = simulate_source(backend.source(compiled), compiled.folder, network, chosen.x, progress=timed, vcd=file)
    seconds, compile_seconds = timed.seconds()
    evaluation = judge(network, result.outputs, chosen, class_names_beside(given))
    interval = result.initiation_interval_cycles
    record = SimulationRecord(
        project=compiled.digest,
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
        edits=backend.edits(compiled),
    )
    record.save(compiled.path)
    if vcd is not None:
        count_switching(vcd, compiled.digest, len(chosen.x), chosen.source, record.tool).save(compiled.path)
    return record
