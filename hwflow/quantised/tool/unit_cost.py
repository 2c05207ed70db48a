"""What a unit takes of a part, by synthesis of the unit alone."""

from collections.abc import Sequence
from dataclasses import replace

from hwflow.board import Family
from hwflow.progress import Progress, silent
from hwflow.quantised.backend.loads import layout_of
from hwflow.quantised.backend.lookups import TableSumUnit, table_style
from hwflow.quantised.backend.parameters import dense_parameters, memory_images, table_sum_parameters
from hwflow.quantised.backend.units import DenseUnit, HardwiredUnit
from hwflow.quantised.backend.verilog import (
    LOAD_BITS,
    STORED_BITS,
    hardwired_modules,
    load_parameters,
    module_name,
    ram_style,
    weight_style,
)
from hwflow.resources import Resources
from hwflow.shell.library import rtl_library
from hwflow.shell.verilog import instance
from hwflow.tool.cells import Module, synthesised

_TOP = "hwf_unit"
_MEMORIES = "memory/unit_"


def unit_costs(
    units: Sequence[DenseUnit | TableSumUnit], family: Family, progress: Progress = silent
) -> tuple[Resources, ...]:
    """Look-up tables, flip-flops and block RAMs of each unit, without FIFO and resizing; see `synthesised`."""
    made = [_module(unit, family) if isinstance(unit, DenseUnit) else _table_sum(unit, family) for unit in units]
    return synthesised(made, family, progress)


def _module(unit: DenseUnit, family: Family) -> Module:
    named = replace(unit, dense=replace(unit.dense, name="dense"))  # equal units of other names are equal
    bits = (unit.fold.simd * unit.x.bits, unit.fold.pe * unit.y.bits)
    if isinstance(named, HardwiredUnit):
        made = hardwired_modules([named], _TOP)
        body = instance(module_name(_TOP, named), "dense", {}, _ports())
        return Module(made | {f"rtl/{_TOP}.sv": _text(body, *bits).encode()}, _TOP)
    files = rtl_library("dense") | memory_images([named], _MEMORIES)
    block_ram = family == "ice40"
    styles = {
        "WEIGHT_STYLE": weight_style(unit, block_ram),
        "BUFFER_STYLE": ram_style(unit.beats, block_ram),
    }
    loads = load_parameters(named, layout_of([named]))
    ports = _ports() | {"load": "load" if unit.written else "'0", "stored": "stored"}
    body = instance("hwf_dense", "dense", dense_parameters(named, _MEMORIES) | styles | loads, ports)
    return Module(files | {f"rtl/{_TOP}.sv": _text(body, *bits).encode()}, _TOP)


def _table_sum(unit: TableSumUnit, family: Family) -> Module:
    named = replace(unit, edges=replace(unit.edges, name="edges"))
    files = rtl_library("dense", "table") | memory_images([named], _MEMORIES)
    style = {"STYLE": table_style(unit.depth, family == "ice40")}
    body = instance("hwf_table_sum", "edges", table_sum_parameters(named, _MEMORIES) | style, _ports())
    bits = (unit.fold.simd * unit.x.bits, unit.fold.pe * unit.y.bits)
    return Module(files | {f"rtl/{_TOP}.sv": _text(body, *bits).encode()}, _TOP)


def _ports() -> dict[str, str]:
    return {name: name for name in ("clk", "rst", *(f"{end}_{wire}" for end in "sm" for wire in _WIRES))}


_WIRES = ("valid", "ready", "data")


def _text(body: str, bits_in: int, bits_out: int) -> str:
    return f"""module {_TOP} (
    input  logic clk,
    input  logic rst,
    input  logic s_valid,
    output logic s_ready,
    input  logic [{bits_in - 1}:0] s_data,
    output logic m_valid,
    input  logic m_ready,
    output logic [{bits_out - 1}:0] m_data,
    input  logic [{LOAD_BITS - 1}:0] load,
    output logic [{STORED_BITS - 1}:0] stored
);
{body}endmodule
"""
