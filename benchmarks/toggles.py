"""Switching activity of a net, from the simulation of its RTL: bits that change for one vector, and an estimate of the energy.

    python benchmarks/toggles.py build/guard --vectors build/ids/vectors.npz --count 20

All bits of the signals and registers of the net's RTL are counted as they change in the waveforms (`hwflow simulate --vcd`), the clock
apart, between the first and the last vector, and divided by the vectors. Nothing is known of glitches, of the wires' lengths, of what the clock
tree and leakage take, nor of how synthesis merges signals: so no joules are given unless --femtojoules says what one change of
one bit takes on a part, which its vendor does not publish; what comes of it is an estimate.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hwflow.api import open_project
from hwflow.quantised.project import QuantisedProject

UNIT = 2  # depth of the scopes that are the net's units


def changes(vcd: Path) -> tuple[Counter[str], int]:
    """Bits that change, by the unit that declares the signal, and edges of `clk`. A signal of several scopes counts once."""
    scope: list[str] = []
    owner: dict[str, str] = {}
    names: dict[str, str] = {}
    last: dict[str, int] = {}
    found: Counter[str] = Counter()
    clocks = 0
    for words in _lines(vcd):
        match words:
            case ["$scope", _, name, *_]:
                scope.append(name)
            case ["$upscope", *_]:
                scope.pop()
            case ["$var", _, _, code, name, *_]:
                names.setdefault(code, name)
                owner.setdefault(code, scope[min(UNIT, len(scope) - 1)])
            case [value, code] if value[0] in "bB" and code in owner:
                found[owner[code]] += _flips(last, code, int(value[1:].replace("x", "0").replace("z", "0"), 2))
            case [one] if one[0] in "01" and one[1:] in owner:
                flips = _flips(last, one[1:], int(one[0]))
                if names[one[1:]] == "clk":
                    clocks += flips
                else:
                    found[owner[one[1:]]] += flips
    return found, clocks


def _lines(vcd: Path) -> Iterator[list[str]]:
    with vcd.open() as lines:
        for line in lines:
            if words := line.split():
                yield words


def _flips(last: dict[str, int], code: str, value: int) -> int:
    """Bits in which a signal differs from its last value; none where it has none yet."""
    before = last.get(code, value)
    last[code] = value
    return (before ^ value).bit_count()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, metavar="DIR")
    parser.add_argument("--vectors", type=Path, help="samples x of an .npz [default: random ones]")
    parser.add_argument("--count", type=int, default=20, help="of the vectors")
    parser.add_argument("--femtojoules", type=float, help="of one change of one bit")
    options = parser.parse_args()
    project = open_project(options.project)
    assert isinstance(project, QuantisedProject)
    with tempfile.TemporaryDirectory() as folder:
        vcd = Path(folder) / "net.vcd"
        project.simulate(options.vectors, vcd=vcd, count=options.count)
        found, clocks = changes(vcd)
    total = sum(found.values()) / options.count
    for scope, count in found.most_common(12):
        print(f"{scope:16} {count / options.count:12,.0f} bits a vector")
    print(f"{total:,.0f} bits change for a vector, in {clocks / 2 / options.count:,.0f} cycles of it")
    if options.femtojoules is None:
        print("no energy: nobody says what a change takes on this part; --femtojoules gives it")
    else:
        print(
            f"an estimate of {total * options.femtojoules / 1e6:,.3f} nJ a vector, beside clock, glitches and leakage"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
