"""Yosys of the pyosys package as a program: `python -m hwflow.tool.run_yosys -p "commands"`."""

import sys


def main(arguments: list[str]) -> int:
    """Run the commands, which are separated by semicolons."""
    from pyosys import libyosys  # noqa: TID251 - a process of its own

    if len(arguments) != 2 or arguments[0] != "-p":
        print("ERROR: wanted -p and the commands.", file=sys.stderr)
        return 2
    design = libyosys.Design()
    for command in arguments[1].split(";"):
        if command.strip():
            design.run_pass(command.strip())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
