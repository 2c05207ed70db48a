"""SystemVerilog text: a chain of units as a module, and the top of a board."""

from collections.abc import Mapping, Sequence

from hwflow.ints import IntType
from hwflow.quantised.backend import memory
from hwflow.quantised.backend.schedule import fifo_depth, resize_between
from hwflow.quantised.backend.units import LEVELS, ArgMaxUnit, DenseUnit, Unit
from hwflow.shell.verilog import instance

SHALLOW = 16  # words up to which a memory is left to look-up tables, as in hwf_rom


def stream_ports(source: str, sink: str) -> dict[str, str]:
    """The ports of a module between two streams, whose wires are called NAME_valid, NAME_ready and NAME_data."""
    ends = {"s": source, "m": sink}
    streams = {f"{end}_{wire}": f"{name}_{wire}" for end, name in ends.items() for wire in ("valid", "ready", "data")}
    return {"clk": "clk", "rst": "rst"} | streams


def stream_wires(name: str, bits: int) -> str:
    return f"  logic {name}_valid, {name}_ready;\n  logic [{bits - 1}:0] {name}_data;\n"


def input_bits(units: Sequence[Unit]) -> int:
    """Bits of an input beat."""
    first = units[0]
    assert isinstance(first, DenseUnit)
    return first.fold.simd * first.x.bits


def output_lanes(unit: Unit) -> int:
    return unit.fold.pe if isinstance(unit, DenseUnit) else 1


def output_bits(units: Sequence[Unit]) -> int:
    """Bits of an output beat."""
    return output_lanes(units[-1]) * units[-1].y.bits


def ram_style(depth: int, block_ram: bool) -> str:
    """Where synthesis puts a memory: block RAM, if wanted, for what is too deep for look-up tables; else its choice."""
    return "block" if block_ram and depth > SHALLOW else "auto"


def net_module(units: Sequence[Unit], module: str, memories: str, block_ram: bool = False) -> str:
    """The module: a FIFO at the input and behind each unit; beats are packed before a FIFO and unpacked behind it.

    memories: what the names of the memory images start with; block_ram: see `ram_style`.
    """
    chain = _Chain(block_ram)
    chain.fifo("input_fifo", input_bits(units), 2)
    for unit, reader in zip(units, [*units[1:], None], strict=True):
        resize = resize_between(unit, reader) if reader else None
        chain.unit(unit, memories)
        bits, lanes = unit.y.bits, output_lanes(unit)
        if resize and resize.wide > resize.pe:
            chain.resize("pack", unit.name, bits, resize.pe, resize.wide, resize.size)
            lanes = resize.wide
        chain.fifo(f"{unit.name}_fifo", lanes * bits, fifo_depth(unit, reader))
        if resize and resize.wide > resize.simd:
            chain.resize("unpack", unit.name, bits, resize.wide, resize.simd, resize.size)
    ports = ",\n".join(
        [
            "    input  logic clk",
            "    input  logic rst",
            "    input  logic s_valid",
            "    output logic s_ready",
            f"    input  logic [{input_bits(units) - 1}:0] s_data",
            "    output logic m_valid",
            "    input  logic m_ready",
            f"    output logic [{output_bits(units) - 1}:0] m_data",
        ]
    )
    last = chain.last
    body = "".join(chain.wires) + "\n" + "\n".join(chain.instances)
    return (
        f"// Made by hwflow: {len(units)} units in a chain.\nmodule {module} (\n{ports}\n);\n{body}\n"
        f"  assign m_valid = {last}_valid;\n  assign {last}_ready = m_ready;\n  assign m_data = {last}_data;\nendmodule\n"
    )


class _Chain:
    """Instances one behind the other; `last` names the stream that is still open."""

    def __init__(self, block_ram: bool) -> None:
        self.block_ram = block_ram
        self.wires: list[str] = []
        self.instances: list[str] = []
        self.last = "s"

    def _append(self, module: str, name: str, parameters: Mapping[str, int | str], bits: int) -> None:
        self.wires.append(stream_wires(name, bits))
        self.instances.append(instance(module, name, parameters, stream_ports(self.last, name)))
        self.last = name

    def fifo(self, name: str, bits: int, depth: int) -> None:
        self._append("hwf_fifo", name, {"WIDTH": bits, "DEPTH": depth, "STYLE": ram_style(depth, self.block_ram)}, bits)

    def resize(self, kind: str, source: str, bits: int, lanes_in: int, lanes_out: int, count: int) -> None:
        parameters: dict[str, int | str] = {"ELEMENT": bits, "IN": lanes_in, "OUT": lanes_out, "COUNT": count}
        self._append(f"hwf_{kind}", f"{source}_{kind}", parameters, lanes_out * bits)

    def unit(self, unit: Unit, memories: str) -> None:
        match unit:
            case DenseUnit():
                styles = {
                    "WEIGHT_STYLE": ram_style(unit.cycles, self.block_ram),
                    "BUFFER_STYLE": ram_style(unit.beats, self.block_ram),
                }
                parameters = dense_parameters(unit, memories) | styles
                self._append("hwf_dense", unit.name, parameters, unit.fold.pe * unit.y.bits)
            case ArgMaxUnit():
                self._append("hwf_argmax", unit.name, argmax_parameters(unit, memories), unit.y.bits)


def dense_parameters(unit: DenseUnit, memories: str) -> dict[str, int | str]:
    """The parameters of `hwf_dense`, but for the styles of its memories."""
    activation = unit.activation
    return {
        "ROWS": unit.rows,
        "COLUMNS": unit.columns,
        "PE": unit.fold.pe,
        "SIMD": unit.fold.simd,
        "X_BITS": unit.x.bits,
        "X_SIGNED": int(unit.x.signed),
        "W_BITS": unit.weight_bits,
        "W_BIPOLAR": int(unit.bipolar),
        "W_TERNARY": int(unit.ternary),
        "LEVELS": LEVELS,
        "SUM_BITS": unit.sum.bits,
        "COUNT_BITS": unit.count_bits,
        "STEPS": activation.levels.shape[1] if activation else 0,
        "DESCENDING": int(memory.has_descending(unit)),
        "BASE": activation.base if activation else 0,
        "Y_BITS": unit.y.bits,
        "WEIGHTS": f"{memories}{unit.name}_weights.hex",
        "THRESHOLDS": f"{memories}{unit.name}_threshold_",
    }


def argmax_parameters(unit: ArgMaxUnit, memories: str) -> dict[str, int | str]:
    """The parameters of `hwf_argmax`: a shift where one power of two is every channel's gain."""
    gain, offset = unit.layer.gain, unit.layer.offset
    shift = int(gain[0]).bit_length() - 1
    common = bool((gain == gain[0]).all()) and int(gain[0]) == 1 << max(shift, 0)
    corners = [int(g) * x + int(o) for g, o in zip(gain, offset, strict=True) for x in (unit.x.min, unit.x.max)]
    spread = IntType.holding(min(corners), max(corners))
    parameters: dict[str, int | str] = {
        "ROWS": unit.rows,
        "PE": unit.pe,
        "X_BITS": unit.x.bits,
        "X_SIGNED": int(unit.x.signed),
        "SHIFT": shift if common else 0,
        "GAIN_BITS": 0 if common else memory.constant_type(gain).bits,
        "OFFSET_BITS": memory.constant_type(offset).bits if offset.any() else 0,
        # Signed, and not narrower than what it is extended from.
        "SCORE_BITS": max(spread.bits, unit.x.bits) + 1,
        "CONSTANTS": f"{memories}{unit.name}_constants.hex",
    }
    return parameters


def memory_images(units: Sequence[Unit], memories: str) -> dict[str, bytes]:
    """Every file that the parameters above name."""
    files: dict[str, bytes] = {}
    for unit in units:
        match unit:
            case DenseUnit():
                files[f"{memories}{unit.name}_weights.hex"] = memory.weight_image(unit)
                for name, content in memory.threshold_images(unit).items():
                    files[f"{memories}{unit.name}_threshold{name}"] = content
            case ArgMaxUnit():
                parameters = argmax_parameters(unit, memories)
                gains, offsets = parameters["GAIN_BITS"] != 0, parameters["OFFSET_BITS"] != 0
                if gains or offsets:
                    files[str(parameters["CONSTANTS"])] = memory.argmax_image(unit, gains, offsets)
    return files
