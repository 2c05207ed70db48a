"""The sections of a spiking net as rows, for several boards side by side."""

from collections.abc import Iterator, Sequence

from hwflow.reports.beside import Line, Lines
from hwflow.reports.figures import show
from hwflow.spiking.backend.design import SpikingDesign
from hwflow.spiking.frontend.model import Fidelity, Remarks
from hwflow.spiking.report.applications import Proof
from hwflow.spiking.report.records import SpikingRunRecord, SpikingSimulationRecord


def core_lines(design: SpikingDesign, features: Sequence[str]) -> Lines:
    """The net, the core that was built for it, and what a tick takes."""
    core = design.core
    ticks = (("A tick", design.cycles.plain), ("A tick that learns", design.cycles.learning))
    return Lines((
        Line("Net", f"{design.network}: {design.axons:,} axons, {design.neurons:,} neurons"),
        Line("Core", f"{core.axons:,} axons, {core.neurons:,} neurons"),
        Line("Lanes", show(core.lanes)),
        Line("Bits of weights, state, traces", f"{core.weight_bits}, {core.state_bits}, {core.trace_bits}"),
        Line("Features", ", ".join(features) or "none"),
        *([Line("Left out, since they would not have fitted", ", ".join(design.left_out))] if design.left_out else []),
        *(line for label, cycles in ticks for line in (
            Line(label, show(cycles.always, "cycles")),
            Line(f"{label}, more for each source with a spike", show(cycles.row, "cycles")),
            Line(f"{label}, more for each neuron that fires", show(cycles.fired, "cycles")),
        )),
        *([Line("A tick, more for each entry of their rows", show(design.cycles.entry, "cycles"))] if core.entries else []),
        *([Line("Synapses", design.synapses.words.removeprefix("synapses: "))] if design.synapses else []),
        Line("Memory", show(design.memory_bits, "bits")),
        Line("Clock", show(design.clock_hz, "Hz")),
    ))  # fmt: skip


def fidelity_lines(trial: Remarks, run: Fidelity | None) -> Lines:
    """The net in integers beside its floats: in the trial, and in the run; and what the import assumed."""
    compared = (("Trial", trial.fidelity), ("Run", run))
    rows = [line for where, fidelity in compared if fidelity for line in _of_fidelity(where, fidelity)]
    return Lines((*rows, Line("Assumed", "; ".join(trial.assumptions) or "nothing")))


def _of_fidelity(where: str, fidelity: Fidelity) -> Iterator[Line]:
    yield Line(f"{where}, stimuli", f"{fidelity.samples:,} samples, {fidelity.ticks:,} ticks ({fidelity.source})")
    yield Line(f"{where}, spikes", f"{fidelity.spikes_integer:,} in integers, {fidelity.spikes_float:,} in floats")
    yield Line(f"{where}, spikes that differ", f"{fidelity.differing:,}, {show(fidelity.differing_share, '1')}")
    if fidelity.output_spikes_integer is not None:
        fired = f"{fidelity.output_spikes_integer:,} in integers, {fidelity.output_spikes_float or 0:,} in floats"
        yield Line(f"{where}, spikes of the outputs", fired, not fidelity.silenced)
    if fidelity.class_agreement is not None:
        yield Line(f"{where}, the same output is largest", f"in {show(fidelity.class_agreement, '1')} of the samples")
    yield Line(f"{where}, sums clipped", f"in {show(fidelity.saturated_share, '1')} of all neurons and ticks")


def lockstep_lines(
    proof: Proof | None, simulation: SpikingSimulationRecord | None, run: SpikingRunRecord | None
) -> Lines:
    """What the application, the simulation and the run compared."""
    return Lines((*_of_proof(proof), *_of_simulation(simulation), *_of_run(run)))


def _of_proof(proof: Proof | None) -> Iterator[Line]:
    if proof is None:
        return
    yield Line("Application on the", proof.kind)
    yield Line("Application, ticks", show(proof.ticks))
    if proof.kind != "golden model":
        yield Line(
            "Application, values that differ", f"{proof.differing:,} of {proof.compared:,}", proof.differing == 0
        )
        yield Line("Application, first difference", proof.first or "none")
        yield Line("Application, cycles of a tick", show(proof.cycles / proof.ticks))
    yield Line("Application took", show(proof.seconds, "s"))


def _of_simulation(record: SpikingSimulationRecord | None) -> Iterator[Line]:
    if record is None:
        return
    yield Line("Simulation, ticks", f"{record.ticks:,} ({record.source})")
    yield Line("Simulation, values that differ", f"{record.mismatches:,} of {record.values:,}", record.mismatches == 0)
    yield Line("Simulation, first difference", record.first_difference or "none")
    late = record.unpredicted_ticks
    yield Line("Simulation, ticks with other cycles than predicted", show(late), late == 0)


def _of_run(record: SpikingRunRecord | None) -> Iterator[Line]:
    if record is None:
        return
    yield Line("Run on the", record.kind)
    yield Line("Run, ticks", f"{record.ticks:,} ({record.source})")
    if record.kind != "golden model":
        yield Line("Run, values that differ", f"{record.mismatches:,} of {record.values:,}", record.mismatches == 0)
        yield Line("Run, first difference", record.first_difference or "none")
        yield Line("Run, ticks a second over the link", show(record.ticks_per_second, "/s"))
