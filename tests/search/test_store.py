"""Studies in storages: joined, claimed once, given back, mended after a death in the midst of a line."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from search.plans import plan_of

from hwflow.errors import UserError
from hwflow.search.advice import propose
from hwflow.search.lease import Lease, Process, Watch, own_lease
from hwflow.search.space import Space
from hwflow.search.store import COMPLETE, FAIL, RUNNING, WAITING, Store, without_password
from hwflow.search.worker import failing, ready, sweep, view


@pytest.fixture(params=["journal", "sqlite"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "study.journal") if request.param == "journal" else f"sqlite:///{tmp_path / 'study.db'}"


def made(where: str) -> Store:
    store = Store(where, "study")
    store.create(plan_of())
    return store


def test_a_trial_is_claimed_once_and_ends_once(where: str) -> None:
    one, other = made(where), Store(where, "study")
    assert not other.create(plan_of()) and len(other.trials()) == 6
    lease = own_lease(os.getpid()).to_json()
    assert one.claim(2, lease) and not other.claim(2, lease)
    one.choose(2, {"width": 3, "bits": 2, "fault": "none"}, plan_of().space)
    one.choose(
        2, {"width": 3, "bits": 2, "fault": "none"}, plan_of().space
    )  # again, by the worker that goes on with it
    assert one.finish(2, COMPLETE, {"reason": ""}, [0.5, 100])
    assert not other.finish(2, COMPLETE, {"reason": "late"}, [0.1, 1]) and not other.claim(2, lease)
    trial = other.trials()[2]
    assert trial.values == [0.5, 100] and trial.params == {"width": 3, "bits": 2, "fault": "none"}


def test_of_commands_that_begin_at_once_one_makes_the_study(where: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        stores = list(pool.map(lambda _: Store(where, "study"), range(3)))
        assert sorted(pool.map(lambda store: store.create(plan_of()), stores)) == [False, False, True]
    assert [len(store.trials()) for store in stores] == [6, 6, 6]
    for store in stores:
        store.close()


def test_a_study_of_another_plan_is_refused(where: str) -> None:
    made(where)
    with pytest.raises(UserError, match="holds a study study of another seed and sampler; go on with it by --resume"):
        Store(where, "study").create(plan_of(seed=1, sampler="tpe"))
    with pytest.raises(UserError, match="holds no study other; begin one"):
        Store(where, "other").join()


def test_trials_of_the_dead_are_given_back(where: str) -> None:
    """At once on this machine; a trial whose worker alone dies for the second time is lost, and says so."""
    store, here, watch = made(where), own_lease(os.getpid()), Watch()
    gone = Process(_dead(), "1")
    cases = {0: here, 1: replace(here, worker=gone), 2: replace(here, worker=gone, command=gone)}
    for number, lease in cases.items():
        assert store.claim(number, lease.to_json())
    sweep(store, store.trials(), watch)
    states = [trial.state for trial in store.trials()]
    assert states[:3] == [RUNNING, WAITING, WAITING]
    for number in (1, 2):
        assert store.claim(number, cases[number].to_json())
    sweep(store, store.trials(), watch)
    trials = store.trials()
    assert trials[1].state == FAIL and trials[1].user_attrs["outcome"]["reason"] == "Its worker died twice."
    assert trials[2].state == WAITING


def test_a_worker_elsewhere_lives_while_its_heart_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("hwflow.search.lease.time.monotonic", lambda: now[0])
    lease, watch = Lease("elsewhere", Process(1, "1"), Process(2, "2")), Watch()
    assert watch.death(0, lease.to_json()) == ""
    now[0] = 59
    assert watch.death(0, replace(lease, beat=1).to_json()) == ""
    now[0] = 118
    assert watch.death(0, replace(lease, beat=1).to_json()) == ""
    now[0] = 120
    assert watch.death(0, replace(lease, beat=1).to_json()) == "worker"


def test_half_a_line_in_a_journal_is_cut_off(tmp_path: Path) -> None:
    where = tmp_path / "study.journal"
    made(str(where))
    with where.open("ab") as file:
        file.write(b'{"op_code": 5, "half')
    store = Store(str(where), "study")
    store.join()
    assert store.claim(0, own_lease(os.getpid()).to_json())
    assert Store(str(where), "study").create(plan_of()) is False
    again = Store(str(where), "study")
    again.join()
    assert [trial.state for trial in again.trials()] == [RUNNING] + 5 * [WAITING]


def test_five_failures_in_a_row_stop_a_study(where: str) -> None:
    store = made(where)
    for number in range(5):
        assert failing(store.trials(), {}) == ""
        store.finish(number, FAIL, {"reason": f"reason {number}"})
    assert failing(store.trials(), {}) == "reason 4"
    assert failing(store.trials(), {"hwflow forgiven": 5}) == ""


def test_what_a_trial_knows_does_not_hang_on_the_others_pace(tmp_path: Path) -> None:
    """It waits for those that it looks back at, and sees no others."""
    plan = plan_of(sampler="tpe", lag=2, trials=6)
    store = Store(str(tmp_path / "a.journal"), "study")
    store.create(plan)
    assert list(ready(store.trials(), plan)) == [0, 1]
    space = Space(type("Any", (), {}), plan.space)
    first = propose(plan, space, 2, view(store.trials(), 2, plan)[:0])
    assert first == propose(plan, space, 2, ()) and first != propose(plan, space, 3, ())
    store.choose(0, first, plan.space)
    store.finish(0, COMPLETE, {}, [0.5, 100])
    assert list(ready(store.trials(), plan)) == [1, 2]
    store.finish(1, FAIL, {"reason": "x"})
    assert [trial.number for trial in view(store.trials(), 3, plan)] == [0, 1]


@pytest.mark.parametrize(
    ("url", "told"), [("postgresql://me:secret@host/db", "postgresql://me@host/db"), ("a.journal", "a.journal")]
)
def test_a_password_is_not_told(url: str, told: str) -> None:
    assert without_password(url) == told


def test_a_storage_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwflow.search.store._PAUSE", 0.01)
    for where in ("nowhere://x", f"sqlite:///{tmp_path}/no/folder.db", str(tmp_path)):
        with pytest.raises(UserError, match=r"cannot be opened|is no journal"):
            Store(where, "study")


def _dead() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid
