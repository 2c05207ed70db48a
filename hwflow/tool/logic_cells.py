"""Logic cells of an iCE40 netlist, counted as nextpnr packs them: a table, a flip-flop and a carry in each."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

_CONSTANT = ("0", "1", "x", "z")


def logic_cells(netlist: Mapping[str, Any], top: str) -> int:
    """How many logic cells the flat module takes.

    netlist: as Yosys writes it with -json. A flip-flop shares the cell of the table that it alone reads; a carry shares
    that of the table with its operands at I1 and I2 and its carry at I3, which adds them up; others stand alone. A carry
    that logic reads, or that logic drives into a chain, passes through a cell of its own.
    """
    cells = netlist["modules"][top]["cells"].values()
    tables, ffs, carries = (
        [_bits(cell) for cell in cells if cell["type"].startswith(kind)] for kind in ("SB_LUT4", "SB_DFF", "SB_CARRY")
    )
    readers = Counter(
        bit
        for cell in cells
        for port, bits in cell["connections"].items()
        if cell["port_directions"][port] == "input"
        for bit in bits
    )
    readers.update(bit for port in netlist["modules"][top]["ports"].values() for bit in port["bits"])
    driven = {table["O"] for table in tables if readers[table["O"]] == 1}
    alone = sum(ff["D"] not in driven for ff in ffs)
    return len(tables) + alone + _carry_cells(tables, carries, readers)


def _carry_cells(tables: list[dict[str, Any]], carries: list[dict[str, Any]], readers: Mapping[Any, int]) -> int:
    adding = Counter((table["I1"], table["I2"], table["I3"]) for table in tables)
    made = {carry["CO"] for carry in carries}
    next_carry = Counter(carry["CI"] for carry in carries)
    sum_reads = Counter(table["I3"] for table in tables)
    count = 0
    for carry in carries:
        operands = (carry["I0"], carry["I1"], carry["CI"])
        if adding[operands]:
            adding[operands] -= 1
        else:
            count += 1
        # nextpnr lets logic read a carry only at I3 of the next cell of the chain.
        beyond = readers[carry["CO"]] - next_carry[carry["CO"]] - min(sum_reads[carry["CO"]], 1)
        count += beyond > 0
        count += carry["CI"] not in made and carry["CI"] not in _CONSTANT
    return count


def _bits(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {port: bits[0] for port, bits in cell["connections"].items() if bits}
