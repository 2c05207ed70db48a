"""Quantised nets to streaming dataflow hardware in our own RTL."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hwflow.board import Board, carried
from hwflow.errors import UserError
from hwflow.ints import vector_bytes
from hwflow.project import DESIGN, Project
from hwflow.quantised.backend.design import Design
from hwflow.quantised.backend.estimate import BORROWED, Measured, coefficients, estimate, is_fitted, measured_as, total
from hwflow.quantised.backend.fit import check_fit
from hwflow.quantised.backend.folding import Folding, checked
from hwflow.quantised.backend.goals import Options as Options
from hwflow.quantised.backend.goals import folding_for as folding_for
from hwflow.quantised.backend.hardwired_tables import PRICES
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.layer_designs import layer_design, wires_of
from hwflow.quantised.backend.loads import layout_of
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit
from hwflow.quantised.backend.memories import in_block_ram
from hwflow.quantised.backend.parameters import memory_images
from hwflow.quantised.backend.schedule import Prediction, Schedule, schedule
from hwflow.quantised.backend.shells import shell_named
from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.units import HardwiredUnit, Unit, units_of
from hwflow.quantised.backend.verilog import hardwired_modules, net_module
from hwflow.quantised.network import Network
from hwflow.resources import Estimate, Resources
from hwflow.shell.build_digest import build_of, sealed
from hwflow.shell.library import rtl_library, rtl_modules
from hwflow.shell.top import TOP

MODULE = "hwf_net"
FOLDING = "folding.json"
ANY = Options()  # the fastest folding that the board has room for


@dataclass(frozen=True, eq=False)
class Accelerator:
    """A network under a folding: units, what they take in cycles, and the RTL that they are."""

    network: Network
    folding: Folding
    units: Sequence[Unit]
    schedule: Schedule
    module: str
    files: Mapping[str, bytes]

    @property
    def prediction(self) -> Prediction:
        return self.schedule.prediction

    @property
    def shapes(self) -> str:
        """SHA-256, in hex, of the net's module: where weights are loaded, of all that nets for one bitstream share."""
        return hashlib.sha256(self.files[f"rtl/{self.module}.sv"]).hexdigest()


def build_accelerator(
    network: Network, folding: Folding, module: str = MODULE, *, block_ram: bool = False
) -> Accelerator:
    """The net as a module with one input and one output stream, and its memory images.

    block_ram: put the deeper memories into block RAM, for families that have no other RAM.
    Raises UserError if a node is wider than the RTL, or the folding is not legal for the network.
    """
    units = units_of(network, checked(folding, network, "The folding"))
    planned = schedule(units)
    memories = f"memory/{module}_"
    chains = sorted({unit.fold.chain for unit in units if isinstance(unit, HardwiredUnit) and unit.fold.chain})
    files = rtl_library(*_rooms(units)) | rtl_modules("chain", *(f"hwf_chain_{chain}" for chain in chains))
    files |= memory_images(units, memories) | hardwired_modules(units, module)
    files[f"rtl/{module}.sv"] = net_module(planned.streams, module, memories, block_ram).encode()
    return Accelerator(network, folding, units, planned, module, files)


def _rooms(units: Sequence[Unit]) -> tuple[str, ...]:
    """The rooms of the RTL that units are in."""
    joins = any(isinstance(unit, AddUnit | ConcatUnit | SliceUnit) for unit in units)
    tokens = any(isinstance(unit, TransposeUnit | ReduceUnit) for unit in units)
    parts = any(isinstance(unit, SliceUnit) for unit in units)
    looked_up = any(isinstance(unit, TableUnit | TableSumUnit) for unit in units)
    loads = layout_of(units).addresses > 0
    return (
        "stream",
        "dense",
        *["join"] * joins,
        *["split"] * parts,
        *["tokens"] * tokens,
        *["table"] * looked_up,
        *["load"] * loads,
    )


def compile_network(network: Network, board: Board, options: Options = ANY) -> Project:
    """Everything that simulation, synthesis and the host need, as a value; equal inputs give an equal project.

    Raises UserError if the network cannot be built, the baud rate cannot be made, or, by estimate, the net does not fit
    the board: then by how much, and whether its smallest folding would.
    """
    shell = shell_named(options.shell)
    shell.check(network, board, options.strike)
    baud = options.baud or board.baud
    board.check_baud(baud)
    room = shell.room(board)
    folding = (options.folding or shell.folding(network, room, options)).for_family(board.family)
    accelerator = build_accelerator(network, folding, block_ram=in_block_ram(board.family))
    if shell.unloadable and layout_of(accelerator.units).addresses:
        raise UserError(shell.unloadable)
    need = estimate(accelerator.units, board.family, options.measured)
    check_fit(network, room, accelerator.units, need, shell.place(board))
    need = total([need, shell.need(board)])
    guess = options.told or modelled(accelerator, need, board.family, options.measured)
    design = shell.told(design_of(accelerator, room, baud, guess), board, options.strike)
    files = dict(shell.files(accelerator, board, design)) | dict(accelerator.files) | network.to_files()
    files[FOLDING] = (folding.to_json() + "\n").encode()
    files[DESIGN] = design.to_json().encode()
    project = sealed(Project(files | carried(board), TOP, board.name))
    beside = shell.host(accelerator, board, design, build_of(project))
    return replace(project, files={**project.files, **beside})


def design_of(accelerator: Accelerator, board: Board, baud: int, guess: Estimate) -> Design:
    """What was compiled, in numbers. guess: what it would take; baud: of the link."""
    network = accelerator.network
    return Design(
        network=network.name,
        network_digest=network.digest,
        board=board.name,
        clock_hz=board.clock_hz,
        baud=baud,
        layers=tuple(layer_design(stream.writer, stream) for stream in accelerator.schedule.streams if stream.writer),
        prediction=accelerator.prediction,
        estimate=guess,
        input_bytes=vector_bytes(network.input_size, network.input_type),
        output_bytes=vector_bytes(network.output_size, accelerator.units[-1].y),
        wires=wires_of(accelerator.schedule),
    )


def modelled(accelerator: Accelerator, need: Resources, family: str, measured: Measured) -> Estimate:
    """The estimate with what it rests on."""
    model = coefficients(family)
    layers = tuple(unit.name for unit in accelerator.units if measured_as(unit) in measured)
    borrowed = BORROWED.get(family, "")
    counted = PRICES.get(family)
    others = [unit for unit in accelerator.units if unit.name not in layers]
    hardwired = tuple(unit.name for unit in others if counted and isinstance(unit, HardwiredUnit))
    return Estimate(
        *(need.luts, need.ffs, need.brams, 0),
        error=None if borrowed else model.mean_error,
        worst_error=None if borrowed else model.worst_error,
        measured=layers,
        unfitted=tuple(unit.name for unit in others if not is_fitted(unit) and unit.name not in hardwired),
        large_rams=need.large_rams,
        borrowed=borrowed,
        hardwired=hardwired,
        hardwired_error=counted.mean_error if counted and hardwired else None,
        worst_hardwired=counted.worst_error if counted and hardwired else None,
    )
