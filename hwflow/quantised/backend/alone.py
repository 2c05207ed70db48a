"""SystemVerilog of one unit, or of one way between two units, as a module of its own: what is synthesised to know its cost."""

from dataclasses import replace

from hwflow.quantised.backend.joins import AddUnit
from hwflow.quantised.backend.loads import layout_of
from hwflow.quantised.backend.parameters import memory_images
from hwflow.quantised.backend.streams import Link, stream_of
from hwflow.quantised.backend.units import Unit
from hwflow.quantised.backend.verilog import LOAD_BITS, STORED_BITS, Writer, hardwired_modules

_NAME = "unit"


def unit_files(unit: Unit, top: str, block_ram: bool) -> dict[str, bytes]:
    """Files of the module `top` around a unit, with what is made for it; equal units of other names give equal files.

    block_ram: as of `net_module`.
    """
    named = _named(unit)
    memories = f"memory/{top}_"
    writer = Writer(top, memories, block_ram, layout_of([named]))
    bits = [lanes * kind.bits for lanes, kind in zip(named.lanes_in, named.types_in, strict=True)]
    for port in range(len(bits)):
        writer.ends[_NAME, port] = f"s{port}"
    end = writer.unit(named, stream_of(named, []))
    text = _module(writer, top, bits, named.lanes * named.y.bits, end)
    return {f"rtl/{top}.sv": text.encode()} | hardwired_modules([named], top) | memory_images([named], memories)


def link_files(link: Link, lanes: int, top: str, block_ram: bool) -> dict[str, bytes]:
    """Files of the module `top` around the way of a value, of which `lanes` elements come in a beat."""
    writer = Writer(top, "", block_ram, layout_of([]))
    end = writer.link(replace(link, name="link"), "s0")
    kind = link.widened or link.kind
    text = _module(writer, top, [lanes * link.kind.bits], link.read_lanes * kind.bits, end)
    return {f"rtl/{top}.sv": text.encode()}


def _named(unit: Unit) -> Unit:
    """The same under another name."""
    match unit:
        case AddUnit(add=None, threshold=threshold) if threshold:
            return replace(unit, threshold=replace(threshold, name=_NAME))
        case AddUnit(add=add) if add:
            return replace(unit, add=replace(add, name=_NAME))
        case AddUnit():
            raise ValueError("a unit of no node")
        case _:
            return replace(unit, node=replace(unit.node, name=_NAME))


def _module(writer: Writer, top: str, bits_in: list[int], bits_out: int, end: str) -> str:
    ports = ["input  logic clk", "input  logic rst"]
    for port, bits in enumerate(bits_in):
        ports += [
            f"input  logic s{port}_valid",
            f"output logic s{port}_ready",
            f"input  logic [{bits - 1}:0] s{port}_data",
        ]
    ports += ["output logic m_valid", "input  logic m_ready", f"output logic [{bits_out - 1}:0] m_data"]
    ports += [f"input  logic [{LOAD_BITS - 1}:0] load", f"output logic [{STORED_BITS - 1}:0] stored"]
    told = writer.stored[0] if writer.stored else "'0"
    listed = ",\n    ".join(ports)
    return (
        f"module {top} (\n    {listed}\n);\n{''.join(writer.wires)}\n{''.join(writer.instances)}"
        f"  assign m_valid = {end}_valid;\n  assign {end}_ready = m_ready;\n  assign m_data = {end}_data;\n"
        f"  assign stored = {told};\nendmodule\n"
    )
