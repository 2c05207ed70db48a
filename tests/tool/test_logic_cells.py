"""Logic cells of iCE40 netlists, packed by hand."""

from typing import Any

from hwflow.tool.logic_cells import logic_cells

IN = {"I0": "input", "I1": "input", "I2": "input", "I3": "input", "O": "output"}
FF = {"C": "input", "D": "input", "Q": "output"}
CARRY = {"I0": "input", "I1": "input", "CI": "input", "CO": "output"}


def cell(kind: str, directions: dict[str, str], **bits: Any) -> dict[str, Any]:
    return {"type": kind, "port_directions": directions, "connections": {name: [bit] for name, bit in bits.items()}}


def lut(*inputs: Any, o: Any) -> dict[str, Any]:
    return cell("SB_LUT4", IN, **dict(zip(("I0", "I1", "I2", "I3"), inputs, strict=True)), O=o)


def ff(d: Any, q: Any) -> dict[str, Any]:
    return cell("SB_DFFE", FF, C=2, D=d, Q=q)


def carry(a: Any, b: Any, ci: Any, co: Any) -> dict[str, Any]:
    return cell("SB_CARRY", CARRY, I0=a, I1=b, CI=ci, CO=co)


def count(*cells: dict[str, Any], out: tuple[int, ...] = ()) -> int:
    module = {"cells": {str(i): c for i, c in enumerate(cells)}, "ports": {"y": {"bits": list(out)}}}
    return logic_cells({"modules": {"top": module}}, "top")


def test_a_flip_flop_shares_the_cell_of_the_table_that_it_alone_reads() -> None:
    assert count(lut(3, 4, "0", "0", o=10), ff(10, 11), out=(11,)) == 1
    assert count(lut(3, 4, "0", "0", o=10), ff(10, 11), out=(10, 11)) == 2  # read outside too
    assert count(ff(3, 10), ff(10, 11), out=(11,)) == 2  # behind an input, and behind another


def test_a_carry_shares_the_cell_of_the_table_that_adds_its_operands() -> None:
    adder = (
        lut("0", 3, 5, "0", o=20), carry(3, 5, "0", 30),
        lut("0", 4, 6, 30, o=21), carry(4, 6, 30, 31),
        lut("0", 7, 8, 31, o=22),
    )  # fmt: skip
    assert count(*adder, out=(20, 21, 22)) == 3
    assert count(carry(3, 5, "0", 30), lut("0", 4, 6, 30, o=21), out=(21,)) == 2  # no table adds 3 and 5


def test_a_carry_that_begins_or_ends_in_logic_passes_through_a_cell() -> None:
    first = (lut("0", 3, 5, 9, o=20), carry(3, 5, 9, 30), lut("0", 4, 6, 30, o=21))
    assert count(*first, out=(20, 21)) == 3  # 9 is no carry
    last = (lut("0", 3, 5, "0", o=20), carry(3, 5, "0", 30))
    assert count(*last, out=(20, 30)) == 2
