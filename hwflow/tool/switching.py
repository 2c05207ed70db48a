"""Switching activity of a net, from the waveforms of its RTL in simulation, and what it takes: an estimate, never a measurement.

Counted are the bits of all signals and registers of the RTL that change, the clock apart. Nothing is known of the wires' lengths or of
how synthesis merges signals. What a change takes on a part its vendor does not publish; it was measured by others, for designs of
their own, and is so far known for one part.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NET = re.compile(r"net\d+")  # the scopes in which a simulation has its nets, with their units below


@dataclass(frozen=True)
class PartEnergy:
    """What a part takes from its core supply, as derived from currents that others measured.

    change: joules for one bit of the RTL that changes; cycle: joules of the clock and its tree for a cycle; flip_flop: joules for a
    cycle of the clock at one flip-flop; static: watts with the clock halted; source: who measured.
    """

    change: float
    cycle: float
    flip_flop: float
    static: float
    source: str

    def of_changes(self, changes: float) -> float:
        """Joules of so many changes."""
        return self.change * changes

    def standing(self, clock_hz: float, flip_flops: int) -> float:
        """Watts of leakage and clock, whatever is computed: static + f (cycle + flip_flop n)."""
        return self.static + clock_hz * (self.cycle + self.flip_flop * flip_flops)


_VOLTS = 1.219  # of the core supply, while it was measured
_HZ = 12e6


def _joules(microamperes: float) -> float:
    """Of one cycle at that current."""
    return microamperes * 1e-6 * _VOLTS / _HZ


# Core currents of an ICE40UP5K in microamperes, github.com/tinyvision-ai-inc/ice40_power, its table and its power_test/rgb_blink.v:
# - 996 with two 8-bit counters, by 3 and by 5, and their product in look-up tables, 645 without them. Of counters and product 14.03 bits
#   change in a cycle (3,592 in a period of 256), what lies between them and its glitches are in the figure;
# - 613.5 with 12 MHz from outside and a counter in 32 logic cells, 641.3 in 228, 92.1 with the clock halted.
_CHANGES = 3592 / 256
_PARTS = {
    "up5k": PartEnergy(
        change=_joules(996 - 645) / _CHANGES,
        cycle=_joules(613.5 - 92.1),
        flip_flop=_joules(641.3 - 613.5) / (228 - 32),
        static=92.1e-6 * _VOLTS,
        source="core currents of an ICE40UP5K at 12 MHz that tinyVision.ai measured (github.com/tinyvision-ai-inc/ice40_power)",
    )
}


def part_energy(device: str) -> PartEnergy | None:
    """Of a part, by its place-and-route tool's name; None where nothing that was measured is known."""
    return _PARTS.get(device)


def changes(vcd: Path) -> tuple[Counter[str], int]:
    """Bits that change within the nets, by unit, and edges of their `clk`. A signal of several scopes counts once."""
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
                if unit := _unit(scope):
                    names.setdefault(code, name)
                    owner.setdefault(code, unit)
            case [value, code] if value[0] in "bB" and code in owner:
                found[owner[code]] += _flips(last, code, int(value[1:].replace("x", "0").replace("z", "0"), 2))
            case [one] if one[0] in "01" and one[1:] in owner:
                flips = _flips(last, one[1:], int(one[0]))
                if names[one[1:]] == "clk":
                    clocks += flips
                else:
                    found[owner[one[1:]]] += flips
    return found, clocks


def _unit(scope: list[str]) -> str:
    """The unit of a net in which a scope lies, the net itself where in none of them; empty outside of nets."""
    for outer, inner in zip(scope, [*scope[1:], ""], strict=True):
        if _NET.fullmatch(outer):
            return inner or outer
    return ""


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
