"""Carries out of a chain that nothing reads, taken off a netlist: `python -m hwflow.tool.chain_ends FROM TO`.

Yosys connects the carry out of the last CCU2C of each chain, and where anything is connected nextpnr-ecp5 puts another CCU2C, of two
look-up tables, to bring the carry out of the chain. Most chains are sums, out of which nothing is carried.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwflow.paths import whole_file

PROGRAM = ("python", "-m", "hwflow.tool.chain_ends")
_CARRY, _OUT = "CCU2C", "COUT"
_NOTHING = ["x"]  # nextpnr wants the port, and knows by this that nothing is connected


def without_unread_carries(netlist: dict[str, Any]) -> int:
    """Disconnect them in a netlist of `write_json`, in place; gives of how many chains."""
    found = 0
    for module in netlist["modules"].values():
        cells = [cell for cell in module["cells"].values() if cell["type"] == _CARRY]
        read = set(_read(module)) if cells else set[Any]()
        for cell in cells:
            connected = cell["connections"].get(_OUT, _NOTHING)
            if connected != _NOTHING and not read.intersection(connected):
                cell["connections"][_OUT] = list(_NOTHING)
                found += 1
    return found


def _read(module: dict[str, Any]) -> Iterator[Any]:
    """The bits that cells read or that leave the module."""
    for port in module["ports"].values():
        if port["direction"] != "input":
            yield from port["bits"]
    for cell in module["cells"].values():
        for name, bits in cell["connections"].items():
            if cell["port_directions"].get(name) != "output":
                yield from bits


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("ERROR: wanted the netlist and where to write the other one.", file=sys.stderr)
        return 2
    source, target = map(Path, arguments)
    netlist = json.loads(source.read_bytes())
    print(f"{without_unread_carries(netlist):,} carries out of a chain that nothing reads")
    with whole_file(target) as draft:
        draft.write_text(json.dumps(netlist))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
