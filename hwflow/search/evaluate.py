"""One trial: train, read the net in integers, judge it on validation data, and find its hardware."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hwflow.board import Board
from hwflow.errors import HwflowError, UserError
from hwflow.paths import whole_file
from hwflow.records import read_record, to_json
from hwflow.search.advice import STEPS, Report, hopeless
from hwflow.search.factory import Found, Gift
from hwflow.search.hardware import Hardware, Limits
from hwflow.search.outcome import Judged, Outcome
from hwflow.search.plan import Plan
from hwflow.search.roads import into_folder, road_in

TRAINED, DESIGNS = "trained.json", "designs"
_REASON = 300  # characters


class Hopeless(Exception):
    """What `Trial.report` raises to end the training of a trial that is worse than earlier ones."""


@dataclass
class Watched:
    """The trial that a factory sees: keeps what it reports."""

    seed: int
    is_hopeless: Callable[[Sequence[Report]], bool]
    reports: list[Report]

    def report(self, share: float, figure: float, size: float = 0.0) -> None:
        self.reports.append(Report(round(share * STEPS), float(figure), float(size)))
        if self.is_hopeless(self.reports):
            raise Hopeless


@dataclass(frozen=True)
class Kept:
    """Designs of a net on a board, as they lie in the folder of the study."""

    designs: tuple[Hardware, ...]


def run_trial(plan: Plan, found: Found, values: Mapping[str, Any], earlier: Sequence[Any], folder: Path) -> Outcome:
    """Carry out a trial. earlier: the ended trials of its view; folder: where nets and designs are kept by content.

    What the factory raises becomes an outcome that says so; errors of the disk are raised.
    """
    start = time.monotonic()
    choices = found.space.choices(values)
    key, chosen = key_of(plan, choices), asdict(choices)
    watched = Watched(plan.seed, lambda reports: plan.stop and hopeless(reports, earlier), [])
    place = folder / key
    try:
        judged, known = _known(place, watched), True
        if judged is None:
            judged, known = train(found, choices, watched, place), False
        found_designs = _designs(place, judged.network, plan.target, plan.limits)
    except Hopeless:
        last = watched.reports[-1]
        return Outcome("pruned", f"hopeless after {last.step / STEPS:.0%} of its training, at {last.figure:.3%}", chosen, key,
                       reports=_plain(watched.reports), seconds=time.monotonic() - start, training=time.monotonic() - start)  # fmt: skip
    except _OutOfLimits as error:
        ended = Outcome("pruned", str(error)[:_REASON])
    except FactoryFailed as error:
        ended = Outcome("failed", str(error)[:_REASON])
    else:
        training = 0.0 if known else judged.seconds
        return Outcome("complete", "", chosen, key, judged.network, judged.evaluation, found_designs, judged.reports, known,
                       time.monotonic() - start, training)  # fmt: skip
    return replace(ended, choices=chosen, key=key, reports=_plain(watched.reports), seconds=time.monotonic() - start)


class _OutOfLimits(Exception):
    pass


class FactoryFailed(UserError):
    """What the factory raised, or why nothing can be made of what it gave."""


def key_of(plan: Plan, choices: Any) -> str:
    """SHA-256, in hex, of all that a trained net follows from."""
    parts = [plan.factory, plan.data, plan.seed, plan.budget, asdict(choices)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def train(found: Found, choices: Any, watched: Watched, place: Path) -> Judged:
    """Have the factory train; the net and how good it is lie in the folder `place` then.

    Raises Hopeless, and for whatever else goes wrong in it a reason.
    """
    start = time.monotonic()
    trained = call(found, choices, watched)
    seconds = time.monotonic() - start
    try:
        made = trained.road.made(trained)
    except HwflowError as error:
        raise FactoryFailed(str(error)) from error
    judged = Judged(made.network.digest, made.evaluation, _plain(watched.reports), seconds)
    into_folder({**made.files, TRAINED: to_json(judged).encode()}, place)
    return judged


def call(found: Found, choices: Any, watched: Watched) -> Gift:
    """What the factory gives. Raises Hopeless, or a reason for whatever it raises or gives that is nothing trained."""
    try:
        trained = found.factory(choices, watched)
    except Hopeless:
        raise
    except Exception as error:  # the user's code, whose faults must not end the study
        said = str(error).splitlines()
        raise FactoryFailed(
            f"The factory raised {type(error).__name__}: {said[0] if said else 'without words'}"
        ) from error
    if not isinstance(trained, Gift):
        raise FactoryFailed(
            f"The factory gave {type(trained).__name__}; it should give hwflow.search.Trained, or TrainedSpiking."
        )
    return trained


def _known(place: Path, watched: Watched) -> Judged | None:
    """What is known of a net that was trained before; its reports are judged as if they came now."""
    if not (place / TRAINED).is_file():
        return None
    judged = read_record(Judged, place / TRAINED, "remove it; it is made again.")
    for step, figure, size in judged.reports:
        watched.report(step / STEPS, figure, size)
    return judged


def _designs(place: Path, network: str, board: Board, limits: Limits) -> tuple[Hardware, ...]:
    """The designs of the net in the folder, kept there for the board, its clock and the limits."""
    parts = [network, board.name, board.clock_hz, asdict(limits)]
    path = place / f"{DESIGNS}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]}.json"
    if path.is_file():
        return read_record(Kept, path, "remove it; it is made again.").designs
    try:
        found = road_in(place).designs(place, board, limits)
    except UserError as error:
        raise _OutOfLimits(str(error)) from error
    with whole_file(path) as draft:
        draft.write_text(to_json(Kept(found)))
    return found


def _plain(reports: Sequence[Report]) -> tuple[tuple[int, float, float], ...]:
    return tuple((report.step, report.figure, report.size) for report in reports)
