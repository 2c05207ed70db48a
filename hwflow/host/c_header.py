"""A driver in C as one header: a net in numbers, what all drivers share (`onboard.c`), and what a family's nets are driven by."""

from collections.abc import Mapping, Sequence
from pathlib import Path

_SHARED = Path(__file__).with_name("onboard.c")


def c_header(numbers: Mapping[str, int | str], more: Sequence[str], digest: str, build: str, body: str) -> str:
    """numbers: macros; more: further lines of the net's own; digest, build: in hex, of which the core tells the first 16 bytes."""
    lines = [
        "/* Made by hwflow: the numbers of a net behind AXI. */",
        "#include <stddef.h>",
        "#include <stdint.h>",
        "#include <string.h>",
        "",
    ]
    lines += [f"#define {name} {value}" for name, value in numbers.items()]
    lines += [*more, octets("digest", bytes.fromhex(digest[:32])), octets("build", bytes.fromhex(build[:32]))]
    return "\n".join(lines) + "\n\n" + _SHARED.read_text() + "\n" + body


def octets(name: str, data: bytes) -> str:
    """A constant array of bytes."""
    return f"static const uint8_t hwf_{name}[{len(data)}] = {{{', '.join(map(str, data))}}};"
