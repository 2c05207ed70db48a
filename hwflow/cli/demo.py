"""`hwflow demo`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError


def demo(
    recipe: Annotated[
        str,
        typer.Argument(metavar="RECIPE", help="can-ids, digits, mnist; spiking-digits, spiking-digits-nir, packets."),
    ],
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="Your own log, images, or packets.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Everything goes there.")] = Path("build/demo"),
    bits: Annotated[int | None, typer.Option("--bits", help="Of weights and activations, 1 to 8. [default: 2]")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides everything that is drawn.")] = 0,
    boards: Annotated[
        list[str] | None,
        typer.Option(
            "--board",
            metavar="NAME",
            help="May be repeated. [default: icebreaker, ulx3s-85f, sim; spiking: sim]",
        ),
    ] = None,
    port: Annotated[
        str | None,
        typer.Option("--port", help="Spiking: `sim`, `model` (the golden model), or a board's port. [default: sim]"),
    ] = None,
) -> Outcome:
    """All of it, in one go.

    Train, import, compile, simulate, build, run over UART, report; what was done before is not done again.
    """
    from hwflow.apps.demo import DemoRecord, Plan, run_demo
    from hwflow.apps.stages import Stage
    from hwflow.progress import Progress
    from hwflow.quantised.train.recipes import find_recipe, find_spiking_recipe

    names = tuple(dict.fromkeys(boards)) if boards else None

    def tell(stage: Stage) -> None:
        seconds = "done before" if stage.kept else f"{stage.seconds:.1f} s"
        print(f"{stage.name:20} {seconds:>11}  {'' if stage.right else 'WRONG: '}{stage.said}", file=sys.stderr)

    def perform(progress: Progress) -> DemoRecord:
        if spiking := find_spiking_recipe(recipe):
            from hwflow.apps.spiking_demo import SpikingPlan, run_spiking_demo
            from hwflow.quantised.flow.running import SIM

            if bits is not None:
                raise UserError(f"--bits is of quantised nets; recipe {recipe} has weights of 8 bits.")
            return run_spiking_demo(SpikingPlan(spiking, seed, data, port or SIM, names), out, progress, tell)
        chosen = find_recipe(recipe)
        if port is not None:
            raise UserError(f"--port is of the spiking recipes; recipe {recipe} runs on simulated boards.")
        plan = Plan(chosen, chosen.bits if bits is None else bits, seed, data, names)
        return run_demo(plan, out, progress, tell)

    with progress_on_stderr() as progress:
        record = perform(progress)
    passed = record.checks - len(record.failed)
    show = [f"{record.report}: {passed} of {record.checks} checks passed, {record.seconds:.0f} s"]
    wrong = [*(stage.name for stage in record.stages if not stage.right), *record.failed]
    return Outcome(record, show, record.right, f"These are not as they must be: {', '.join(wrong)}.")
