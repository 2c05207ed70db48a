"""SystemVerilog of a hardwired layer: one module, made for its weights."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from hwflow.ints import IntType
from hwflow.quantised.backend.addition_text import additions_text, extended
from hwflow.quantised.backend.hardwired import Hardwired, Result

_ELASTIC = " #(\n    parameter int ELASTIC = 1\n)"
_PIPELINE = """// Latency {} cycles, a vector a cycle. One combinational path: m_ready to s_ready.
//
// ELASTIC  1: a result that is not there lets the stages move; 0: they move when m_ready is high, as one with those
//          of the reader
"""
_COMBINATIONAL = (
    "// No registers: combinational paths from s_valid and s_data to m_valid and m_data, and m_ready to s_ready.\n"
)
_WIRES = (
    "  logic en;",
    "  assign en = m_ready;",
    "  assign s_ready = en;",
    "  assign m_valid = s_valid;",
    "  logic unclocked;",
    "  assign unclocked = &{1'b0, clk, rst};",
)


def hardwired_module(name: str, wired: Hardwired, x: IntType, sum_type: IntType) -> str:
    """The module's text. x: type of an input; sum_type: in which simulation shows the sums."""
    return _Text(name, wired, x, sum_type).text()


class _Text:
    """Lines, as they come; vN_S is value N in stage S, yR_S the result of row R."""

    def __init__(self, name: str, wired: Hardwired, x: IntType, sum_type: IntType) -> None:
        self._name, self._wired, self._x, self._sum = name, wired, x, sum_type
        self._graph = wired.graph

    def text(self) -> str:
        wired = self._wired
        handshake = self._handshake() if wired.stages else _WIRES
        body = "\n".join([*handshake, *self._stages(), *self._ends(), *self._seen()])
        return (
            f"// Made by hwflow: a layer as one graph of {len(self._graph.additions)} additions that its "
            f"{len(wired.results)} rows share; vN_S is value N in stage S,\n"
            "// yR_S the result of row R.\n"
            f"//\n{_PIPELINE.format(wired.stages) if wired.stages else _COMBINATIONAL}"
            f"module {self._name}{_ELASTIC if wired.stages else ''} (\n"
            "    input  logic clk,\n    input  logic rst,\n    input  logic s_valid,\n    output logic s_ready,\n"
            f"    input  logic [{self._graph.inputs * self._x.bits - 1}:0] s_data,\n"
            "    output logic m_valid,\n    input  logic m_ready,\n"
            f"    output logic [{len(wired.results) * wired.bits - 1}:0] m_data\n);\n{body}\nendmodule\n"
        )

    def _handshake(self) -> Iterator[str]:
        last = self._wired.stages - 1
        yield "  logic en;"
        yield "  assign en = m_ready || (ELASTIC != 0 && !m_valid);"
        yield "  assign s_ready = en;\n"
        yield f"  logic [{last}:0] filled;  // which registers hold a vector"
        yield "  always_ff @(posedge clk) begin"
        yield f"    if (en) filled <= {f'{{filled[{last - 1}:0], s_valid}}' if last else 's_valid'};"
        yield "    if (rst) filled <= '0;\n  end"
        yield f"  assign m_valid = filled[{last}];"

    def _stages(self) -> Iterator[str]:
        graph, wired = self._graph, self._wired
        last_read = wired.last_read
        roots = {result.root.value for result in wired.results if result.root}  # which simulation shows
        by_stage: list[list[str]] = [[] for _ in range(wired.last_stage + 1)]
        moved: list[list[tuple[str, int]]] = [[] for _ in by_stage]
        read = [value for value in range(len(graph.levels)) if last_read[value] or value in roots]
        read.sort(key=graph.levels.__getitem__)
        for level, values in groupby(read, graph.levels.__getitem__):
            stage, together = wired.stage(level), list(values)
            by_stage[stage] += self._values(together, stage)
            for value in together:
                for later in range(stage, wired.stage(last_read[value])):
                    moved[later].append((f"v{value}", graph.bits[value]))
        for row, result in enumerate(wired.results):
            if result.reached and result.root:
                stage = wired.stage(wired.result_level(result))
                by_stage[stage] += self._compared(row, result, stage)
                for later in range(stage, wired.last_stage):
                    moved[later].append((f"y{row}", wired.bits))
        for stage, lines in enumerate(by_stage):
            yield f"\n  // Stage {stage}"
            yield from lines
            if moved[stage]:
                yield from (f"  logic [{bits - 1}:0] {name}_{stage + 1};" for name, bits in moved[stage])
                yield "  always_ff @(posedge clk)\n    if (en) begin"
                yield from (f"      {name}_{stage + 1} <= {name}_{stage};" for name, _ in moved[stage])
                yield "    end"

    def _values(self, values: Sequence[int], stage: int) -> Iterator[str]:
        """Inputs, or additions of one level."""
        bits = self._graph.bits
        yield from (f"  logic [{bits[value] - 1}:0] v{value}_{stage};" for value in values)
        yield from (
            f"  assign v{value}_{stage} = {self._input(value)};" for value in values if value < self._graph.inputs
        )
        additions = [value for value in values if value >= self._graph.inputs]
        yield from additions_text(self._wired, additions, stage)

    def _input(self, value: int) -> str:
        """The bits of an input, or of what it is above the least of its type."""
        low, bits = value * self._x.bits, self._graph.bits[value]
        top = low + self._x.bits - 1
        if bits < self._x.bits or not self._x.signed or not self._graph.turns:
            return f"s_data[{low + bits - 1}:{low}]"
        return f"{{~s_data[{top}], s_data[{top - 1}:{low}]}}" if bits > 1 else f"~s_data[{top}]"

    def _compared(self, row: int, result: Result, stage: int) -> Iterator[str]:
        assert result.root
        value, bits = result.root.value, self._wired.bits
        kind = self._graph.kinds[value]
        reaches = [f"y{row}_reaches{i}" for i in range(len(result.reached))]
        for name, level in zip(reaches, result.reached, strict=True):
            yield f"  logic {name};\n  assign {name} = {_at_least(f'v{value}_{stage}', kind, level)};"
        yield f"  logic [{bits - 1}:0] y{row}_{stage};"
        for bit in range(bits):
            yield f"  assign y{row}_{stage}[{bit}] = {_chosen([output >> bit & 1 for output in result.outputs], reaches)};"

    def _ends(self) -> Iterator[str]:
        """The registers behind the last stage, if there are any, and what is read by nobody."""
        wired, stage = self._wired, self._wired.last_stage
        ends = [
            (f"m_data[{(row + 1) * wired.bits - 1}:{row * wired.bits}]", self._end(row, result, stage))
            for row, result in enumerate(wired.results)
        ]
        if wired.stages:
            yield "\n  always_ff @(posedge clk)\n    if (en) begin"
            yield from (f"      {place} <= {end};" for place, end in ends)
            yield "    end\n"
        else:
            yield from (f"  assign {place} = {end};" for place, end in ends)
        roots = {result.root.value for result in wired.results if result.root}
        read = [f"v{value}_{wired.stage(self._graph.levels[value])}" for value in sorted(roots)]
        yield "  logic unused;"
        yield (
            f"  assign unused = &{{1'b0, s_data, {', '.join(read)}}};" if read else "  assign unused = &{1'b0, s_data};"
        )

    def _end(self, row: int, result: Result, stage: int) -> str:
        bits = self._wired.bits
        if result.reached:
            return f"y{row}_{stage}"
        if result.outputs:
            return f"{bits}'d{result.outputs[0] & ((1 << bits) - 1)}"
        return self._sum_of(row, bits, stage)

    def _sum_of(self, row: int, bits: int, stage: int) -> str:
        """A row's sum in so many bits, whatever of them its range takes; braces make what may be signed a vector."""
        root, graph = self._wired.results[row].root, self._graph
        if root is None:
            return "'0"
        kind, offset = IntType.holding(graph.low[row], graph.high[row]), graph.offsets[root.value]
        own = max(1, kind.bits - root.shift)
        text = extended(f"v{root.value}_{stage}", graph.kinds[root.value], own)
        number = f"{own}'d{(-offset if root.negative else offset) % (1 << own)}"
        if root.negative:
            text = f"{own}'({number} - {text})" if offset else f"{{-({text})}}"
        elif offset:
            text = f"{own}'({text} + {number})"
        whole = f"{{{text}, {root.shift}'d0}}" if root.shift else text
        return extended(whole, IntType(own + root.shift, kind.signed), bits)

    def _seen(self) -> Iterator[str]:
        """For simulation: all sums in one cycle, and what is asserted."""
        wired, bits = self._wired, self._sum.bits
        last = wired.stage(max(1, self._graph.depth))
        yield "\n`ifndef SYNTHESIS\n  // The sums, as they are when the last of them is known."
        yield f"  logic [{len(wired.results) * bits - 1}:0] sums;\n  logic summed;"
        yield f"  assign summed = {f'filled[{last - 1}]' if last else 's_valid'};"
        for row, result in enumerate(wired.results):
            stage = wired.stage(self._graph.levels[result.root.value]) if result.root else last
            yield f"  logic [{bits - 1}:0] sum{row}_{stage};"
            yield f"  assign sum{row}_{stage} = {self._sum_of(row, bits, stage)};"
            for later in range(stage, last):
                yield (f"  logic [{bits - 1}:0] sum{row}_{later + 1};\n"
                       f"  always_ff @(posedge clk) if (en) sum{row}_{later + 1} <= sum{row}_{later};")  # fmt: skip
            yield f"  assign sums[{(row + 1) * bits - 1}:{row * bits}] = sum{row}_{last};"
        yield "\n  logic unused_in_synthesis;\n  assign unused_in_synthesis = &{1'b0, sums, summed};\n"
        if not wired.stages:  # held by what is in front
            yield "`endif"
            return
        yield "  a_stalled_result_is_held :"
        yield ("  assert property (@(posedge clk) disable iff (rst) m_valid && !m_ready |=> m_valid && $stable(m_data));\n"
               "`endif")  # fmt: skip


def _at_least(name: str, kind: IntType, level: int) -> str:
    """Whether a number reaches a level of its type but the least, in its bits: tables of few inputs, and no carry chain."""
    top = kind.bits - 1
    digits = level - kind.min  # in offset binary, where the top bit counts the other way
    text = ""
    for bit in range(kind.bits):
        one = digits >> bit & 1
        if not text and not one:
            continue
        own = f"!{name}[{bit}]" if kind.signed and bit == top else f"{name}[{bit}]"
        text = f"{own} {'&&' if one else '||'} ({text})" if text else own
    return text


def _chosen(outputs: list[int], reaches: list[str]) -> str:
    """A bit of the output, by how many levels are reached: each run of ones lies between two levels."""
    runs = []
    for n, output in enumerate(outputs):
        if output and (n == 0 or not outputs[n - 1]):
            end = next((m for m in range(n, len(outputs)) if not outputs[m]), None)
            bounds = [reaches[n - 1]] * (n > 0) + ([f"!{reaches[end - 1]}"] if end is not None else [])
            runs.append(" && ".join(bounds) or "1'b1")
    return " || ".join(f"({run})" if len(runs) > 1 else run for run in runs) or "1'b0"
