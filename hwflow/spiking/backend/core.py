"""Spiking nets to the core of rtl/spiking/: the core is built, the net is loaded into it over the link."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from hwflow.board import Board, board_names, carried, find_board
from hwflow.errors import UserError
from hwflow.project import DESIGN, Project
from hwflow.records import to_json
from hwflow.resources import Estimate
from hwflow.shell.axi import beside_axi, check_axi
from hwflow.shell.build_digest import build_of, sealed
from hwflow.shell.constraints import board_files
from hwflow.shell.library import pll_modules, rtl_library
from hwflow.shell.top import TOP, clock_of, top_module
from hwflow.spiking.backend.application import spiking_application
from hwflow.spiking.backend.axi import axi_files, driver_files
from hwflow.spiking.backend.design import ShellName, SpikingDesign
from hwflow.spiking.backend.estimate import estimate_core, link_window, log_words, memory_bits, overflow
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.backend.synapses import Form, Forms
from hwflow.spiking.fit import LEARNING, core_for, misfits
from hwflow.spiking.network import FEATURES, LARGEST, Core, SpikingNetwork

_ROOMS = ("uart", "link", "shell")
_LANES = (8, 4, 2, 1)
_DROPPED = ("normalisation", "synapse_mask", "adaptation", "counters", "learning")  # the first to go comes first


@dataclass(frozen=True)
class SpikingOptions:
    """What to build, where the user says so; None, or nothing, leaves it to the compiler.

    axons, neurons: of the core, at least, so that other nets fit as well; lanes: weights a cycle; state_bits, trace_bits: the
    least widths; without: features of FEATURES to leave out; counting: whether spikes are counted in it; baud: of the link; shell: what brings the requests;
    synapses: how they are stored.
    """

    axons: int | None = None
    neurons: int | None = None
    lanes: int | None = None
    state_bits: int = 16
    trace_bits: int = 8
    without: tuple[str, ...] = ()
    counting: bool = False
    baud: int | None = None
    shell: ShellName = "link"
    synapses: Form | None = None

    def __post_init__(self) -> None:
        if self.baud is not None and self.shell == "axi":
            raise UserError("Behind AXI there is no UART; compile without --baud.")


def compile_spiking(network: SpikingNetwork, board: Board, options: SpikingOptions = SpikingOptions()) -> Project:
    """Everything that simulation, synthesis and the host need, as a value; equal inputs give an equal project.

    Without options the core has the size of the net, and, of 8 lanes or fewer and of the features, as much as the board
    has room for by estimate; features that the net does not need are given up when one lane does not fit with them, and
    synapses that it has not sooner than a lane: of blocks and rows of entries it has then what takes fewer bits.
    Raises UserError if the net does not fit: by how much, and on which board it would; or if the options are not legal, or not
    for the board.
    """
    _beside_shell(board, options.shell, options.baud)  # told before the core is chosen, which may take long
    core = choose_core(network, board, options)
    # Blocks say what a mask would, and rows of entries are of nets that do not learn.
    spared = (*options.without, *(("synapse_mask",) if core.blocks else LEARNING if core.entries else ()))
    left_out = tuple(name for name in FEATURES if name in core.missing and name not in spared)
    return spiking_project(network, board, core, left_out, options.shell, options.baud)


def spiking_project(
    network: SpikingNetwork, board: Board, core: Core, left_out: tuple[str, ...], shell: ShellName, baud: int | None
) -> Project:
    """The same for a core that is known. left_out: its features that would not have fitted; baud: None for the board's.

    Raises UserError if the net does not fit the core, the board's clock does not make the rate, or the shell is not for it.
    """
    clocked, rate = _beside_shell(board, shell, baud)
    if over := misfits(network, core):
        raise UserError(f"{network.name} does not fit its core: it needs {' and '.join(over)}.")
    need = estimate_core(core, board).resources
    design = SpikingDesign(
        network=network.name,
        network_digest=network.digest,
        board=board.name,
        clock_hz=clocked.clock_hz,
        baud=rate,
        axons=network.axons,
        neurons=network.size,
        core=core,
        left_out=left_out,
        log=log_words(core),
        cycles=tick_cycles(core),
        memory_bits=memory_bits(core),
        estimate=Estimate(need.luts, need.ffs, need.brams),
        shell=shell,
        synapses=Forms(network).bits(core),
    )
    rtl = rtl_library("spiking")
    if shell == "axi":
        rtl |= axi_files(network, core, design.log, clocked, sorted(rtl))
    else:
        rtl |= _link_files(core, design, board, sorted(rtl))
    files = rtl | network.to_files() | {DESIGN: to_json(design).encode()}
    project = sealed(Project(files | carried(board), TOP, board.name))
    beside = driver_files(network, core, build_of(project)) if shell == "axi" else {}
    return replace(project, files={**project.files, **beside})


def _beside_shell(board: Board, shell: ShellName, baud: int | None) -> tuple[Board, int]:
    """The board with the clock that the core has behind a shell, and the rate of its link. Raises UserError as `spiking_project`."""
    if shell == "axi":
        check_axi(board)
        return beside_axi(board), 0
    if board.has_part and not board.pins:
        raise UserError(
            f"The pins and the clock of {board.name} belong to its processor, to which AXI leads; compile with --shell axi."
        )
    rate = baud or board.baud
    board.check_baud(rate)
    return board, rate


def _link_files(core: Core, design: SpikingDesign, board: Board, sources: Sequence[str]) -> dict[str, bytes]:
    """The RTL round the core behind the link, the top, and the board's files. sources: of the core's RTL."""
    files = rtl_library(*_ROOMS) | pll_modules(board)
    application = spiking_application(core, design.log, clock_of(board), link_window(core, board))
    files[f"rtl/{TOP}.sv"] = top_module(board, design.baud, application).encode()
    return files | board_files(board, TOP, sorted({*files, *sources}))


def choose_core(network: SpikingNetwork, board: Board, options: SpikingOptions = SpikingOptions()) -> Core:
    """The core that `compile_spiking` builds. Raises UserError as that does."""
    _check_options(network, options)
    forms = Forms(network, options.synapses)
    last = None
    for last in _candidates(network, board, options, forms):
        over = overflow(estimate_core(last, board), board)
        if not over:
            return last
    if last is None:
        raise UserError(f"Blocks save no synapses of {network.name}; ask for a matrix, or leave the choice to compile.")
    raise UserError(
        f"By estimate {network.name}, with {last.axons:,} axons and {last.neurons:,} neurons, needs "
        f"{' and '.join(over)} on {board.name}; {_remedy(network, board, options, forms)}."
    )


def _check_options(network: SpikingNetwork, options: SpikingOptions) -> None:
    if (over := network.axons + network.size - LARGEST) > 0:
        raise UserError(f"{network.name} has {network.axons:,} axons and {network.size:,} neurons and a core at most {LARGEST:,} in "
                        f"all; make the net smaller by {over:,}.")  # fmt: skip
    for what, asked, needed, others in (
        ("axons", options.axons, network.axons, max(options.neurons or 0, network.size)),
        ("neurons", options.neurons, network.size, max(options.axons or 0, network.axons)),
    ):
        if asked is not None and not needed <= asked <= LARGEST - others:
            raise UserError(f"{network.name} has {needed:,} {what} and a core at most {LARGEST - others:,} beside {others:,} others, so "
                            f"a core of {asked:,} cannot be built for it; ask for as many as lie between.")  # fmt: skip
    unknown = [name for name in options.without if name not in FEATURES]
    if unknown:
        raise UserError(f"A core has no feature {unknown[0]!r}; it has {', '.join(FEATURES)}.")
    wanted = [name for name in network.needs if name in options.without]
    if wanted:
        raise UserError(f"{network.name} needs {' and '.join(wanted)}; do not leave it out.")


def _candidates(network: SpikingNetwork, board: Board, options: SpikingOptions, forms: Forms) -> Iterator[Core]:
    """Cores that can run the net, the best first: many lanes, then one lane with as few features left out as may be."""
    sizes = (max(options.axons or 0, network.axons, 1), max(options.neurons or 0, network.size))
    whole = [count for count in _LANES if sum(-(-size // count) * count for size in sizes) <= LARGEST]
    lanes = whole if options.lanes is None else [options.lanes]
    for count in lanes:
        yield from forms.cores(_core(network, board, options, count))
    core = _core(network, board, options, lanes[-1])
    spare = [name for name in _DROPPED if getattr(core, name) and name not in network.needs]
    if "synapse_mask" in spare and misfits(network, replace(core, synapse_mask=False)):
        spare.remove("synapse_mask")
    for count in range(1, len(spare) + 1):
        for names in combinations(spare, count):
            less: dict[str, Any] = dict.fromkeys(names, False)
            with_learning = {"synapse_mask", "normalisation"}.difference(names, options.without)
            if "learning" not in names or not with_learning:
                yield from forms.cores(replace(core, **less))


def _core(network: SpikingNetwork, board: Board, options: SpikingOptions, lanes: int) -> Core:
    without = set(options.without) | ({"synapse_mask", "normalisation"} if "learning" in options.without else set())
    lacking: dict[str, Any] = dict.fromkeys(without, False)
    try:
        fitting = core_for(network, lanes, options.state_bits, options.trace_bits)
        core = replace(
            fitting,
            axons=max(fitting.axons, -(-(options.axons or 0) // lanes) * lanes),
            neurons=max(fitting.neurons, -(-(options.neurons or 0) // lanes) * lanes),
            single_port=board.resources is not None and board.resources.large_rams > 0,
            counting=options.counting,
            **lacking,
        )
    except ValueError as error:
        raise UserError(f"{network.name} cannot have such a core: {error}.") from None
    if over := misfits(network, core):
        raise UserError(f"{network.name} does not fit the core that is asked for: it needs {' and '.join(over)}.")
    return core


def _remedy(network: SpikingNetwork, board: Board, options: SpikingOptions, forms: Forms) -> str:
    """The smallest other board with room, by its block RAM."""
    boards = [find_board(name) for name in board_names() if name != board.name]
    with_room = [
        other
        for other in boards
        if other.resources
        and any(not overflow(estimate_core(core, other), other) for core in _candidates(network, other, options, forms))
    ]
    if not with_room:
        return "no board that hwflow knows has the room; make the net smaller"
    smallest = min(with_room, key=lambda other: other.resources.luts if other.resources else 0)
    return f"{smallest.name} has the room"
