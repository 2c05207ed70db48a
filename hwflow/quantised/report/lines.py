"""The sections of a quantised net as rows, for several boards side by side."""

from hwflow.quantised.frontend.inputs import LARGEST_ERROR
from hwflow.quantised.report.check import CheckRecord
from hwflow.quantised.report.records import RunRecord, SimulationRecord
from hwflow.quantised.report.switching import SwitchingRecord
from hwflow.quantised.report.views import CyclesRow
from hwflow.reports.beside import Line, Lines
from hwflow.reports.figures import show
from hwflow.reports.views import DurationRow
from hwflow.tool.switching import PartEnergy

NOT_CHECKED = "not checked"


def check_lines(record: CheckRecord | None) -> Lines:
    """What was compared with the model file, what differs, and what the import assumed."""
    if record is None or not record.made:
        assumed = [Line("Assumed", "; ".join(record.assumptions) or "nothing")] if record else []
        return Lines(
            (Line("Vectors", NOT_CHECKED), Line("Why not", record.unchecked if record else "--no-check"), *assumed)
        )
    excused = ((record.rounded, "as float32 rounds the file's own sums"), (record.tied, "as a value lies at a tie"))
    return Lines((
        Line("Vectors", f"{record.random:,} random, {record.given:,} given"),
        Line(f"{record.compared.capitalize()} that differ", f"{record.mismatches:,} of {record.values:,}",
             record.mismatches == 0),
        *(Line(f"Vectors that do not count, {why}", show(count)) for count, why in excused if count),
        Line("Largest error of the outputs, of their range", f"{record.largest_error:.2g}"),
        *([] if record.class_agreement is None else [Line("The same class", show(record.class_agreement, "1"))]),
        *([Line("What the input's format changes the given vectors by, of their range", f"{record.input_error:.2g}",
                record.input_error <= LARGEST_ERROR)] if record.input_error else []),
        Line("Assumed", "; ".join(record.assumptions) or "nothing"),
    ))  # fmt: skip


def equality_lines(record: SimulationRecord) -> Lines:
    """What was simulated, and each layer boundary."""
    boundaries = (
        Line(f"Behind {b.node}, values that differ", f"{b.mismatches:,} of {b.values:,}", b.mismatches == 0)
        for b in record.boundaries
    )
    edits = "; ".join(record.edits)
    return Lines((
        Line("Vectors", f"{record.vectors:,} of {record.source}"),
        *boundaries,
        Line("Took", show(record.seconds, "s")),
        *([Line("Changes to FINN's files, of which none changes what a module computes, or when", edits)] if edits else []),
    ))  # fmt: skip


def speed_lines(
    clock_hz: int, fmax_hz: float | None, device: str, spans: tuple[tuple[CyclesRow, DurationRow], ...], notes: tuple[str, ...]
) -> Lines:  # fmt: skip
    """Each span in cycles, as far as there are figures, and in time."""
    rows = [Line("Clock of the board", show(clock_hz, "Hz"))]
    rows += [Line("Highest clock, fmax", show(fmax_hz, "Hz"))] if fmax_hz else []
    for cycles, duration in spans:
        counted = (("simulated", cycles.simulated), (device, cycles.device))
        rows += [Line(f"{cycles.label}, predicted", show(cycles.predicted, "cycles"))]
        rows += [
            Line(f"{cycles.label}, {by}", show(value, "cycles"), cycles.agree)
            for by, value in counted
            if value is not None
        ]
        rows += [Line(f"{cycles.label}, at the board's clock", show(duration.at_clock, "s"))]
        rows += [Line(f"{cycles.label}, at fmax", show(duration.at_fmax, "s"))] if fmax_hz else []
    return Lines(tuple(rows), notes)


def switching_lines(record: SwitchingRecord, energy: PartEnergy | None, clock_hz: int, flip_flops: int | None) -> Lines:
    """Changes of a vector, by unit, and what they take by estimate."""
    rows = [
        Line("Vectors", f"{record.vectors:,} of {record.source}"),
        Line("Bits that change for a vector", f"{record.changes_a_vector:,.0f}"),
        *(Line(f"Of these in {each.unit}", f"{each.changes / record.vectors:,.0f}") for each in record.units),
    ]
    if energy is None:
        return Lines(tuple(rows), ("No energy: of this part no measured currents are known.",))
    rows += [Line("Energy of these for a vector, an estimate", show(energy.of_changes(record.changes_a_vector), "J"))]
    if flip_flops is not None:
        standing = show(energy.standing(clock_hz, flip_flops), "W")
        rows += [Line("Power of the whole design while nothing changes, an estimate", standing)]
    method = (
        f"By {energy.source}: {show(energy.change, 'J')} for a bit that changes, as in a multiplier in look-up tables with its "
        f"glitches; {show(energy.cycle, 'J')} for a cycle of the clock, {show(energy.flip_flop, 'J')} more for each flip-flop, and "
        f"{show(energy.static, 'W')} with the clock halted. Not in it: what stands around the net, as it works; memories' own "
        "currents; the pins."
    )
    return Lines(tuple(rows), (method,))


def run_lines(record: RunRecord) -> Lines:
    """What was sent, what came back, and the counters of the link."""
    accuracy = [] if record.accuracy is None else [Line("Accuracy on these vectors", show(record.accuracy, "1"))]
    return Lines((
        Line("On", "the simulated board" if record.kind == "simulated board" else "a serial port"),
        Line("Port", record.port),
        Line("Vectors", f"{record.vectors:,} of {record.source}"),
        Line("Values that differ", show(record.mismatches), record.mismatches == 0),
        *accuracy,
        Line("Took", show(record.seconds, "s")),
        Line("Vectors a second", show(record.vectors_per_second, "/s")),
        *(Line(name, show(count)) for name, count in record.counters.items()),
    ))  # fmt: skip
