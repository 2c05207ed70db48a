"""Types by the names that the qonnx package gives them, with which QONNX files annotate their tensors."""

import re
from dataclasses import dataclass

_INTEGER = re.compile(r"(U?)INT([0-9]{1,4})")
_FIXED = re.compile(r"FIXED<([0-9]{1,3}),\s*(-?[0-9]{1,2})>")
# Floats, and integers times an unknown scale: none says of which integers a tensor is made.
_UNSETTLED = re.compile(r"FLOAT(16|32|<[0-9, ]+>)|SCALEDINT<[0-9, ]+>")


@dataclass(frozen=True)
class Annotated:
    """Integers of `bits` bits, times 2^-fraction; bipolar: -1 and +1 as one bit."""

    bits: int
    signed: bool
    fraction: int = 0
    bipolar: bool = False


_NAMED = {
    "BINARY": Annotated(1, signed=False),
    "BIPOLAR": Annotated(1, signed=False, bipolar=True),
    "TERNARY": Annotated(2, signed=True),
}


def type_named(name: str) -> Annotated | None:
    """The type of that name; None for one of no integers. Raises ValueError if qonnx knows none of that name."""
    if name in _NAMED or _UNSETTLED.fullmatch(name):
        return _NAMED.get(name)
    if integer := _INTEGER.fullmatch(name):
        return Annotated(int(integer[2]), signed=not integer[1])
    fixed = _FIXED.fullmatch(name)
    if fixed is None or int(fixed[2]) >= int(fixed[1]):
        raise ValueError(f"{name!r:.60} is no type")
    return Annotated(int(fixed[1]), signed=True, fraction=int(fixed[1]) - int(fixed[2]))
