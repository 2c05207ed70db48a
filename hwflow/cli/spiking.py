"""What `compile` and `inspect` say of spiking models, and their options."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from hwflow.cli.console import progress_on_stderr, table
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError

if TYPE_CHECKING:
    from hwflow.spiking.backend.core import SpikingOptions
    from hwflow.spiking.frontend.inspection import SpikingInspection

_USERS_FAULT = 2
STATE_BITS = 16
TickSeconds = Annotated[float | None, typer.Option("--dt", metavar="SECONDS", help="NIR: the time of a tick.")]
ClipFlag = Annotated[
    bool, typer.Option("--clip", help="Spiking: take what lies beyond the format as the nearest that does not.")
]
StateBits = Annotated[
    int | None,
    typer.Option(
        "--state-bits", metavar="N", help=f"Spiking: of membrane and current, 8 to 24. [default: {STATE_BITS}]"
    ),
]
Lanes = Annotated[
    int | None, typer.Option("--lanes", metavar="N", help="Spiking: weights a cycle. [default: what fits the board]")
]
Axons = Annotated[int | None, typer.Option("--axons", metavar="N", help="Spiking: of the core. [default: the net's]")]
NeuronCount = Annotated[
    int | None, typer.Option("--neurons", metavar="N", help="Spiking: of the core. [default: the net's]")
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="FEATURE", help="Spiking: leave out, as learning or counters; may be repeated."),
]


def check_options(family: str, model: Path, quantised: Mapping[str, object], spiking: Mapping[str, object]) -> None:
    """Raises UserError for an option that is given and means nothing for the model's family."""
    other = spiking if family == "quantised" else quantised
    given = [name for name, value in other.items() if value]
    if given:
        raise UserError(f"{given[0]} means nothing for {model}, which is a {family} model; leave it out.")


def checked_bits(state_bits: int | None) -> int:
    """The bits, or the default. Raises UserError if no core has so many."""
    bits = STATE_BITS if state_bits is None else state_bits
    if not 8 <= bits <= 24:
        raise UserError(f"--state-bits {bits} cannot be built; give 8 to 24.")
    return bits


def inspect_spiking(model: Path, dt: float | None, state_bits: int | None, clip: bool) -> Outcome:
    """`hwflow inspect` of a spiking model."""
    from hwflow.spiking.frontend.inspection import inspect

    record = inspect(model, dt=dt, state_bits=checked_bits(state_bits), clip=clip)
    if record.refused:
        return Outcome(record, list(record.refused), False, f"{model} cannot be built as it is.", _USERS_FAULT)
    seconds = f", a tick is {record.dt:g} s" if record.dt else ""
    head = (
        f"{record.model}: {record.family}, {record.axons:,} axons, {record.neurons:,} neurons{seconds}, "
        f"digest {record.digest}"
    )
    return Outcome(record, [head, *_model(record)])


def _model(record: "SpikingInspection") -> list[RenderableType]:
    from hwflow.spiking.frontend.inspection import rounding_in_words

    heads = ["layer", "kind", "shape", "neurons", "synapses", "weights", "output", "ticks behind the input"]
    rows = [
        (x.name, x.kind, " × ".join(map(str, x.shape)), "{} … {}".format(*x.neurons), x.synapses, x.weight_type,
         x.output_type, x.latency)
        for x in record.layers
    ]  # fmt: skip
    loops = [
        f"from {f.source} back to {f.target} a spike takes {f.ticks} ticks, and in the model {f.wanted}"
        for f in record.feedback
    ]
    relays = [f"{record.relays:,} neurons only delay spikes"] if record.relays else []
    return [table(heads, rows), "", *loops, *relays, rounding_in_words(record.rounding)]


def compile_spiking_model(
    model: Path, board: str, out: Path, dt: float | None, clip: bool, options: "SpikingOptions"
) -> Outcome:
    """`hwflow compile` of a spiking model."""
    from hwflow.spiking.flow.compilation import compile_spiking_to
    from hwflow.spiking.frontend import load as load_spiking

    with progress_on_stderr() as progress:
        progress(f"reading {model.name}")
        loaded = load_spiking(model, dt=dt, state_bits=checked_bits(options.state_bits), clip=clip)
        record = compile_spiking_to(loaded, board, out, options, progress)
    core, cycles = record.core, record.cycles
    quiet, busy = cycles.of(0, 0, False), cycles.of(core.sources // 10, core.neurons // 10, core.learning)
    left_out = [f"left out, to fit {record.board}: {', '.join(record.left_out)}"] if record.left_out else []
    show: list[RenderableType] = [
        *_model(record.model),
        "",
        f"core: {core.axons:,} axons, {core.neurons:,} neurons, {core.lanes} lanes, {core.weight_bits}-bit weights, "
        f"{core.state_bits}-bit state",
        *left_out,
        f"predicted at {record.clock_hz / 1e6:g} MHz: a tick without spikes takes {quiet:,} cycles, one with a tenth of all "
        f"spiking{' and learning' if core.learning else ''} {busy:,} ({busy / record.clock_hz * 1e6:.1f} µs)",
        f"estimated before synthesis: {record.estimate.luts:,} LUTs, {record.estimate.ffs:,} flip-flops, "
        f"{record.estimate.brams:,} block RAMs",
        f"{record.project}: {'unchanged' if record.kept else 'written'}, digest {record.digest[:16]}",
    ]
    return Outcome(record, show)
