"""Pieces of SystemVerilog that are written out, whatever the application."""

from collections.abc import Mapping


class Literal(str):
    """A parameter's value that is SystemVerilog already; other strings are quoted."""


def instance(module: str, name: str, parameters: Mapping[str, int | str], ports: Mapping[str, str]) -> str:
    """An instance of `module`; string parameters are quoted, unless they are Literal."""

    def shown(value: int | str) -> str:
        return f'"{value}"' if isinstance(value, str) and not isinstance(value, Literal) else str(value)

    settings = ",\n".join(f"      .{key}({shown(value)})" for key, value in parameters.items())
    wiring = ",\n".join(f"      .{key}({value})" for key, value in ports.items())
    given = f"#(\n{settings}\n  ) " if settings else ""
    return f"  {module} {given}{name} (\n{wiring}\n  );\n"


def wire(name: str, bits: int) -> str:
    """A declaration of a wire, or of a bus of several bits."""
    return f"  logic {f'[{bits - 1}:0] ' if bits > 1 else ''}{name};\n"
