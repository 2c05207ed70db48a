"""Times and rates as people write them: "20 ms", "40 Hz"; plain numbers are seconds and Hz."""

import math
import re

from hwflow.errors import UserError

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_HERTZ = {"Hz": 1.0, "kHz": 1e3, "MHz": 1e6}
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-zµ]+)\s*")


def seconds(what: str, value: str | float) -> float:
    """A time in seconds, more than 0; infinite is a time too. Raises UserError, which names `what`, for anything else."""
    return _read(what, value, _SECONDS, "a time, as '20 ms'")


def hertz(what: str, value: str | float) -> float:
    """A rate in Hz, more than 0. Raises UserError, which names `what`, for anything else."""
    return _read(what, value, _HERTZ, "a rate, as '40 Hz'")


def ticks(what: str, time: str | float, dt: float) -> int:
    """A time as a whole number of ticks, at least one. Raises UserError if it is none to a millionth of a tick."""
    exact = seconds(what, time) / dt
    whole = round(exact) if math.isfinite(exact) else 0
    if whole < 1 or abs(exact - whole) > 1e-6 * max(1, whole):
        raise UserError(f"{what} is {time!r}, which is {exact:g} ticks of {dt:g} s; give a whole number of them.")
    return whole


def _read(what: str, value: str | float, units: dict[str, float], wanted: str) -> float:
    number = math.nan
    if isinstance(value, str):
        found = _QUANTITY.fullmatch(value)
        if found and found[2] in units:
            number = float(found[1]) * units[found[2]]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if not number > 0:
        raise UserError(f"{what} is {value!r:.40}; give {wanted} (of {', '.join(units)}), or a number above 0.")
    return number
