"""What a net means, in SystemVerilog, for a proof: from the equations of `hwflow.quantised.reference` and the layers' integers alone.

Nothing that compiling a net computes is used: no folding, no lowered sum, no width of an intermediate value. Every value is
an integer of `WIDTH` bits, in which no equation of a net that is taken can overflow.
"""

from dataclasses import dataclass

import numpy as np

from hwflow.ints import IntArray, IntType
from hwflow.quantised.network import INPUT, Add, ArgMax, Concat, Dense, Network, Node, Threshold

WIDTH = 8

# What is watched is the first vector since reset or the second: `kept` are its elements as they came in. The cycles in which the ends
# stand still are chosen, so that the solver sees one course of the handshakes and, in it, all values.
_WATCHED = """
(* anyconst *) logic watched;
localparam logic [{cycles}-1:0] SENT = {cycles}'b{sent};
localparam logic [{cycles}-1:0] TAKEN = {cycles}'b{taken};
logic [7:0] cycle, beat_in, beat_out, vector_in, vector_out;
always_comb if (begun) course : assume (!rst && s_valid == SENT[cycle] && m_ready == TAKEN[cycle]);
logic [{beats_in}*{bits_in}-1:0] kept;
always_ff @(posedge clk)
  if (rst) begin
    {{cycle, beat_in, beat_out, vector_in, vector_out}} <= '0;
  end else begin
    cycle <= cycle + 1'b1;
    if (s_valid && s_ready) begin
      if (vector_in == 8'(watched)) kept[beat_in*{bits_in}+:{bits_in}] <= s_data;
      beat_in <= beat_in == {beats_in} - 1 ? '0 : beat_in + 1'b1;
      if (beat_in == {beats_in} - 1) vector_in <= vector_in + 1'b1;
    end
    if (m_valid && m_ready) begin
      beat_out <= beat_out == {beats_out} - 1 ? '0 : beat_out + 1'b1;
      if (beat_out == {beats_out} - 1) vector_out <= vector_out + 1'b1;
    end
  end
always_comb if (begun) both : assert (cycle != {cycles} - 1 || vector_out >= 2);
"""


@dataclass(frozen=True)
class Ends:
    """The two ends of a net: elements of a beat of each, how one lies in the output's, and, for each cycle from reset, whether a
    beat is offered and whether one would be taken."""

    lanes_in: int
    lanes_out: int
    kind_out: IntType
    sent: tuple[bool, ...]
    taken: tuple[bool, ...]


def specification(network: Network, ends: Ends) -> str:
    """Declarations, and assertions on the module that is the net: y0, y1, … for each output element, and `both`, that two vectors have
    left in the last of the cycles.

    Raises ValueError for a layer that it does not know, or values that do not fit `WIDTH` bits.
    """
    lanes_in, lanes_out = ends.lanes_in, ends.lanes_out
    bits = network.input_type.bits
    beats_in, beats_out = -(-network.input_size // lanes_in), -(-network.output_size // lanes_out)
    sent, taken = ("".join("01"[each] for each in reversed(course)) for course in (ends.sent, ends.taken))
    head = {"beats_in": beats_in, "bits_in": lanes_in * bits, "beats_out": beats_out}
    parts = [_WATCHED.format(**head, cycles=len(sent), sent=sent, taken=taken)]
    signed = "$signed" if network.input_type.signed else "$unsigned"
    for i in range(network.input_size):
        parts.append(_value(INPUT, i, f"{signed}(kept[{i * bits}+:{bits}])"))
    for node in network.nodes:
        low, high = network.ranges[node.name]
        if min(low.min(), -high.max()) <= -(
            1 << (WIDTH - 3)
        ):  # sums under way are no larger: the ends are of absolute values
            raise ValueError(f"the values of {node.name} do not fit {WIDTH} bits")
        parts += [_value(node.name, i, text) for i, text in enumerate(_equations(network, node))]
    sizes, last = ends.kind_out.bits, network.nodes[-1].name
    for i in range(network.output_size):
        beat, lane = divmod(i, lanes_out)
        parts.append(
            f"always_comb if (begun) y{i} : assert (!m_valid || vector_out != 8'(watched) || beat_out != {beat} "
            f"|| m_data[{lane * sizes}+:{sizes}] == {_name(last, i)}[{sizes - 1}:0]);\n"
        )
    return "".join(parts)


def _name(node: str, element: int) -> str:
    return f"spec_{node}_{element}"


def _value(node: str, element: int, text: str) -> str:
    name = _name(node, element)
    return f"logic signed [{WIDTH - 1}:0] {name};\nassign {name} = {text};\n"


def _equations(network: Network, node: Node) -> list[str]:
    """The elements of a node by those of what it reads, as `reference.step` has them."""
    sizes = {INPUT: network.input_size} | {each.name: each.layer.size for each in network.nodes}
    read = [[_name(name, i) for i in range(sizes[name])] for name in node.inputs]
    match node.layer:
        case Dense(tokens=1) as layer:
            return [_sum(row, read[0]) for row in layer.weight]
        case Threshold(tokens=1) as layer:
            return [
                " + ".join([_number(layer.base), *(_step(x, level, falls) for level in levels)])
                for x, levels, falls in zip(read[0], layer.levels, layer.descending, strict=True)
            ]
        case Add(tokens=1) as layer:
            return [_sum(gains, [each[c] for each in read]) for c, gains in enumerate(layer.gain.T)]
        case Concat(tokens=1):
            return [name for each in read for name in each]
        case ArgMax(tokens=1) as layer:
            scores = [
                f"({_number(g)} * {x} + {_number(o)})"
                for g, x, o in zip(layer.gain, read[0], layer.offset, strict=True)
            ]
            return [_first_largest(scores)]
        case _:
            raise ValueError(f"there is no equation for {node.name}, a {type(node.layer).__name__}, here")


def _number(value: int | np.integer) -> str:
    if abs(int(value)) >> (WIDTH - 3):
        raise ValueError(f"{value} does not fit {WIDTH} bits with what is added to it")
    return f"{'-' * bool(value < 0)}{WIDTH}'sd{abs(int(value))}"


def _sum(factors: IntArray, names: list[str]) -> str:
    return " + ".join(f"({_number(factor)}) * {name}" for factor, name in zip(factors, names, strict=True))


def _step(x: str, level: int, descending: bool) -> str:
    return f"({x} {'<' if descending else '>='} ({_number(level)}) ? {_number(1)} : {_number(0)})"


def _first_largest(scores: list[str]) -> str:
    """The first index whose score no other exceeds, and which no earlier one reaches."""
    text = _number(len(scores) - 1)
    for c in reversed(range(len(scores) - 1)):
        first = " && ".join(f"{scores[c]} >= {other}" for other in scores[c + 1 :])
        text = f"({first}) ? {_number(c)} : ({text})"
    return text
