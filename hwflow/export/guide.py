"""What an engineer has to know of a core: a template of its instance, and its packing explained to the bit."""

from hwflow.export.core import Stream, StreamCore
from hwflow.export.memory import FOLDER, PARAMETER


def template(core: StreamCore) -> str:
    """An instance with every port declared and explained, as a file that is copied from."""
    s, m = core.s, core.m
    said = "".join(f"// {line}\n" if line else "//\n" for line in [*packing(s, "Input"), "", *packing(m, "Output")])
    if core.images:
        said += f"""\
//
// Parameter {PARAMETER}: what the names of the memory images begin with, a folder and a slash; "{FOLDER}" unless it is set, in
// the folder in which the tool runs.
"""
    return f"""\
// {core.module}: copy this into your design. It is an example, and no file of the core.
//
{said}//
// clk      everything happens at its rising edge
// rst      active high, synchronous; forgets all that is under way
// s_valid  a beat is offered; it has to stay, with s_data, until s_ready
// s_ready  it is taken at the edge at which both are high
// m_valid  a beat is there; it stays, with m_data, until m_ready
// m_ready  you take it at the edge at which both are high
  logic clk, rst;
  logic s_valid, s_ready, m_valid, m_ready;
  logic [{s.bits - 1}:0] s_data;
  logic [{m.bits - 1}:0] m_data;

{core.instance("net")}"""


def packing(stream: Stream, name: str) -> list[str]:
    """How vectors lie in a stream's beats, in lines."""
    kind, data = stream.kind, f"{stream.port}_data"
    form = "two's complement" if kind.signed else "unsigned"
    lines = [
        f"{name}: a vector is {counted(stream.size, 'integer')} of {counted(kind.bits, 'bit')} ({form}, {kind.min} to "
        f"{kind.max}) in {counted(stream.beats, 'beat')} of {stream.lanes}.",
        f"Element {stream.lanes} * b + k of the vector is {data}[{kind.bits} * k +: {kind.bits}] of beat b, k = 0 to "
        f"{stream.lanes - 1}.",
    ]
    if stream.last < stream.lanes:
        lines.append(
            f"Its last beat holds {stream.last}, in {data}[{stream.last * kind.bits - 1}:0]; the bits above mean nothing."
        )
    return [*lines, "Vectors follow one another without a mark: a vector ends with its last beat."]


def counted(count: int, what: str) -> str:
    """As in 1 beat, 2 beats."""
    return f"{count} {what}{'s' * (count != 1)}"


def readme(core: StreamCore, commands: list[str]) -> str:
    """The README of an export. commands: what runs the testbench."""
    said = "\n".join([*packing(core.s, "Input"), "", *packing(core.m, "Output")])
    shown = "\n".join(commands)
    return f"""\
# {core.module}

The core of the net `{core.title}`, made by hwflow: a stream of vectors in, a stream of answers out, one clock, no shell.

- digest of the net: `{core.network}`
- digest of the project: `{core.project}`
- `rtl/`: the RTL{_images(core)}
- `{core.module}_template.sv`: an instance to copy, with each port explained
- `tb/`, `vectors/`: a testbench with {len(core.s.vectors):,} vectors ({core.source}) and the reference's answers

hwflow's modules are under the licence in `LICENSE`; the weights are yours.

## Packing

{said}

The integers are those of hwflow's reference; how they follow from the model's own numbers, `hwflow inspect MODEL` tells.

## Testbench

It runs in this folder, and ends with `PASS`, or with a fault and a status that is not 0.

```
{shown}
```
"""


def _images(core: StreamCore) -> str:
    """Where the RTL reads memory images."""
    if not core.images:
        return ", which reads no memory images"
    return (
        f"; `{FOLDER}`: its memory images, which it reads as `{FOLDER}NAME`, from the folder in which the tool runs, unless its "
        f"parameter `{PARAMETER}` names another folder, with a slash at the end"
    )
