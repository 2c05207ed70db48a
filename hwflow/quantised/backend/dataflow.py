"""Quantised nets to streaming dataflow hardware in our own RTL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow.board import Board, carried
from hwflow.errors import UserError
from hwflow.ints import vector_bytes
from hwflow.project import DESIGN, Project
from hwflow.quantised.backend.application import dataflow_application
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.design import Design, LayerDesign, Wire
from hwflow.quantised.backend.estimate import Measured, coefficients, estimate, is_fitted, memory_bits
from hwflow.quantised.backend.folding import Folding, checked, smallest
from hwflow.quantised.backend.goals import Options as Options
from hwflow.quantised.backend.goals import folding_for as folding_for
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit
from hwflow.quantised.backend.parameters import memory_images
from hwflow.quantised.backend.schedule import Prediction, Schedule, schedule
from hwflow.quantised.backend.streams import Stream
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.units import DenseUnit, Unit, units_of
from hwflow.quantised.backend.verilog import hardwired_modules, net_module
from hwflow.quantised.network import Network
from hwflow.resources import Estimate, Resources
from hwflow.shell.build_digest import sealed
from hwflow.shell.constraints import board_files
from hwflow.shell.library import pll_modules, rtl_library
from hwflow.shell.top import TOP, clock_of, top_module

MODULE = "hwf_net"
FOLDING = "folding.json"
ANY = Options()  # the fastest folding that the board has room for
_ROOMS = ("uart", "link", "shell")


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
    files = rtl_library(*_rooms(units)) | memory_images(units, memories) | hardwired_modules(units, module)
    files[f"rtl/{module}.sv"] = net_module(planned.streams, module, memories, block_ram).encode()
    return Accelerator(network, folding, units, planned, module, files)


def _rooms(units: Sequence[Unit]) -> tuple[str, ...]:
    """The rooms of the RTL that units are in."""
    joins = any(isinstance(unit, AddUnit | ConcatUnit) for unit in units)
    tokens = any(isinstance(unit, TransposeUnit | ReduceUnit) for unit in units)
    looked_up = any(isinstance(unit, TableUnit | TableSumUnit) for unit in units)
    return ("stream", "dense", *["join"] * joins, *["tokens"] * tokens, *["table"] * looked_up)


def compile_network(network: Network, board: Board, options: Options = ANY) -> Project:
    """Everything that simulation, synthesis and the host need, as a value; equal inputs give an equal project.

    Raises UserError if the network cannot be built, the baud rate cannot be made, or, by estimate, the net does not fit
    the board: then by how much, and whether its smallest folding would.
    """
    if board.has_part and not board.pins:
        raise UserError(f"The pins and the clock of {board.name} belong to its processor, which FINN's shell brings along; "
                        "compile with --backend finn.")  # fmt: skip
    baud = options.baud or board.baud
    board.check_baud(baud)
    folding = options.folding or folding_for(network, board, options)
    accelerator = build_accelerator(network, folding, block_ram=board.family == "ice40")
    need = estimate(accelerator.units, board.family, options.measured)
    _check_fit(network, board, need)
    guess = options.told or modelled(accelerator, need, board.family, options.measured)
    design = design_of(accelerator, board, baud, guess)
    sizes = design.input_bytes, design.output_bytes
    application = dataflow_application(network, accelerator.schedule.streams, MODULE, *sizes, clock_of(board))
    top = top_module(board, baud, application)
    files = rtl_library(*_ROOMS) | pll_modules(board) | dict(accelerator.files) | network.to_files()
    files[f"rtl/{TOP}.sv"] = top.encode()
    files[FOLDING] = (folding.to_json() + "\n").encode()
    files[DESIGN] = design.to_json().encode()
    files |= board_files(board, TOP, sorted(path for path in files if path.endswith(".sv")))
    return sealed(Project(files | carried(board), TOP, board.name))


def _check_fit(network: Network, board: Board, need: Resources) -> None:
    limits = board.resources
    if limits is None:
        return
    over = [
        f"{needed:,} {what} of {available:,}"
        for what, needed, available in (
            ("LUTs", need.luts, limits.luts),
            ("flip-flops", need.ffs, limits.ffs),
            ("block RAMs", need.brams, limits.brams),
        )
        if needed > available
    ]
    if not over:
        return
    least = estimate(units_of(network, smallest(network)), board.family)
    fits = least.luts <= limits.luts and least.ffs <= limits.ffs and least.brams <= limits.brams
    remedy = (
        f"its smallest folding (PE and SIMD 1 everywhere: {least.luts:,} LUTs, {least.brams} block RAMs) fits"
        if fits
        else "even its smallest folding does not fit; take a larger board or a smaller net"
    )
    raise UserError(f"By estimate {network.name} needs {' and '.join(over)} on {board.name}; {remedy}.")


def design_of(accelerator: Accelerator, board: Board, baud: int, guess: Estimate) -> Design:
    """What was compiled, in numbers. guess: what it would take; baud: of the link."""
    network = accelerator.network
    return Design(
        network=network.name,
        network_digest=network.digest,
        board=board.name,
        clock_hz=board.clock_hz,
        baud=baud,
        layers=tuple(_layer(stream.writer, stream) for stream in accelerator.schedule.streams if stream.writer),
        prediction=accelerator.prediction,
        estimate=guess,
        input_bytes=vector_bytes(network.input_size, network.input_type),
        output_bytes=vector_bytes(network.output_size, network.output_type),
        wires=_wires(accelerator.schedule),
    )


def _wires(planned: Schedule) -> tuple[Wire, ...]:
    """The links of a net with branches; none of a chain."""
    if not any(stream.forks for stream in planned.streams):
        return ()
    places = {stream.writer.name: i for i, stream in enumerate(planned.streams, -1) if stream.writer}
    return tuple(
        Wire(i, places[link.reader.name] if link.reader else len(places), link.depth, link.name in planned.tight)
        for i, stream in enumerate(planned.streams, -1)
        for link in stream.links
    )


def modelled(accelerator: Accelerator, need: Resources, family: str, measured: Measured) -> Estimate:
    """The estimate with what it rests on."""
    model = coefficients(family)
    layers = tuple(
        unit.name for unit in accelerator.units if isinstance(unit, DenseUnit) and (unit.name, unit.fold) in measured
    )
    errors = (model.mean_error, model.worst_error)
    rough = tuple(unit.name for unit in accelerator.units if not is_fitted(unit) and unit.name not in layers)
    return Estimate(need.luts, need.ffs, need.brams, 0, *errors, measured=layers, unfitted=rough)


def _layer(unit: Unit, stream: Stream) -> LayerDesign:
    match unit:
        case DenseUnit():
            kind, columns, fold, folds = "dense", unit.columns, (unit.fold.pe, unit.fold.simd), unit.folds
            weights, bits, sums, macs = (
                str(unit.matrix.weight_type),
                unit.weight_bits,
                str(unit.sum),
                unit.tokens * unit.matrix.weight.size,
            )
        case AddUnit():
            kind = "product" if unit.multiplies else "add" if unit.add else "threshold"
            columns, fold, folds = unit.rows, (unit.lanes, 1), 1
            weights, bits, sums, macs = "", 0, str(unit.sum), 0
        case TableUnit():
            kind, columns, fold, folds = "table", unit.rows, (unit.lanes, 1), 1
            weights, bits, sums, macs = "", unit.y.bits, "", 0
        case TableSumUnit():
            kind, columns, fold, folds = "tablesum", unit.columns, (unit.fold.pe, unit.fold.simd), unit.folds
            weights, bits, sums, macs = f"INT{unit.entry_bits}", unit.entry_bits, str(unit.sum), 0
        case ConcatUnit():
            kind, columns, fold, folds = "concat", unit.rows, (unit.lanes, 1), 1
            weights, bits, sums, macs = "", 0, "", 0
        case TransposeUnit() | ReduceUnit():
            kind = "transpose" if isinstance(unit, TransposeUnit) else "greatest" if unit.layer.greatest else "sum"
            columns, fold, folds = unit.rows, (unit.lanes, 1), 1
            weights, bits, sums, macs = "", 0, "", 0
        case ArgMaxUnit():
            kind, columns, fold, folds = "argmax", unit.rows, (unit.pe, 1), 1
            weights, bits, sums, macs = "", 0, "", 0
    return LayerDesign(
        name=unit.name,
        kind=kind,
        rows=unit.rows,
        columns=columns,
        pe=fold[0],
        simd=fold[1],
        folds=folds,
        beats=unit.beats,
        cycles=unit.cycles,
        latency=unit.latency,
        fifo_depth=max(link.depth for link in stream.links),
        input_type=str(unit.branches[0]),
        weight_type=weights,
        sum_type=sums,
        output_type=str(unit.y),
        weight_bits=bits,
        memory_bits=memory_bits(unit),
        macs=macs,
        implementation=unit.implementation if isinstance(unit, DenseUnit) else "",
        tokens=unit.tokens,
    )
