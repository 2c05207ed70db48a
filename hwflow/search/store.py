"""The study in Optuna's storage: trials that are claimed, finished once, and given back when their worker has died."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from hwflow.errors import ToolError, UserError, needed
from hwflow.search.plan import Plan
from hwflow.search.space import Parameter

with needed("The search", "search"):
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
    from optuna.exceptions import DuplicatedStudyError, StorageInternalError, UpdateFinishedTrialError
    from optuna.storages import BaseStorage, JournalStorage, RDBStorage, get_storage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial as FrozenTrial
    from optuna.trial import TrialState, create_trial
    from sqlalchemy.exc import SQLAlchemyError

optuna.logging.set_verbosity(optuna.logging.ERROR)  # what it would say is said in our words

_T = TypeVar("_T")
PLAN = "hwflow plan"
_PATIENCE, _PAUSE = 120.0, 1.0  # seconds, for a storage that is not there
_BEING_MADE = 30.0  # seconds for another command that is making the study
_AWAY = (StorageInternalError, SQLAlchemyError, ConnectionError)
WAITING, RUNNING, COMPLETE, PRUNED, FAIL = (
    TrialState.WAITING,
    TrialState.RUNNING,
    TrialState.COMPLETE,
    TrialState.PRUNED,
    TrialState.FAIL,
)


class _Lock(JournalFileOpenLock):
    """Of a journal: a lock that the system takes back from whoever dies, who may leave half a line, which is removed."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._handle = -1

    def acquire(self) -> bool:
        handle = os.open(f"{self._path}.lock", os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
        self._handle = handle
        self._mend()
        return True

    def release(self) -> None:
        os.close(self._handle)

    def _mend(self) -> None:
        """Cut off what follows the last whole line."""
        with self._path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            if end == 0:
                return
            file.seek(end - 1)
            if file.read(1) != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)


def open_storage(where: str) -> tuple[BaseStorage, Callable[[], None]]:
    """A journal in a file, or a database by its URL; and what ends its connections.

    Raises UserError for one that cannot be opened, MissingTool for a driver that is not installed.
    """
    if "://" not in where:
        path = Path(where)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return JournalStorage(JournalFileBackend(str(path), _Lock(path))), lambda: None
        except (OSError, ValueError) as error:
            raise UserError(
                f"{where} is no journal that can be written ({error}); name another file with --storage."
            ) from None
    for again in (True, True, True, False):
        try:
            return _database(where)
        except (SQLAlchemyError, StorageInternalError, ValueError, ImportError) as error:
            reason = str(error.__cause__ or error).splitlines()[0][:150]
            if not again:
                break
            time.sleep(_PAUSE)  # of several commands that make its tables at once all but one fail
    raise UserError(
        f"The storage {without_password(where)} cannot be opened ({reason}); see that its server runs and its URL is right."
    )


def _database(url: str) -> tuple[BaseStorage, Callable[[], None]]:
    scheme, rest = url.split("://", 1)
    scheme = "postgresql+psycopg" if scheme in ("postgresql", "postgres") else scheme
    patience = {"timeout": 60} if scheme.startswith("sqlite") else {}
    options = {"pool_pre_ping": True, "connect_args": patience}
    with needed(f"A storage of {scheme}", "search"):
        storage = RDBStorage(f"{scheme}://{rest}", engine_kwargs=options)
        return get_storage(storage), storage.engine.dispose


def without_password(url: str) -> str:
    """The URL as it may be told."""
    scheme, sign, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}{sign}{user.split(':')[0]}{at}{place}" if at else url


class Store:
    """A study under a name. All methods wait for a while for a storage that is not there, then raise ToolError."""

    def __init__(self, where: str, name: str, say: Callable[[str], None] = lambda _: None) -> None:
        self.where, self.name, self._say = where, name, say
        self._storage, self._end = open_storage(where)
        self._study = -1

    def close(self) -> None:
        """End its connections; nothing else may be asked of it then."""
        self._storage.remove_session()
        self._end()

    def create(self, plan: Plan) -> bool:
        """Make the study, or join one of the same plan; whether it was made.

        Raises UserError if there is one of another plan under the name, and says in what it differs.
        """
        directions = [StudyDirection.MAXIMIZE if each.more else StudyDirection.MINIMIZE for each in plan.sought]
        try:
            self._study = self._patiently(lambda: self._storage.create_new_study(directions, self.name))
        except DuplicatedStudyError:
            self.join(plan)
            self._until(lambda: len(self.trials()) >= plan.trials)  # else whoever made it has died
            made = False
        else:
            self.note(PLAN, plan.to_json())
            made = True
        for _ in range(plan.trials - len(self.trials())):
            self._patiently(lambda: self._storage.create_new_trial(self._study, create_trial(state=WAITING)))
        return made

    def join(self, plan: Plan | None = None) -> Plan:
        """The plan of the study that there is. Raises UserError if there is none, or if it is not as the plan given."""
        try:
            self._study = self._patiently(lambda: self._storage.get_study_id_from_name(self.name))
        except KeyError:
            raise UserError(
                f"{without_password(self.where)} holds no study {self.name}; begin one without --resume and --show."
            ) from None
        there = self._plan()
        if plan is not None and (unlike := plan.differing(there)):
            raise UserError(f"{without_password(self.where)} holds a study {self.name} of another {' and '.join(unlike)}; go on with it by "
                            "--resume, or give this one another --name or --storage.")  # fmt: skip
        return there

    def _plan(self) -> Plan:
        self._until(lambda: PLAN in self.notes() or bool(self.trials()))
        if PLAN not in (notes := self.notes()):
            raise UserError(
                f"The study {self.name} in {without_password(self.where)} is not hwflow's; give another --name."
            )
        return Plan.from_json(notes[PLAN])

    def _until(self, done: Callable[[], bool]) -> None:
        """Wait a while for what another command is just making."""
        until = time.monotonic() + _BEING_MADE
        while not done() and time.monotonic() < until:
            time.sleep(_PAUSE)

    def trials(self) -> list[FrozenTrial]:
        """All trials of the plan, by their numbers."""
        return self._patiently(lambda: self._storage.get_all_trials(self._study, deepcopy=False))

    def claim(self, number: int, lease: Mapping[str, Any]) -> bool:
        """Whether the waiting trial is now this worker's, and no other's."""
        trial = self._id(number)
        try:
            if not self._patiently(lambda: self._storage.set_trial_state_values(trial, RUNNING)):
                return False
        except UpdateFinishedTrialError:
            return False
        return self.tell(number, "lease", dict(lease))

    def choose(self, number: int, values: Mapping[str, Any], parameters: Sequence[Parameter]) -> None:
        """Write down what a trial chose."""
        trial, known = self._id(number), self.trials()[number].params
        for parameter in parameters:
            if parameter.name not in known:
                kind = distribution(parameter)
                told = (trial, parameter.name, kind.to_internal_repr(values[parameter.name]), kind)
                self._patiently(partial(self._storage.set_trial_param, *told))

    def tell(self, number: int, key: str, value: Any) -> bool:
        """Write something down beside a trial; False if it has ended."""
        try:
            self._patiently(lambda: self._storage.set_trial_user_attr(self._id(number), key, value))
        except UpdateFinishedTrialError:
            return False
        return True

    def finish(
        self, number: int, state: TrialState, outcome: Mapping[str, Any], values: Sequence[float] | None = None
    ) -> bool:
        """End a trial; False if another worker, that took this one for dead, has ended it before."""
        if not self.tell(number, "outcome", json.loads(json.dumps(outcome))):
            return False
        try:
            self._patiently(lambda: self._storage.set_trial_state_values(self._id(number), state, values))
        except UpdateFinishedTrialError:
            return False
        return True

    def give_back(self, number: int, deaths: int) -> None:
        """Let another worker claim a trial whose worker has died, and is forgotten lest the next one be taken for it."""
        if self.tell(number, "deaths", deaths) and self.tell(number, "lease", None):
            try:
                self._patiently(lambda: self._storage.set_trial_state_values(self._id(number), WAITING))
            except UpdateFinishedTrialError:
                return

    def note(self, key: str, value: Any) -> None:
        """Write something down beside the study."""
        self._patiently(lambda: self._storage.set_study_user_attr(self._study, key, value))

    def notes(self) -> dict[str, Any]:
        """What was written down beside the study."""
        return self._patiently(lambda: self._storage.get_study_user_attrs(self._study))

    def _id(self, number: int) -> int:
        return self._patiently(lambda: self._storage.get_trial_id_from_study_id_trial_number(self._study, number))

    def _patiently(self, work: Callable[[], _T]) -> _T:
        until, told = time.monotonic() + _PATIENCE, False
        while True:
            try:
                return work()
            except _AWAY as error:
                if time.monotonic() > until:
                    raise ToolError(f"The storage {without_password(self.where)} has not answered for {_PATIENCE:.0f} s "
                                    f"({str(error).splitlines()[0][:100]}); when it is there, go on with --resume.") from None  # fmt: skip
                if not told:
                    told = True
                    self._say(f"the storage does not answer; waiting for it for up to {_PATIENCE:.0f} s")
                time.sleep(_PAUSE)


def distribution(parameter: Parameter) -> BaseDistribution:
    """A parameter as Optuna has it."""
    if parameter.options:
        return CategoricalDistribution(parameter.options)
    if parameter.whole:
        return IntDistribution(int(parameter.low), int(parameter.high), parameter.log, int(parameter.step or 1))
    return FloatDistribution(parameter.low, parameter.high, parameter.log, parameter.step)
