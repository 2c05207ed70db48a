"""`hwflow demo`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwflow.cli.console import progress_on_stderr, tell_ended
from hwflow.cli.options import DataFiles, sources_of
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError

if TYPE_CHECKING:
    from hwflow.apps import Application
    from hwflow.apps.demo import Plan
    from hwflow.apps.stages import Stage


def demo(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="can-ids, can-ids-small, can-ids-masquerade, digits, mnist, hourglass, two-stream, dendrites, mixer, kan; spiking-digits, spiking-digits-nir, packets.",
        ),
    ],
    data: DataFiles = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Everything goes there.")] = Path("build/demo"),
    bits: Annotated[
        int | None, typer.Option("--bits", help="Of weights and activations, 1 to 8. [default: the recipe's, mostly 2]")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides everything that is drawn.")] = 0,
    boards: Annotated[
        list[str] | None,
        typer.Option("--board", metavar="NAME", help="May be repeated. [default: those that suit the recipe]"),
    ] = None,
    port: Annotated[
        str | None,
        typer.Option("--port", help="Spiking: `sim`, `model` (the golden model), or a board's port. [default: sim]"),
    ] = None,
) -> Outcome:
    """All of it, in one go.

    Train, import, compile, simulate, build, run over UART, report; what was done before is not done again.
    """
    from hwflow.apps import find_application
    from hwflow.apps.demo import Plan

    application = find_application(recipe)
    plan = Plan(seed, sources_of(data), tuple(dict.fromkeys(boards)) if boards else None, bits, port)
    _check(application, plan)
    with progress_on_stderr() as progress:
        return Outcome(application.demo(plan, out, progress, _tell))


def _check(application: "Application", plan: "Plan") -> None:
    """Raises UserError for an option that means nothing to the application."""
    for name in ("bits", "port"):
        if getattr(plan, name) is not None and name not in application.takes:
            raise UserError(f"--{name} means nothing for recipe {application.name}; leave it out.")


def _tell(stage: "Stage") -> None:
    tell_ended(stage.name, None if stage.kept else stage.seconds, stage.right, stage.said)
