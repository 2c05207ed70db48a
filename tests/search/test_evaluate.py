"""A trial: what a factory gives is judged in integers, and what goes wrong in it becomes its reason."""

import re
from pathlib import Path

import pytest
from search.plans import factory_in, plan_of

from hwflow.errors import UserError
from hwflow.search.advice import Report, hopeless
from hwflow.search.evaluate import run_trial
from hwflow.search.factory import find_factory
from hwflow.search.hardware import Limits
from hwflow.search.outcome import Outcome
from hwflow.search.result import points_of
from hwflow.search.store import COMPLETE, create_trial

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("raises", "The factory raised RuntimeError: no data today"),
        ("kind", "The factory gave NoneType; it should give hwflow.search.Trained, or TrainedSpiking."),
        ("shape", "samples have the shape|Brevitas cannot export the net"),
        ("floats", "its weights are not quantised"),
    ],
)
def test_a_factory_that_fails(tmp_path: Path, fault: str, says: str) -> None:
    plan, found = plan_of(), find_factory(factory_in(tmp_path), ())
    outcome = run_trial(plan, found, {"width": 4, "bits": 3, "fault": fault}, (), tmp_path / "trained")
    assert outcome.state == "failed" and re.search(says, outcome.reason), outcome.reason
    assert not (tmp_path / "trained").exists()


def test_a_trial_and_the_same_again(tmp_path: Path) -> None:
    plan, found = plan_of(), find_factory(factory_in(tmp_path), ())
    values = {"width": 16, "bits": 4, "fault": "none"}
    first = run_trial(plan, found, values, (), tmp_path / "trained")
    again = run_trial(plan, found, values, (), tmp_path / "trained")
    assert first.state == again.state == "complete" and again.known and not first.known
    assert (again.network, again.designs, again.evaluation) == (first.network, first.designs, first.evaluation)
    assert Outcome.from_json(first.to_json()) == first
    points = points_of(plan, create_trial(state=COMPLETE, values=[0.5, 1.0]), first)
    fast, small = points[0].figures, points[-1].figures
    assert len(points) > 1 and fast["rate"] > small["rate"] and fast["luts"] > small["luts"]
    limited = run_trial(plan_of(limits=Limits(luts=100)), found, values, (), tmp_path / "trained")
    assert (
        limited.state == "pruned"
        and "no design of the net on arty-a7-35t is within the limits; the one of fewest" in limited.reason
    )


def test_a_hopeless_trial_is_stopped(tmp_path: Path) -> None:
    """It is no better than nets that are no larger; a smaller net is not compared with larger ones."""
    plan, found = plan_of(stop=True), find_factory(factory_in(tmp_path), ())
    good = [
        create_trial(state=COMPLETE, values=[0.5, 1.0], user_attrs={"outcome": {"reports": [[500, 0.9, 3], [1000, 0.9, 3]]}})
        for _ in range(4)
    ]  # fmt: skip
    worse = run_trial(plan, found, {"width": 4, "bits": 2, "fault": "none"}, good, tmp_path / "trained")
    assert worse.state == "pruned" and worse.reason == "hopeless after 50% of its training, at 12.500%"
    smaller = run_trial(plan, found, {"width": 2, "bits": 2, "fault": "none"}, good, tmp_path / "trained")
    assert smaller.state == "complete"
    assert hopeless([Report(500, 0.8, 9)], good) and not hopeless([Report(500, 0.8, 9)], good[:3])


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("digit", "did you mean digits"),
        ("digits-on-chip", "no recipe|leaves no model file"),
        ("{folder}/none.py:make", "cannot be loaded (FileNotFoundError"),
        ("no.such.module:make", "cannot be loaded (ModuleNotFoundError"),
        ("{folder}/mine.py:other", "has no function 'other'"),
        ("{folder}/mine.py:Choices", "two arguments"),
    ],
)
def test_what_is_no_factory(tmp_path: Path, what: str, says: str) -> None:
    factory_in(tmp_path)
    with pytest.raises(UserError) as raised:
        find_factory(what.format(folder=tmp_path), ())
    assert any(each in str(raised.value) for each in says.split("|")), raised.value
