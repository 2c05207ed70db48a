"""`hwflow devices`."""

from typing import Annotated

import typer

from hwflow.cli.outcome import Outcome


def devices(
    ports: Annotated[
        list[str] | None, typer.Argument(metavar="[PORT]...", help="By name or URL. [default: all that are on USB]")
    ] = None,
    baud: Annotated[
        list[int] | None,
        typer.Option(
            "--baud", help="Bits a second; may be repeated: tried in turn. [default: those of the known boards]"
        ),
    ] = None,
) -> Outcome:
    """The serial ports on which a hwflow board answers, and what runs on it."""
    from hwflow.board import board_names, find_board
    from hwflow.host.devices import find_devices

    bauds = baud or sorted({find_board(name).baud for name in board_names()})
    return Outcome(find_devices(ports or (), bauds))
