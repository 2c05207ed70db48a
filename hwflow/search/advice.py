"""What a trial chooses, and whether it is hopeless: asked of Optuna's samplers and pruners, on a view of earlier trials alone.

The view holds the trials that were begun `lag` before this one or earlier, all of them ended: so what a trial does is a function of
its number and the seed, whichever workers there were, and whenever they died.
"""

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwflow.errors import needed
from hwflow.search.plan import Plan
from hwflow.search.space import Space
from hwflow.search.store import COMPLETE, PRUNED, RUNNING, distribution

with needed("The search", "search"):
    import optuna
    from optuna.pruners import MedianPruner
    from optuna.samplers import BaseSampler, RandomSampler, TPESampler
    from optuna.trial import FrozenTrial, create_trial

_FIRST = 4  # earlier nets that are no larger, of which the median is taken
STEPS = 1000  # of a whole training, as which shares are counted


@dataclass(frozen=True)
class Report:
    """How good a net was after a part of its training, in thousandths, and its size."""

    step: int
    figure: float
    size: float


def propose(plan: Plan, space: Space, number: int, earlier: Sequence[FrozenTrial]) -> dict[str, Any]:
    """What a trial chooses, by its number, the plan and the trials of its view."""
    distributions = {parameter.name: distribution(parameter) for parameter in space.parameters}
    directions = ["maximize" if each.more else "minimize" for each in plan.sought]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna's, of what is experimental in it
        study = optuna.create_study(directions=directions, sampler=_sampler(plan, number))  # type: ignore[arg-type]
        if plan.sampler != "random":
            study.add_trials([trial for trial in earlier if trial.state == COMPLETE])
        return study.ask(distributions).params


def _sampler(plan: Plan, number: int) -> BaseSampler:
    words = hashlib.sha256(f"{plan.seed} {number}".encode()).digest()
    seed = int.from_bytes(words[:4], "big")
    return RandomSampler(seed) if plan.sampler == "random" else TPESampler(seed=seed, n_startup_trials=2 * plan.lag)


def hopeless(reports: Sequence[Report], earlier: Sequence[FrozenTrial]) -> bool:
    """Whether a trial is worse, at its last report, than the median of the earlier ones whose nets are no larger."""
    study = optuna.create_study(direction="maximize", pruner=MedianPruner(n_startup_trials=_FIRST, n_min_trials=_FIRST))
    size = reports[-1].size
    for trial in earlier:
        others = reports_of(trial)
        if trial.state in (COMPLETE, PRUNED) and others and others[-1].size <= size:
            study.add_trial(create_trial(value=others[-1].figure, intermediate_values=_steps(others)))
    mine = create_trial(state=RUNNING, intermediate_values=_steps(reports))
    return study.pruner.prune(study, mine)


def reports_of(trial: FrozenTrial) -> list[Report]:
    """What an ended trial reported."""
    outcome: Mapping[str, Any] = trial.user_attrs.get("outcome", {})
    return [Report(*each) for each in outcome.get("reports", ())]


def _steps(reports: Sequence[Report]) -> dict[int, float]:
    return {report.step: report.figure for report in reports}
