"""`hwflow simulate`."""

from rich.console import RenderableType

from hwflow.cli.console import progress_on_stderr, table
from hwflow.cli.options import Count, ProjectFolder, VectorsFile
from hwflow.cli.outcome import Outcome


def simulate(project: ProjectFolder, vectors: VectorsFile = None, count: Count = None) -> Outcome:
    """The RTL against the reference.

    In Verilator: every layer boundary, bit for bit, and the cycles against the prediction.
    """
    from hwflow.flow.simulation import simulate_folder

    with progress_on_stderr() as progress:
        record = simulate_folder(project, vectors, count, progress)
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
    wrong = (
        f"{record.mismatches:,} values of the RTL differ from the reference."
        if record.mismatches
        else "The RTL took other cycles than the compiler predicted."
    )
    return Outcome(record, show, record.right, wrong)
