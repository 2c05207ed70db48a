"""Levels of logic of a netlist of 7 series: cells on the longest path from a register or a port to another, bit by bit.

An output of a look-up table hangs on the inputs that its truth table hangs on; one of a CARRY4 on what is carried to it. Each cell
is one level, as tools for the part count.
"""

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

Bit = int | str
Arcs = dict[Bit, list[Bit]]  # what each output's bit hangs on


def levels_of(netlist: Mapping[str, Any], top: str) -> int:
    """Of the flattened module `top` of what Yosys' `write_json` wrote."""
    arcs: Arcs = {}
    for cell in netlist["modules"][top]["cells"].values():
        arcs.update(_arcs(cell))
    depth: dict[Bit, int] = {}
    for bit in TopologicalSorter(arcs).static_order():
        depth[bit] = 1 + max((depth[before] for before in arcs[bit]), default=0) if bit in arcs else 0
    return max(depth.values(), default=0)


def _arcs(cell: Mapping[str, Any]) -> Iterator[tuple[Bit, list[Bit]]]:
    kind, pins = cell["type"], cell["connections"]
    if kind == "CARRY4":
        yield from _carried(pins)
    elif kind == "LUT6_2":
        inputs = [pins[f"I{i}"][0] for i in range(6)]
        table = _table(cell, 64)
        for pin, part in (("O6", table), ("O5", table[:32])):
            yield from ((bit, _read(part, inputs)) for bit in pins.get(pin, ()))
    elif kind.startswith("LUT"):
        inputs = [pins[f"I{i}"][0] for i in range(int(kind[3:]))]
        yield pins["O"][0], _read(_table(cell, 1 << len(inputs)), inputs)
    elif kind == "INV" or kind.startswith("MUXF"):
        yield pins["O"][0], _wires(bit for pin, bits in pins.items() if pin != "O" for bit in bits)


def _carried(pins: Mapping[str, list[Bit]]) -> Iterator[tuple[Bit, list[Bit]]]:
    before = [*pins["CI"], *pins["CYINIT"]]
    for place in range(4):
        for pin, more in (("O", pins["S"][place : place + 1]), ("CO", [pins["S"][place], pins["DI"][place]])):
            if place < len(pins.get(pin, ())):
                yield pins[pin][place], _wires([*before, *more])
        before += [pins["S"][place], pins["DI"][place]]


def _table(cell: Mapping[str, Any], size: int) -> str:
    """The truth table's bits, the first one for all inputs 0."""
    return str(cell["parameters"]["INIT"]).zfill(size)[::-1]


def _read(table: str, inputs: list[Bit]) -> list[Bit]:
    """The inputs that a truth table hangs on, with those that are constants as they are."""
    rows = [
        row
        for row in range(len(table))
        if all(not _fixed(bit) or row >> i & 1 == int(bit) for i, bit in enumerate(inputs))
    ]
    return _wires(
        bit
        for i, bit in enumerate(inputs)
        if not _fixed(bit) and any(table[row] != table[row ^ 1 << i] for row in rows if (row ^ 1 << i) < len(table))
    )


def _fixed(bit: Bit) -> bool:
    return bit in ("0", "1")


def _wires(bits: Any) -> list[Bit]:
    return [bit for bit in bits if not isinstance(bit, str)]
