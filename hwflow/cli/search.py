"""`hwflow search`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import DataFiles, sources_of
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError
from hwflow.progress import Progress
from hwflow.sources import Source

if TYPE_CHECKING:
    from hwflow.search.plan import Plan
    from hwflow.search.result import Found
    from hwflow.search.run import Place

FactoryName = Annotated[
    str,
    typer.Argument(metavar="RECIPE|FACTORY", help="A recipe, or FILE.py:FUNCTION or PACKAGE.MODULE:FUNCTION of your own."),
]  # fmt: skip
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes of this command; the same command elsewhere brings more.")
]


@dataclass(frozen=True)
class Wanted:
    """What a search is to find."""

    objectives: Annotated[
        list[str] | None,
        typer.Option(
            "--objective",
            metavar="NAME",
            help="May be repeated: accuracy, worst-class, luts, brams, latency, rate. [default: accuracy and luts]",
        ),
    ] = None
    board: Annotated[
        str | None,
        typer.Option("--board", metavar="NAME", help="For whose part hardware is chosen; see `hwflow boards`."),
    ] = None
    clock: Annotated[str | None, typer.Option("--clock", metavar="MHZ", help="As for `hwflow compile`.")] = None
    max_luts: Annotated[int | None, typer.Option("--max-luts", help="Of the whole design, by estimate.")] = None
    max_brams: Annotated[int | None, typer.Option("--max-brams", help="Of the whole design, by estimate.")] = None
    max_latency: Annotated[float | None, typer.Option("--max-latency", metavar="US", help="Microseconds.")] = None
    target_fps: Annotated[float | None, typer.Option("--target-fps", help="Vectors a second at least.")] = None


@dataclass(frozen=True)
class How:
    """How it is searched for."""

    trials: Annotated[int, typer.Option("--trials", help="How many nets are tried, in all.")] = 100
    space: Annotated[
        list[str] | None,
        typer.Option("--space", metavar="NAME=LOW..HIGH", help="A narrower choice, or NAME=VALUE,VALUE; repeatable."),
    ] = None
    budget: Annotated[
        float, typer.Option("--budget", metavar="SHARE", help="Steps of training, as a share of the recipe's own.")
    ] = 1.0
    sampler: Annotated[str, typer.Option("--sampler", help="Of Optuna: tpe, random.")] = "tpe"
    no_stop: Annotated[bool, typer.Option("--no-stop", help="Train hopeless nets to their end too.")] = False
    seed: Annotated[int, typer.Option("--seed", help="Decides everything that is drawn.")] = 0


@dataclass(frozen=True)
class Where:
    """Where the study is."""

    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The study's folder.")] = Path("build/search")
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="FILE|URL",
            help="Of Optuna: a journal, sqlite:///FILE, postgresql://… [default: a journal in DIR]",
        ),
    ] = None
    name: Annotated[str | None, typer.Option("--name", help="Of the study in its storage. [default: the recipe's]")] = (
        None
    )


@dataclass(frozen=True)
class Instead:
    """What is done with a study that there is."""

    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the study, by the options it was begun with.")
    ] = False
    show: Annotated[bool, typer.Option("--show", help="What was found so far, and no more trials.")] = False
    pick: Annotated[
        str | None,
        typer.Option("--pick", metavar="POINT", help="Remake a point; compile, simulate and build it for --board."),
    ] = None
    no_build: Annotated[bool, typer.Option("--no-build", help="Do not build what is picked.")] = False

    def __post_init__(self) -> None:
        if sum((self.resume, self.show, self.pick is not None)) > 1:
            raise UserError("--resume, --show and --pick exclude each other; give one of them.")


def search(
    factory: FactoryName,
    where: Where,
    wanted: Wanted,
    how: How,
    instead: Instead,
    data: DataFiles = None,
    workers: Workers = 1,
) -> Outcome:
    """Search nets and their hardware together.

    Each trial trains a net, and the compiler chooses its hardware; the folder gets the front as a page, a table and records.
    """
    from hwflow.search.run import Place

    sources = sources_of(data)
    place = Place(where.out, where.storage, where.name or factory.rpartition(":")[2])
    with progress_on_stderr() as progress:
        if instead.pick is not None:
            from hwflow.search.pick import pick

            return Outcome(pick(place, instead.pick, wanted.board, sources, not instead.no_build, progress))
        from hwflow.search.files import document, write
        from hwflow.search.run import begin, show

        if instead.show:
            found = show(place, progress)
        elif instead.resume:
            found = _resumed(place, factory, sources, workers, progress)
        else:
            found = begin(_plan(factory, sources, wanted, how), place, sources, workers, progress)
        write(found, where.out)
    return Outcome(found, document=document(found))


def _resumed(place: "Place", factory: str, sources: Sequence[Source], workers: int, progress: Progress) -> "Found":
    from hwflow.search.run import resume

    return resume(place, factory, sources, _digests(sources), workers, progress)


def _plan(factory: str, sources: Sequence[Source], wanted: Wanted, how: How) -> "Plan":
    from hwflow.search.factory import find_factory
    from hwflow.search.hardware import Limits
    from hwflow.search.plan import Plan

    if wanted.board is None:
        raise UserError("A search needs to know for what part; give --board, of those that `hwflow boards` lists.")
    return Plan(
        factory,
        _digests(sources),
        find_factory(factory, sources, how.budget).space.narrowed(how.space or ()).parameters,
        tuple(wanted.objectives or ("accuracy", "luts")),
        wanted.board,
        wanted.clock,
        Limits(wanted.max_luts, wanted.max_brams, wanted.max_latency, wanted.target_fps),
        how.trials,
        how.seed,
        how.sampler,
        not how.no_stop,
        how.budget,
    )


def _digests(sources: Sequence[Source]) -> tuple[str, ...]:
    from hwflow.apps.stages import file_digest

    return tuple(file_digest(source.path) for source in sources)
