"""A search from its beginning, or from where it was left: workers on this machine, and what they have found."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from hwflow.errors import HwflowError, MissingTool, ToolError, UserError
from hwflow.progress import Progress
from hwflow.search.energy import Meter
from hwflow.search.factory import find_factory
from hwflow.search.lease import Watch
from hwflow.search.meanwhile import meanwhile
from hwflow.search.plan import Plan
from hwflow.search.result import SPENT, Found, result_of
from hwflow.search.space import Space
from hwflow.search.store import COMPLETE, FrozenTrial, Store, without_password
from hwflow.search.worker import FORGIVEN, Job, failing, sweep
from hwflow.sources import Source

JOURNAL, TRAINED, LOG = "study.journal", "trained", "workers.log"
_PAUSE = 0.5  # seconds between two looks at the storage
_NOTED = 60.0  # seconds between two notes of what was spent
_CRASHES = 20  # of workers, in one command
_EXPECTED: dict[int, type[HwflowError]] = {2: UserError, 3: MissingTool}


@dataclass(frozen=True)
class Place:
    """Where a study is: its folder, its storage (None: a journal in the folder), and its name there."""

    folder: Path
    storage: str | None
    name: str

    @property
    def where(self) -> str:
        return self.storage or str(self.folder / JOURNAL)

    @property
    def trained(self) -> Path:
        """Where trained nets lie by their content."""
        return self.folder / TRAINED

    def store(self, progress: Progress) -> Store:
        return Store(self.where, self.name, progress)


def begin(plan: Plan, place: Place, data: Sequence[Source], workers: int, progress: Progress) -> Found:
    """Begin a search, or join the one of the same plan, and carry it out until no trial is left, or the study stops.

    Raises UserError for what cannot be searched, and for a storage that holds something else under the name.
    """
    found = find_factory(plan.factory, data, plan.budget)
    plan.check(Space(found.space.kind, plan.space))
    store = place.store(progress)
    store.create(plan)
    return _carry_out(store, plan, place, data, workers, progress)


def resume(
    place: Place, factory: str, data: Sequence[Source], digests: Sequence[str], workers: int, progress: Progress
) -> Found:
    """Go on with a search by its own plan; failures so far are forgiven.

    digests: of the data. Raises UserError if there is none, or if it is one of another factory or other data.
    """
    check_there(place)
    store = place.store(progress)
    plan = store.join()
    _same(plan, place, factory, digests)
    ended = [trial.number for trial in store.trials()[: plan.trials] if trial.state.is_finished()]
    store.note(FORGIVEN, max(ended, default=-1) + 1)
    return _carry_out(store, plan, place, data, workers, progress)


def show(place: Place, progress: Progress) -> Found:
    """What a study has found so far. Raises UserError if there is none."""
    check_there(place)
    store = place.store(progress)
    return found_in(store, store.join())


def check_there(place: Place) -> None:
    """Raises UserError where the study's journal is missing: it would be made by being opened."""
    if "://" not in place.where and not Path(place.where).is_file():
        raise UserError(
            f"{place.where} is not there; begin a search without --resume, --show and --pick, or name its folder with --out."
        )


def found_in(store: Store, plan: Plan) -> Found:
    """What the study in a storage has found so far."""
    return result_of(store.name, without_password(store.where), plan, store.trials()[: plan.trials], store.notes())


def _same(plan: Plan, place: Place, factory: str, digests: Sequence[str]) -> None:
    if plan.factory != factory:
        raise UserError(
            f"The study {place.name} in {without_password(place.where)} is of {plan.factory}, not of {factory}; name that one."
        )
    if plan.data != tuple(digests):
        raise UserError(
            f"The study {place.name} in {without_password(place.where)} is of other data; give its own files with --data."
        )


def _carry_out(
    store: Store, plan: Plan, place: Place, data: Sequence[Source], workers: int, progress: Progress
) -> Found:
    place.folder.mkdir(parents=True, exist_ok=True)
    sources = tuple((str(source.path), source.label) for source in data)
    job = Job(place.where, place.name, plan.factory, sources, str(place.trained), os.getpid())
    with _noting(store), _Crew(job, place.folder / LOG, workers) as crew:
        _wait(store, plan, crew, progress)
    return found_in(store, plan)


@contextmanager
def _noting(store: Store) -> Iterator[None]:
    """Note beside the study, now and then and at the end, what this machine spends meanwhile."""
    meter, key = Meter(), f"{SPENT}{os.uname().nodename} {os.getpid()} {time.time():.0f}"

    def note() -> bool:
        store.note(key, meter.read().to_json())
        return True

    try:
        with meanwhile(_NOTED, note):
            yield
    finally:
        note()


class _Crew:
    """Workers of this command; one that dies is replaced."""

    def __init__(self, job: Job, log: Path, workers: int) -> None:
        self._job, self._log, self._count = job, log, workers
        self._crew: list[subprocess.Popen[bytes]] = []
        self._crashes = 0

    def __enter__(self) -> Self:
        self._output: IO[bytes] = self._log.open("ab")
        self._crew = [self._begun() for _ in range(self._count)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._crew:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()
        self._output.close()

    def look(self) -> bool:
        """Replace the dead; whether one is still at work.

        Raises the error that ended a worker, and ToolError if they die all the time.
        """
        for place, process in enumerate(self._crew):
            status = process.poll()
            if status in _EXPECTED:
                raise _EXPECTED[status](self._last_words())
            if status:
                self._crashes += 1
                if self._crashes > _CRASHES:
                    raise ToolError(f"{self._crashes} workers have died ({self._last_words()}); see {self._log}.")
                self._crew[place] = self._begun()
        return any(process.poll() is None for process in self._crew)

    def _begun(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-P", "-m", "hwflow.search.worker"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self._output, stderr=self._output)
        assert process.stdin is not None
        process.stdin.write(self._job.to_json().encode() + b"\n")
        process.stdin.flush()
        return process

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return lines[-1] if lines else "without words"


def _wait(store: Store, plan: Plan, crew: _Crew, progress: Progress) -> None:
    """Until all trials have ended, or the study stops."""
    watch, start, before = Watch(), time.monotonic(), -1
    while True:
        trials = store.trials()[: plan.trials]
        ended = sum(trial.state.is_finished() for trial in trials)
        before = ended if before < 0 else before
        progress(_said(plan, trials, ended, (ended - before, time.monotonic() - start)), ended / plan.trials)
        if ended == plan.trials or failing(trials, store.notes()):
            return
        sweep(store, trials, watch)
        crew.look()
        time.sleep(_PAUSE)


def _said(plan: Plan, trials: Sequence[FrozenTrial], ended: int, pace: tuple[int, float]) -> str:
    """Trials, best so far, time left."""
    done, seconds = pace
    left = f", about {(plan.trials - ended) * seconds / done / 60:.0f} min left" if done else ""
    first = plan.sought[0]
    values = [trial.values[0] for trial in trials if trial.state == COMPLETE]
    best = f", best {first.title} {first.said((max if first.more else min)(values))}" if values else ""
    return f"{ended} of {plan.trials} trials{best}{left}"
