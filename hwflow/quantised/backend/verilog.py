"""SystemVerilog text: the units of a net, and what lies between them, as a module."""

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.hardwired_text import hardwired_module
from hwflow.quantised.backend.joins import AddUnit, ConcatUnit
from hwflow.quantised.backend.loads import Layout, layout_of
from hwflow.quantised.backend.lookups import TableSumUnit, TableUnit, table_style
from hwflow.quantised.backend.parameters import (
    add_parameters,
    argmax_parameters,
    concat_parameters,
    dense_parameters,
    first_largest_parameters,
    reduce_parameters,
    slice_parameters,
    table_parameters,
    table_sum_parameters,
    transpose_parameters,
)
from hwflow.quantised.backend.slice_unit import SliceUnit
from hwflow.quantised.backend.streams import LEAST_DEPTH, Link, Stream
from hwflow.quantised.backend.token_units import ReduceUnit, TransposeUnit
from hwflow.quantised.backend.units import DenseUnit, HardwiredUnit, Unit
from hwflow.shell.verilog import instance

SHALLOW = 16  # words up to which a memory is left to look-up tables, as in hwf_rom
_WIRES = ("valid", "ready", "data")
LOAD_BITS, STORED_BITS = 42, 16  # of the bus to memories that the host writes (hwf_memory)


def stream_ports(sources: Sequence[str], sinks: Sequence[str]) -> dict[str, str]:
    """The ports of a module between streams, whose wires are called NAME_valid, NAME_ready and NAME_data.

    Several streams at one end are side by side, the first lowest.
    """
    ends = {"s": sources, "m": sinks}
    streams = {f"{end}_{wire}": _side_by_side([f"{name}_{wire}" for name in names])
               for end, names in ends.items() for wire in _WIRES}  # fmt: skip
    return {"clk": "clk", "rst": "rst"} | streams


def _side_by_side(wires: Sequence[str]) -> str:
    return wires[0] if len(wires) == 1 else f"{{{', '.join(reversed(wires))}}}"


def stream_wires(name: str, bits: int) -> str:
    return f"  logic {name}_valid, {name}_ready;\n  logic [{bits - 1}:0] {name}_data;\n"


def input_bits(streams: Sequence[Stream]) -> int:
    """Bits of an input beat."""
    return streams[0].lanes * streams[0].kind.bits


def output_bits(streams: Sequence[Stream]) -> int:
    """Bits of an output beat."""
    return streams[-1].lanes * streams[-1].kind.bits


def ram_style(depth: int, block_ram: bool) -> str:
    """Where synthesis puts a memory: block RAM, if wanted, for what is too deep for look-up tables; else its choice."""
    return "block" if block_ram and depth > SHALLOW else "auto"


def net_module(streams: Sequence[Stream], module: str, memories: str, block_ram: bool = False) -> str:
    """The module: a FIFO at the input and behind each unit, or, behind a fork, in front of each reader; beats are packed
    before a FIFO and unpacked behind it.

    memories: what the names of the memory images start with; block_ram: see `ram_style`. A net with memories that the
    host writes has ports for them, `load` and `stored`.
    """
    layout = layout_of([stream.writer for stream in streams if stream.writer])
    writer = Writer(module, memories, block_ram, layout)
    for stream in streams:
        writer.stream(stream)
    ports = ",\n".join(
        [
            "    input  logic clk",
            "    input  logic rst",
            "    input  logic s_valid",
            "    output logic s_ready",
            f"    input  logic [{input_bits(streams) - 1}:0] s_data",
            "    output logic m_valid",
            "    input  logic m_ready",
            f"    output logic [{output_bits(streams) - 1}:0] m_data",
        ]
    )
    last = writer.ends[None, 0]
    body = "".join(writer.wires) + "\n" + "\n".join(writer.instances)
    if layout.addresses:
        ports += f",\n    input  logic [{LOAD_BITS - 1}:0] load,\n    output logic [{STORED_BITS - 1}:0] stored"
    body += _told(writer.stored, loads=layout.addresses > 0)
    units = f"{len(streams) - 1} units" + " in a chain" * (not any(stream.forks for stream in streams))
    return (
        f"// Made by hwflow: {units}.\nmodule {module} (\n{ports}\n);\n{body}\n"
        f"  assign m_valid = {last}_valid;\n  assign {last}_ready = m_ready;\n  assign m_data = {last}_data;\nendmodule\n"
    )


def _told(wires: Sequence[str], *, loads: bool) -> str:
    """What the units' memories tell, as the net's own answer; of constants there is nothing to tell."""
    if loads:
        return f"\n  assign stored = {' | '.join(wires)};\n"
    return f"\n  logic unused;\n  assign unused = &{{1'b0, {', '.join(wires)}}};\n" if wires else ""


class Writer:
    """Instances, in the order of the streams; `ends` names the stream that comes to a reader's port, `stored` wires."""

    def __init__(self, net: str, memories: str, block_ram: bool, layout: Layout) -> None:
        self._net, self._memories, self._block_ram, self._layout = net, memories, block_ram, layout
        self.stored: list[str] = []
        self.wires: list[str] = []
        self.instances: list[str] = []
        self.ends: dict[tuple[str | None, int], str] = {}

    def stream(self, stream: Stream) -> None:
        """What writes the value, and what takes it to each reader."""
        source, bits = "s", stream.kind.bits
        if stream.writer is not None:
            source = self.unit(stream.writer, stream)
        if stream.forks:
            front = self._fifo(f"{stream.name}_fifo", source, stream.lanes * bits, LEAST_DEPTH)
            sinks = [f"{link.name}_fork" for link in stream.links]
            parameters = {"READERS": len(sinks), "WIDTH": stream.lanes * bits}
            self._append("hwf_fork", f"{stream.name}_fork", parameters, [front], sinks, stream.lanes * bits)
        else:
            sinks = [source]
        for link, sink in zip(stream.links, sinks, strict=True):
            self.ends[link.reader.name if link.reader else None, link.port] = self.link(link, sink)

    def link(self, link: Link, source: str) -> str:
        """The way from what is called `source` to a reader; gives the name of its end."""
        if link.wires:
            return source
        resize, bits = link.resize, link.kind.bits
        if resize and resize.packs:
            source = self._resize("pack", link, source, resize.pe, resize.wide)
        source = self._fifo(f"{link.name}_fifo", source, link.lanes * bits, link.depth)
        if resize and resize.unpacks:
            source = self._resize("unpack", link, source, resize.wide, resize.simd)
        if wider := link.widened:
            widths: dict[str, int | str] = {
                "LANES": link.read_lanes,
                "IN": bits,
                "OUT": wider.bits,
                "SIGNED": int(link.kind.signed),
            }
            name = f"{link.name}_widen"
            self._append("hwf_widen", name, widths, [source], [name], link.read_lanes * wider.bits, clocked=False)
            source = name
        return source

    def _fifo(self, name: str, source: str, bits: int, depth: int) -> str:
        style = ram_style(depth, self._block_ram)
        parameters: dict[str, int | str] = {"WIDTH": bits, "DEPTH": depth, "STYLE": style}
        return self._append("hwf_fifo", name, parameters, [source], [name], bits)

    def _resize(self, kind: str, link: Link, source: str, lanes_in: int, lanes_out: int) -> str:
        bits, name = link.kind.bits, f"{link.name}_{kind}"
        parameters = {"ELEMENT": bits, "IN": lanes_in, "OUT": lanes_out, "COUNT": link.size}
        return self._append(f"hwf_{kind}", name, parameters, [source], [name], lanes_out * bits)

    def unit(self, unit: Unit, stream: Stream) -> str:
        """The unit that writes the stream; gives the name of what it writes."""
        sources = [self.ends[unit.name, port] for port in range(len(unit.inputs))]
        if isinstance(unit, HardwiredUnit):
            module, parameters = module_name(self._net, unit), elastic(unit, stream)
        else:
            module, parameters = _module_of(unit, self._memories, self._block_ram)
        more = {}
        if has_memories(unit):
            parameters |= load_parameters(unit, self._layout)
            self.stored.append(f"{unit.name}_stored")
            self.wires.append(f"  logic [{STORED_BITS - 1}:0] {unit.name}_stored;\n")
            more = {"load": "load" if self._layout.addresses else "'0", "stored": f"{unit.name}_stored"}
        return self._append(module, unit.name, parameters, sources, [unit.name], unit.lanes * unit.y.bits, more=more)

    def _append(
        self,
        module: str,
        name: str,
        parameters: Mapping[str, int | str],
        sources: Sequence[str],
        sinks: Sequence[str],
        bits: int,
        *,
        clocked: bool = True,
        more: Mapping[str, str] | None = None,
    ) -> str:
        """An instance between streams; gives the last of its sinks. bits: of a word of each sink."""
        self.wires += [stream_wires(sink, bits) for sink in sinks]
        ports = stream_ports(sources, sinks) | dict(more or {})
        if not clocked:
            del ports["clk"], ports["rst"]
        self.instances.append(instance(module, name, parameters, ports))
        return sinks[-1]


def module_name(net: str, unit: HardwiredUnit) -> str:
    """The module made for a hardwired layer."""
    return f"{net}_{unit.name}"


def elastic(unit: HardwiredUnit, stream: Stream) -> dict[str, int | str]:
    """The parameters of the module of a hardwired layer that writes the stream: none without registers."""
    return {"ELASTIC": int(not any(link.wires for link in stream.links))} if unit.latency else {}


def hardwired_modules(units: Sequence[Unit], net: str) -> dict[str, bytes]:
    """The files of the modules that are made for hardwired layers."""
    made = [unit for unit in units if isinstance(unit, HardwiredUnit)]
    return {
        f"rtl/{module_name(net, unit)}.sv": hardwired_module(
            module_name(net, unit), unit.wired, unit.x, unit.sum
        ).encode()
        for unit in made
    }


def has_memories(unit: Unit) -> TypeGuard[DenseUnit | ArgMaxUnit]:
    """Whether its module has ports for memories that the host writes."""
    if isinstance(unit, ArgMaxUnit):
        return not unit.at_once
    return isinstance(unit, DenseUnit) and not isinstance(unit, HardwiredUnit)


def weight_style(unit: DenseUnit, block_ram: bool) -> str:
    """Where synthesis puts the weights."""
    return "huge" if unit.fold.large else ram_style(unit.slots, block_ram)


def load_parameters(unit: DenseUnit | ArgMaxUnit, layout: Layout) -> dict[str, int | str]:
    """Where the memories that the host writes begin; none of a unit of constants."""
    places = layout.of(unit)
    if not places.any:
        return {}
    if isinstance(unit, ArgMaxUnit):
        return {"LOAD": places.constants}
    return {"LOAD_WEIGHTS": places.weights, "LOAD_THRESHOLDS": places.thresholds}


def _module_of(unit: Unit, memories: str, block_ram: bool) -> tuple[str, dict[str, int | str]]:
    match unit:
        case DenseUnit():
            styles: dict[str, int | str] = {
                "WEIGHT_STYLE": weight_style(unit, block_ram),
                "BUFFER_STYLE": ram_style(unit.beats, block_ram),
            }
            return "hwf_dense", dense_parameters(unit, memories) | styles
        case TableUnit():
            return "hwf_table", table_parameters(unit, memories) | {"STYLE": table_style(unit.depth, block_ram)}
        case TableSumUnit():
            return "hwf_table_sum", table_sum_parameters(unit, memories) | {"STYLE": table_style(unit.depth, block_ram)}
        case AddUnit():
            return "hwf_add", add_parameters(unit, memories)
        case ConcatUnit():
            return "hwf_concat", concat_parameters(unit)
        case SliceUnit():
            return "hwf_slice", slice_parameters(unit)
        case TransposeUnit():
            style = ram_style(unit.memory[1], block_ram)
            return "hwf_transpose", transpose_parameters(unit) | {"STYLE": style}
        case ReduceUnit():
            return "hwf_reduce", reduce_parameters(unit)
        case ArgMaxUnit(at_once=True):
            return "hwf_first_largest", first_largest_parameters(unit)
        case ArgMaxUnit():
            return "hwf_argmax", argmax_parameters(unit, memories)
