"""The simulation top of one or more nets: the same streams, with a tap at every layer boundary.

`hwf_bench` has one clock for each net, of which the program around the model moves one, so that nets that are compiled
together cost no time when another one runs. Taps look into the units from outside: the RTL that is built holds none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow.ints import IntType
from hwflow.quantised.backend.joins import AddUnit
from hwflow.quantised.backend.loads import Content, content_of
from hwflow.quantised.backend.lookups import TableSumUnit
from hwflow.quantised.backend.streams import streams_of
from hwflow.quantised.backend.units import DenseUnit, HardwiredUnit, Unit
from hwflow.quantised.backend.verilog import LOAD_BITS, STORED_BITS
from hwflow.shell.verilog import instance

TOP = "hwf_bench"


@dataclass(frozen=True)
class Tap:
    """A layer boundary: the node whose values pass, `lanes` at a time in beats, `size` in all."""

    node: str
    size: int
    lanes: int
    kind: IntType
    valid: str  # signal, seen from the unit
    data: tuple[str, ...]  # signals, seen from the unit, lane 0 first
    path: str = ""  # the unit's instance in the net; empty for signals of the net's own module
    negated: tuple[int, ...] = ()  # elements that the hardware computes with the other sign

    @property
    def words(self) -> int:
        """32-bit words of a beat."""
        return -(-self.lanes * self.kind.bits // 32)


@dataclass(frozen=True)
class BenchNet:
    """A net as the bench sees it: elements of an input beat and their type, those of its output, and its boundaries.

    content: of the memories that are written before it runs.
    """

    lanes_in: int
    x: IntType
    size_out: int
    lanes_out: int
    y: IntType
    taps: tuple[Tap, ...]
    content: Content | None = None

    @property
    def bits_in(self) -> int:
        return self.lanes_in * self.x.bits

    @property
    def bits_out(self) -> int:
        return self.lanes_out * self.y.bits


def bench_net(units: Sequence[Unit]) -> BenchNet:
    """A net of hwflow's own units, with all boundaries inside and behind them."""
    first, last = streams_of(units)[0], units[-1]
    taps = tuple(tap for unit in units for tap in taps_of(unit))
    return BenchNet(first.lanes, first.kind, last.size, last.lanes, last.y, taps, content_of(units))


def taps_of(unit: Unit) -> tuple[Tap, ...]:
    """The boundaries inside and behind a unit: sums, then activations; or what it gives."""
    behind = Tap(unit.output, unit.size, unit.lanes, unit.y, "m_valid && {0}.m_ready", ("m_data",), unit.name)
    if not isinstance(unit, DenseUnit | TableSumUnit | AddUnit):
        return (behind,)
    complete = "summed" if isinstance(unit, HardwiredUnit) else "activation.complete"
    return tuple(
        behind if node is unit.threshold
        else Tap(node.name, unit.size, unit.lanes, unit.sum, f"{complete} && {{0}}.en", ("sums",), unit.name)
        for node in unit.nodes
    )  # fmt: skip


def bench_module(nets: Mapping[str, BenchNet]) -> str:
    """SystemVerilog of the top; taps are numbered in the order of nets and boundaries."""
    wide_in = max(96, *(net.bits_in for net in nets.values()))
    wide_out = max(96, *(net.bits_out for net in nets.values()))
    count = len(nets)
    parts = [_header(count, wide_in, wide_out)]
    number = 0
    for i, (module, net) in enumerate(nets.items()):
        parts.append(f"  logic ready{i}, valid{i};\n  logic [{net.bits_out - 1}:0] data{i};\n")
        ports = {
            "clk": f"clk[{i}]",
            "rst": "rst",
            "s_valid": f"s_valid && chosen == {i}",
            "s_ready": f"ready{i}",
            "s_data": f"s_data[{net.bits_in - 1}:0]",
            "m_valid": f"valid{i}",
            "m_ready": f"m_ready && chosen == {i}",
            "m_data": f"data{i}",
        }
        if net.content:
            # What it tells of its memories nobody asks.
            parts.append(f"  // verilator lint_off UNUSEDSIGNAL\n  logic [{STORED_BITS - 1}:0] stored{i};\n")
            parts.append("  // verilator lint_on UNUSEDSIGNAL\n")
            ports |= {"load": "load", "stored": f"stored{i}"}
        parts.append(instance(module, f"net{i}", {}, ports))
        for tap in net.taps:
            path = f"net{i}.{tap.path}" if tap.path else f"net{i}"
            parts.append(_tap(number, tap, path, f"clk[{i}]"))
            number += 1
    for output, wire in (("s_ready", "ready"), ("m_valid", "valid"), ("m_data", "data")):
        cases = "".join(f"      {i}: {output} = {_sized(wire, i, wide_out)};\n" for i in range(count))
        parts.append(f"  always_comb\n    case (chosen)\n{cases}      default: {output} = '0;\n    endcase\n")
    return "".join(parts) + "endmodule\n"


def _sized(wire: str, i: int, width: int) -> str:
    return f"{width}'(data{i})" if wire == "data" else f"{wire}{i}"


def _header(count: int, wide_in: int, wide_out: int) -> str:
    return f"""// Made by hwflow for simulation: {count} nets side by side.
module {TOP} (
    input  logic [{count - 1}:0] clk,
    input  logic rst,
    input  int chosen,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [{LOAD_BITS - 1}:0] load,
    // verilator lint_on UNUSEDSIGNAL
    input  logic s_valid,
    output logic s_ready,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [{wide_in - 1}:0] s_data,
    // verilator lint_on UNUSEDSIGNAL
    output logic m_valid,
    input  logic m_ready,
    output logic [{wide_out - 1}:0] m_data
);
"""


def _tap(number: int, tap: Tap, path: str, clock: str) -> str:
    signals = ", ".join(f"{path}.{signal}" for signal in reversed(tap.data))
    ports = {"clk": clock, "valid": f"{path}.{tap.valid.format(path)}", "data": f"{{{signals}}}"}
    return instance("hwf_tap", f"tap{number}", {"WIDTH": tap.lanes * tap.kind.bits, "TAP": number}, ports)
