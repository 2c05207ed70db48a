"""`hwflow search`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import DataFiles, sources_of
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError
from hwflow.sources import Source

if TYPE_CHECKING:
    from hwflow.search.plan import Plan


def search(
    factory: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE|FACTORY", help="A recipe, or FILE.py:FUNCTION or PACKAGE.MODULE:FUNCTION of your own."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The study's folder.")] = Path("build/search"),
    objectives: Annotated[
        list[str] | None,
        typer.Option(
            "--objective",
            metavar="NAME",
            help="May be repeated: accuracy, worst-class, luts, brams, latency, rate. [default: accuracy and luts]",
        ),
    ] = None,
    board: Annotated[
        str | None,
        typer.Option("--board", metavar="NAME", help="For whose part hardware is chosen; see `hwflow boards`."),
    ] = None,
    trials: Annotated[int, typer.Option("--trials", help="How many nets are tried, in all.")] = 100,
    workers: Annotated[
        int, typer.Option("--workers", help="Processes of this command; the same command elsewhere brings more.")
    ] = 1,
    space: Annotated[
        list[str] | None,
        typer.Option(
            "--space", metavar="NAME=LOW..HIGH", help="A narrower choice, or NAME=VALUE,VALUE; may be repeated."
        ),
    ] = None,
    data: DataFiles = None,
    clock: Annotated[str | None, typer.Option("--clock", metavar="MHZ", help="As for `hwflow compile`.")] = None,
    max_luts: Annotated[int | None, typer.Option("--max-luts", help="Of the whole design, by estimate.")] = None,
    max_brams: Annotated[int | None, typer.Option("--max-brams", help="Of the whole design, by estimate.")] = None,
    max_latency: Annotated[float | None, typer.Option("--max-latency", metavar="US", help="Microseconds.")] = None,
    target_fps: Annotated[float | None, typer.Option("--target-fps", help="Vectors a second at least.")] = None,
    budget: Annotated[
        float, typer.Option("--budget", metavar="SHARE", help="Steps of training, as a share of the recipe's own.")
    ] = 1.0,
    sampler: Annotated[str, typer.Option("--sampler", help="Of Optuna: tpe, random.")] = "tpe",
    no_stop: Annotated[bool, typer.Option("--no-stop", help="Train hopeless nets to their end too.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Decides everything that is drawn.")] = 0,
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="FILE|URL",
            help="Of Optuna: a journal, sqlite:///FILE, postgresql://… [default: a journal in DIR]",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Of the study in its storage. [default: the recipe's]")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the study, by the options it was begun with.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="What was found so far, and no more trials.")] = False,
    pick: Annotated[
        str | None,
        typer.Option(
            "--pick", metavar="POINT", help="Remake a point, and compile, simulate and build it, for --board."
        ),
    ] = None,
    no_build: Annotated[bool, typer.Option("--no-build", help="Do not build what is picked.")] = False,
) -> Outcome:
    """Search nets and their hardware together.

    Each trial trains a net, and the compiler chooses its hardware; the folder gets the front as a page, a table and records.
    """
    from hwflow.search.run import Place

    sources = sources_of(data)
    place = Place(out, storage, name or factory.rpartition(":")[2])
    if workers < 1 or sum((resume, show, pick is not None)) > 1:
        raise UserError("--workers must be 1 or more." if workers < 1 else "Give one of --resume, --show and --pick.")
    with progress_on_stderr() as progress:
        if pick is not None:
            from hwflow.search.pick import pick as picked

            return Outcome(picked(place, pick, board, sources, not no_build, progress))
        from hwflow.search.files import document, write
        from hwflow.search.run import begin
        from hwflow.search.run import resume as resumed
        from hwflow.search.run import show as shown

        if show:
            found = shown(place, progress)
        elif resume:
            found = resumed(place, factory, sources, _digests(sources), workers, progress)
        else:
            plan = _plan(factory, objectives, board, space, sources, budget, sampler, clock=clock, trials=trials, seed=seed,
                         stop=not no_stop, limits=(max_luts, max_brams, max_latency, target_fps))  # fmt: skip
            found = begin(plan, place, sources, workers, progress)
        write(found, out)
    return Outcome(found, document=document(found))


def _plan(
    factory: str,
    objectives: list[str] | None,
    board: str | None,
    space: list[str] | None,
    sources: Sequence[Source],
    budget: float,
    sampler: str,
    *,
    clock: str | None,
    trials: int,
    seed: int,
    stop: bool,
    limits: tuple[int | None, int | None, float | None, float | None],
) -> "Plan":
    from hwflow.search.factory import find_factory
    from hwflow.search.hardware import Limits
    from hwflow.search.plan import Plan

    if board is None:
        raise UserError("A search needs to know for what part; give --board, of those that `hwflow boards` lists.")
    parameters = find_factory(factory, sources, budget).space.narrowed(space or ()).parameters
    sought = tuple(objectives or ("accuracy", "luts"))
    return Plan(
        factory,
        _digests(sources),
        parameters,
        sought,
        board,
        clock,
        Limits(*limits),
        trials,
        seed,
        sampler,
        stop,
        budget,
    )


def _digests(sources: Sequence[Source]) -> tuple[str, ...]:
    from hwflow.apps.stages import file_digest

    return tuple(file_digest(source.path) for source in sources)
