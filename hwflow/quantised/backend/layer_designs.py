"""What a design says of each unit, and of the ways between them."""

from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.design import LayerDesign, Wire
from hwflow.quantised.backend.estimate import memory_bits
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit
from hwflow.quantised.backend.schedule import Schedule
from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.backend.streams import Stream
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.units import DenseUnit, Unit


def wires_of(planned: Schedule) -> tuple[Wire, ...]:
    """The links of a net with branches; none of a chain."""
    if not any(stream.forks for stream in planned.streams):
        return ()
    places = {stream.writer.name: i for i, stream in enumerate(planned.streams, -1) if stream.writer}
    return tuple(
        Wire(i, places[link.reader.name] if link.reader else len(places), link.depth, link.name in planned.tight)
        for i, stream in enumerate(planned.streams, -1)
        for link in stream.links
    )


def layer_design(unit: Unit, stream: Stream) -> LayerDesign:
    """The unit that writes the stream, in numbers."""
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
        case SliceUnit():
            kind, columns, fold, folds = "slice", unit.layer.of, (unit.lanes, 1), 1
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
