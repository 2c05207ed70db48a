"""The verb `simulate` for a spiking project: the core's RTL against the golden model, on the user's stimuli or random ones."""

from pathlib import Path

from hwflow.progress import Progress, Timed
from hwflow.samples import Given
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.flow.stimuli import stimuli_for
from hwflow.spiking.report.records import SpikingSimulationRecord
from hwflow.spiking.tool.simulate import Stimulus, simulate_core
from hwflow.tool.waves import shown, waveforms
from hwflow.versions import tools

SHOWN = 100  # ticks on the waveforms, if no number is given


def simulate_compiled(
    compiled: Compiled, given: Given, ticks: int | None, learn: bool, progress: Progress, *, vcd: Path | None = None
) -> SpikingSimulationRecord:
    """Compare the RTL with the golden model in every register after every tick; leaves `simulation.json`.

    given, ticks: as in `stimuli_for`; learn: whether the ticks learn; vcd: a file for the waveforms of all signals, then of
    100 ticks if no number is given and 1,000 at most. Raises UserError for stimuli that do not fit, MissingTool and
    ToolError as Verilator needs.
    """
    stimuli = stimuli_for(compiled.network, given, ticks)
    timed = Timed(progress)
    spikes = stimuli.spikes[: shown(vcd, len(stimuli.spikes), ticks, SHOWN)]
    with waveforms(vcd) as file:
        result = simulate_core(compiled, Stimulus.of(spikes, learn=learn), progress=timed, vcd=file)
    seconds, compile_seconds = timed.seconds()
    record = SpikingSimulationRecord(
        project=compiled.digest,
        ticks=result.ticks,
        source=stimuli.source,
        learn=learn,
        cycles=result.cycles,
        spikes=result.spikes,
        values=result.values,
        mismatches=result.mismatches,
        first_difference=str(result.first) if result.first else None,
        unpredicted_ticks=result.late,
        saturations=result.state.saturations if compiled.design.core.counters else None,
        seconds=seconds,
        compile_seconds=compile_seconds,
        tool=tools("verilator"),
    )
    record.save(compiled.path)
    return record
