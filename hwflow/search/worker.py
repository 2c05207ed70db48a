"""A worker: a process that claims one trial after another until none is left. It reads its job on standard input.

It ends when that is closed, and so with the command it belongs to, however that ends.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from hwflow.errors import HwflowError
from hwflow.quantised.train.run import check_training
from hwflow.search.advice import propose
from hwflow.search.evaluate import run_trial
from hwflow.search.factory import Found, find_factory
from hwflow.search.lease import BEAT, Lease, Watch, own_lease
from hwflow.search.meanwhile import meanwhile
from hwflow.search.outcome import Outcome
from hwflow.search.plan import Plan
from hwflow.search.space import Space
from hwflow.search.store import COMPLETE, FAIL, PRUNED, RUNNING, WAITING, FrozenTrial, Store
from hwflow.sources import Source

_PAUSE = 0.2  # seconds, while no trial can be begun
IN_A_ROW = 5  # failed trials, after which a study stops
FORGIVEN = "hwflow forgiven"  # failures of trials below this number were there when the study was taken up again
_STATES = {"complete": COMPLETE, "pruned": PRUNED, "failed": FAIL}


@dataclass(frozen=True)
class Job:
    """What a worker is told. folder: where trained nets are kept; command: the process that it belongs to."""

    storage: str
    name: str
    factory: str
    data: tuple[tuple[str, str | None], ...]
    folder: str
    command: int

    def found(self, plan: Plan) -> Found:
        """The factory, with the plan's space."""
        sources = tuple(Source(Path(path), label) for path, label in self.data)
        found = find_factory(self.factory, sources, plan.budget)
        return replace(found, space=Space(found.space.kind, plan.space))

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def work(job: Job) -> None:
    """Carry out trials until none is left to begin, or too many in a row have failed."""
    store = Store(job.storage, job.name, lambda what: print(what, file=sys.stderr, flush=True))
    plan = store.join()
    found = job.found(plan)
    check_training()
    _load()

    lease, watch = own_lease(job.command), Watch()
    while True:
        trials = store.trials()[: plan.trials]
        if not any(trial.state in (WAITING, RUNNING) for trial in trials) or failing(trials, store.notes()):
            return
        sweep(store, trials, watch)
        number = next(ready(trials, plan), None)
        if number is None or not store.claim(number, lease.to_json()):
            time.sleep(_PAUSE)
            continue
        with beating(store, number, lease):
            outcome = _carried_out(store, plan, found, number, Path(job.folder))
        state = _STATES[outcome.state]
        store.finish(number, state, outcome.to_json(), guides(plan, outcome) if state == COMPLETE else None)


def _load() -> None:
    """Import what trains nets and what exports them: that takes seconds, which are none of the first trial's."""
    import hwflow.quantised.train.mixed  # noqa: F401
    from hwflow.quantised.train.brevitas import quiet

    with quiet():
        import brevitas.export  # noqa: F401


def ready(trials: Sequence[FrozenTrial], plan: Plan) -> Iterator[int]:
    """The waiting trials whose view is complete, in their order."""
    for trial in trials:
        if trial.state == WAITING and all(each.state.is_finished() for each in view(trials, trial.number, plan)):
            yield trial.number


def view(trials: Sequence[FrozenTrial], number: int, plan: Plan) -> Sequence[FrozenTrial]:
    """The earlier trials that one knows of."""
    return trials[: max(0, number - plan.lag + 1)] if plan.looks_back else ()


def failing(trials: Sequence[FrozenTrial], notes: dict[str, Any]) -> str:
    """Why the study stops: the reason of the last of five in a row that failed; empty if it goes on."""
    row = 0
    for trial in trials[int(notes.get(FORGIVEN, 0)) :]:
        if not trial.state.is_finished():
            return ""
        row = row + 1 if trial.state == FAIL else 0
        if row == IN_A_ROW:
            return str(trial.user_attrs.get("outcome", {}).get("reason", ""))
    return ""


def sweep(store: Store, trials: Sequence[FrozenTrial], watch: Watch) -> None:
    """Give back the trials of workers that have died: once, if only the worker did and not its command with it, since then
    the trial itself may be why."""
    for trial in trials:
        if trial.state != RUNNING:
            continue
        died = watch.death(trial.number, trial.user_attrs.get("lease"))
        deaths = int(trial.user_attrs.get("deaths", 0)) + (died == "worker")
        if died and deaths > 1:
            store.finish(trial.number, FAIL, Outcome("failed", "Its worker died twice.").to_json())
        elif died:
            store.give_back(trial.number, deaths)


@contextmanager
def beating(store: Store, number: int, lease: Lease) -> Iterator[None]:
    """Tell, while the block lasts, that its worker lives."""
    beats = count(1)
    with meanwhile(BEAT, lambda: store.tell(number, "lease", replace(lease, beat=next(beats)).to_json())):
        yield


def guides(plan: Plan, outcome: Outcome) -> list[float]:
    """What the sampler is told of a trial: the best value of each objective over the net's designs."""
    from hwflow.search.objectives import figures

    assert outcome.evaluation is not None
    board = plan.target
    each = [figures(outcome.evaluation, hardware, board) for hardware in outcome.designs]
    return [(max if sought.more else min)(values[sought.name] for values in each) for sought in plan.sought]


def _carried_out(store: Store, plan: Plan, found: Found, number: int, folder: Path) -> Outcome:
    earlier = view(store.trials(), number, plan)
    try:
        values = propose(plan, found.space, number, earlier)
        store.choose(number, values, plan.space)
        outcome = run_trial(plan, found, values, earlier, folder)
    except HwflowError as error:
        outcome = Outcome("failed", str(error))
    return replace(outcome, worker=f"{own_machine()} {os.getpid()}")


def own_machine() -> str:
    """The name of this machine."""
    return os.uname().nodename


def _end_with_standard_input() -> None:
    """End this process when nobody holds the other end any more."""

    def watch() -> None:
        while os.read(0, 1 << 16):  # not by way of sys.stdin, whose lock the end of the interpreter would wait for
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    document = json.loads(sys.stdin.readline())
    job = Job(**(document | {"data": tuple(tuple(each) for each in document["data"])}))
    _end_with_standard_input()
    try:
        work(job)
    except HwflowError as error:
        print(error, file=sys.stderr, flush=True)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
