"""The settings of a spiking core as one port holds them: the fields of a struct of the package hwf_core."""

import re
from collections.abc import Mapping
from functools import cache

from harness import RTL

from hwflow.spiking.learning import Learning

_STRUCT = re.compile(r"typedef struct packed \{(.*?)\} (\w+);", re.DOTALL)
_MEMBER = re.compile(r"^ *(\w+) +(?:signed +)?(?:\[(\d+):0\] +)?(\w+);", re.MULTILINE)


@cache
def fields(struct: str) -> dict[str, int]:
    """Bits of each field, the highest field first; those of a struct inside are its own."""
    members = {name: body for body, name in _STRUCT.findall((RTL / "spiking" / "hwf_core.sv").read_text())}
    found: dict[str, int] = {}
    for kind, high, name in _MEMBER.findall(members[struct]):
        found |= {name: int(high or 0) + 1} if kind == "logic" else fields(kind)
    return found


def pack_settings(struct: str, values: Mapping[str, int]) -> int:
    """A port of this type with these fields; the others are zero."""
    assert values.keys() <= fields(struct).keys(), values
    word = 0
    for name, bits in fields(struct).items():
        word = word << bits | int(values.get(name, 0)) & (1 << bits) - 1
    return word


def unpack_settings(struct: str, word: int) -> dict[str, int]:
    """The fields of a port of this type, as unsigned numbers."""
    values = {}
    for name, bits in reversed(fields(struct).items()):
        values[name], word = word & (1 << bits) - 1, word >> bits
    return values


def learning_fields(learning: Learning) -> dict[str, int]:
    """What of a network's learning a core has as settings, by its fields."""
    return {name: int(getattr(learning, name)) for name in fields("settings_t") if hasattr(learning, name)}
