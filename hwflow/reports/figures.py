"""A number, what it must be, and where it came from."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "setting",  # of the board, or chosen by the user
    "reference",  # the integer net in numpy, beside execution of the model file by qonnx
    "test set",  # the integer net, or a baseline, on held-out data
    "estimate",  # a guess of the compiler made before synthesis
    "prediction",  # of the compiler's cycle model
    "simulation",  # RTL in Verilator
    "place and route",  # the tool's own count or static timing analysis
    "simulated board",  # the whole top in Verilator, driven through its UART pins
    "measured",  # a board on a serial port
]


@dataclass(frozen=True)
class Source:
    """Where numbers came from: the kind of evidence, the command, the record's file, the tools and their versions."""

    kind: Kind
    command: str
    file: str
    tool: str


@dataclass(frozen=True)
class Figure:
    """One number of the summary.

    value: in `unit` ("" for a plain count, "1" for a share of one, else s, Hz, cycles, …); bar: what it must be, in
    words, empty if nothing is asked; passed: whether it is, None if nothing is asked; samples: the set that a share was
    counted on, empty for what was not counted.
    """

    key: str
    label: str
    value: float | str
    unit: str
    bar: str
    passed: bool | None
    source: Source
    samples: str = ""

    @property
    def text(self) -> str:
        """The value as people read it, with its unit."""
        return show(self.value, self.unit)


_SMALL = (("", 1.0), ("m", 1e-3), ("µ", 1e-6), ("n", 1e-9), ("p", 1e-12), ("f", 1e-15))


def show(value: float | str | None, unit: str = "") -> str:
    """A value as people read it: a share as a percentage, a time in s, ms, µs or ns, a frequency in Hz, kHz or MHz,
    energy and power in J and W and their thousandths."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    match unit:
        case "1":
            return percent(value)
        case "s":
            return _scaled(value, (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)))
        case "Hz":
            return _scaled(value, (("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0)))
        case "J" | "W":
            return _scaled(value, tuple((f"{prefix}{unit}", scale) for prefix, scale in _SMALL))
        case "/s":
            return f"{value:,.0f} /s"
        case _:
            number = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
            return f"{number} {unit[:-1] if value == 1 and unit.endswith('s') else unit}".rstrip()


def percent(share: float) -> str:
    """A share of one in per cent; near 0 and near 1 with enough places to tell it from 0 and from 1."""
    distance = min(share, 1 - share)
    if distance <= 0:
        return f"{share * 100:.0f} %"
    places = 2 if distance >= 1e-4 else 4
    return f"{share * 100:.{places}f} %"


def _scaled(value: float, scales: tuple[tuple[str, float], ...]) -> str:
    unit, factor = next(((unit, factor) for unit, factor in scales if abs(value) >= factor), scales[-1])
    return f"{value / factor:.4g} {unit}" if abs(value) / factor < 1000 else f"{value / factor:,.0f} {unit}"
