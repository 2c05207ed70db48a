"""The verb `run` for a spiking project: stimuli through the link to a board and spikes back, against the golden model."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import DAMAGE, array_of
from hwflow.errors import UserError
from hwflow.host.link import Link
from hwflow.host.linked import is_simulated, linked, share
from hwflow.host.registers import read_registers
from hwflow.ints import IntType
from hwflow.paths import whole_file
from hwflow.progress import Progress
from hwflow.samples import Given
from hwflow.shell.build_digest import build_of
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.draws import STATE as DRAWS
from hwflow.spiking.entries import row_lengths
from hwflow.spiking.fit import not_stored
from hwflow.spiking.flow.stimuli import Stimuli, stimuli_for
from hwflow.spiking.frontend.fidelity import Stimuli as Samples
from hwflow.spiking.frontend.fidelity import fidelity_of
from hwflow.spiking.frontend.model import Fidelity, with_import
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.host.target import Spikes
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.network import PERIOD, Core, SpikingNetwork
from hwflow.spiking.reference import State, initial
from hwflow.spiking.report.records import SpikingRunRecord
from hwflow.spiking.tool.compare import Difference
from hwflow.versions import tools

MODEL = "model"  # the port that stands for the golden model


@dataclass(frozen=True)
class Continuation:
    """load: an .npz that `save` left, to go on from; save: an .npz for the spikes and the state after the last tick."""

    load: Path | None = None
    save: Path | None = None


@dataclass(frozen=True, eq=False)
class _Did:
    """What ran the ticks, and what came of them: as in SpikingRunRecord."""

    spikes: Spikes
    state: State
    seconds: float = 0.0
    cycles: int = 0
    clock_hz: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)


def run_compiled(
    compiled: Compiled,
    port: str,
    asked: tuple[Given, int | None, bool],
    going_on: Continuation,
    baud: int | None,
    progress: Progress,
    *,
    deadline: float | None = None,
) -> SpikingRunRecord:
    """Load a project's net into the board on `port`, run stimuli, and compare each spike with the golden model's, and
    afterwards every register and weight; leaves `run.json`.

    port: a serial port, socket://host:port, `sim`, which builds and starts the simulated board for the time of the run, or
    `model`, which needs no board; a run that starts from rest and does not learn is also compared with the net as it was
    trained, in floats, where it was. asked: stimuli and ticks as in `stimuli_for`, and whether the ticks learn; baud: None
    for the rate the project was built for; deadline: seconds for each answer, as in `linked`.
    Raises UserError for a file, port or board that does not fit, and the errors of `hwflow.host.errors`.
    """
    network, design = compiled.network, compiled.design
    given, ticks, learn = asked
    chosen = stimuli_for(network, given, ticks)
    model = GoldenModel(design.core)
    model.load(network)
    begin = model.state() if going_on.load is None else read_state(going_on.load, network, design.core)
    model.write_state(begin)
    expected = model.run(chosen.spikes, learn=learn, progress=share(progress, "computing what is right"))
    assert model.fired is not None
    fired, alone = model.fired, port == MODEL
    if alone:
        did = _Did(expected, model.state(), clock_hz=design.clock_hz)
    else:
        with opened(compiled, port, baud, progress, deadline) as (board, link):
            board.load(network, share(progress, "loading the net"))
            if going_on.load is not None:
                board.write_state(begin)
            did = _on_board(board, link, chosen.spikes, learn, progress)
    differences = [] if alone else list(differing(did.spikes, did.state, expected, model.state()))
    if going_on.save is not None:
        save_run(going_on.save, did.spikes, did.state)
    total = len(chosen.spikes)
    fidelity = None if learn or going_on.load else _beside_floats(compiled, chosen, did.spikes)
    record = SpikingRunRecord(
        project=compiled.digest,
        port=port,
        kind=kind_of(port),
        ticks=total,
        source=chosen.source,
        learn=learn,
        spikes=int(np.count_nonzero(did.spikes)),
        values=0
        if alone
        else did.spikes.size + sum(array.size for _, array in _registers(did.state)) - not_stored(network, design.core),
        mismatches=len(differences),
        first_difference=str(differences[0]) if differences else None,
        cycles=did.cycles,
        predicted_cycles=predicted_cycles(compiled, chosen.spikes, fired, learn, begin, model.columns),
        clock_hz=did.clock_hz,
        seconds=did.seconds,
        ticks_per_second=total / did.seconds if did.seconds else 0.0,
        counters=did.counters,
        saturations=(did.state.saturations - begin.saturations) % (1 << 32) if design.core.counters else None,
        fidelity=fidelity,
        tool=tools(*(["verilator"] if is_simulated(port) else []), "pyserial"),
    )
    record.save(compiled.path)
    return record


def _beside_floats(compiled: Compiled, chosen: Stimuli, spikes: Spikes) -> Fidelity | None:
    """The run beside the net as it was trained; None for one that was made of integers."""
    model = with_import(compiled.network, compiled.folder.files, compiled.path)
    if model.floats is None:
        return None
    return fidelity_of(
        model,
        Samples.of(chosen.spikes, chosen.source, graded=compiled.network.graded),
        spikes[:, : compiled.network.size],
    )


def _on_board(board: SpikingBoard, link: Link, axon_spikes: AxonSpikes, learn: bool, progress: Progress) -> _Did:
    begun = time.monotonic()
    spikes = board.run(axon_spikes, learn=learn, progress=share(progress, f"running {len(axon_spikes):,} ticks"))
    seconds = time.monotonic() - begun
    cycles = board.busy_cycles()
    progress("reading the state back")
    state = board.state()
    counters = asdict(read_registers(link)) | {f"host_{k}": v for k, v in asdict(link.counters).items()}
    return _Did(spikes, state, seconds, cycles, board.identity.clock_hz, counters)


def kind_of(port: str) -> Literal["golden model", "simulated board", "serial port"]:
    """What stands behind a port, as far as the host can know."""
    return "golden model" if port == MODEL else "simulated board" if is_simulated(port) else "serial port"


@contextmanager
def opened(
    compiled: Compiled, port: str, baud: int | None, progress: Progress, deadline: float | None = None
) -> Iterator[tuple[SpikingBoard, Link]]:
    """The board on the port, and the link to it, as long as the block."""
    design = compiled.design
    rates = (design.baud, design.baud if baud is None else baud)
    with linked(compiled.folder, port, design.clock_hz, rates, progress, deadline) as link:
        yield SpikingBoard(link, design.core, build_of(compiled.folder.project)), link


def differing(spikes: Spikes, state: State, right: Spikes, right_state: State) -> Iterator[Difference]:
    """Where a run differs from what is right: each spike, in order of ticks and neurons, then each register after the run."""
    for t, i in np.argwhere(spikes != right).tolist():
        yield Difference(t, "spike", None, i, int(spikes[t, i]), int(right[t, i]))
    last = len(spikes) - 1
    for (name, found), (_, good) in zip(_registers(state), _registers(right_state), strict=True):
        for place in np.argwhere(found != good).tolist():
            by_source, by_neuron = name in ("x", "weight"), found.ndim and name != "x"
            source, neuron = (place[0] if by_source else None), (place[-1] if by_neuron else None)
            yield Difference(last, name, source, neuron, int(found[tuple(place)]), int(good[tuple(place)]))


def predicted_cycles(
    compiled: Compiled,
    axon_spikes: AxonSpikes,
    fired: Spikes,
    learn: bool,
    begin: State,
    columns: int | None = None,
) -> int:
    """Of a run, by the design's formula: the sources of a tick are its axons and the neurons that fired in the one before.

    begin: the state before the run; columns: that the third factor changed, None without. After a tick that
    closes a presentation nobody has fired.
    """
    design, modulation = compiled.design, compiled.network.modulation
    remembered = fired
    if modulation:
        remembered = fired & (axon_spikes[:, modulation.closing] == 0)[:, None]
    before = np.concatenate((begin.fired[None], remembered[:-1]))
    sources = np.concatenate((axon_spikes > 0, before), axis=1)
    walked = np.zeros(len(sources), np.int64)
    if design.core.entries:
        walked = sources @ row_lengths(begin.weight, design.core.lanes)
    each = zip(np.count_nonzero(sources, axis=1).tolist(), fired.sum(axis=1).tolist(), walked.tolist(), strict=True)
    third = None if columns is None else 0
    whole = sum(design.cycles.of(events, count, learn, third, entries) for events, count, entries in each)
    return whole + design.cycles.learning.fired * (columns or 0)


def read_state(path: Path, network: SpikingNetwork, core: Core) -> State:
    """What `save_run` left of a run of this net or of one of its sizes. Raises UserError if it does not fit net and core."""
    state = initial(network)
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            found = {part.name: array_of(file, part.name) for part in fields(State)}
    except FileNotFoundError:
        raise UserError(f"There is no file {path}; `hwflow run --save` leaves such a file.") from None
    except DAMAGE as error:
        raise UserError(
            f"{path} cannot be read as the state of a run ({str(error)[:80]!r}); `hwflow run --save` leaves such a file."
        ) from None
    for name, values in found.items():
        wanted = np.asarray(getattr(state, name))
        if values.shape != wanted.shape or values.dtype.kind not in ("b" if wanted.dtype == np.bool_ else "iu"):
            raise UserError(f"{name} in {path} is {values.dtype} of shape {values.shape}, and {network.name} has "
                            f"{wanted.dtype} of shape {wanted.shape}; give a file of a run of this net.")  # fmt: skip
        kind = _kind(name, core)
        if not kind.holds(values):
            raise UserError(f"{name} in {path} is not within {kind}, which the core has for it; save the run again.")
        setattr(state, name, values.astype(wanted.dtype) if values.ndim else int(values))
    return state


def _kind(name: str, core: Core) -> IntType:
    """What a core holds of a part of the state."""
    kinds = {"membrane": core.state, "current": core.state, "adaptation": core.adapted, "refractory": PERIOD,
             "fired": IntType(1, signed=False), "y": core.trace, "x": core.trace, "weight": core.weight,
             "random": DRAWS, "factor": core.state}  # fmt: skip
    return kinds.get(name, IntType(32, signed=False))


def save_run(path: Path, spikes: Spikes, state: State) -> None:
    """An .npz with `raster`, the spikes [ticks, N], and every part of the state, `weight` [A + N, N] among them, by its name."""
    with whole_file(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, **{"raster": spikes} | dict(_registers(state)))  # type: ignore[arg-type]


def _registers(state: State) -> list[tuple[str, NDArray[np.generic]]]:
    return [(part.name, np.asarray(getattr(state, part.name))) for part in fields(state)]
