"""Whole searches: the same whatever became of the workers, and points that are remade bit for bit."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from search.plans import factory_in, plan_of

from hwflow.errors import UserError
from hwflow.progress import silent
from hwflow.project import ProjectFolder
from hwflow.search.factory import find_factory
from hwflow.search.files import write
from hwflow.search.pick import read_point, remake
from hwflow.search.plan import Plan
from hwflow.search.roads import road_in
from hwflow.search.run import Place, resume, show
from hwflow.search.store import Store
from hwflow.search.worker import Job, work

pytestmark = pytest.mark.slow


def carried_out(plan: Plan, folder: Path) -> Place:
    """The search, by one worker in this process."""
    place = Place(folder, None, "study")
    folder.mkdir(exist_ok=True)
    place.store(silent).create(plan)
    work(Job(place.where, "study", plan.factory, (), str(place.trained), os.getpid()))
    return place


def points(place: Place) -> list[tuple[str, str, dict[str, float]]]:
    return [(point.number, point.network, point.figures) for point in show(place, silent).front]


def test_a_search_killed_and_resumed_is_the_undisturbed_one(tmp_path: Path) -> None:
    """One worker, killed with its command, and two that go on, against one that nobody kills."""
    plan = plan_of(factory_in(tmp_path), trials=10, sampler="tpe", stop=True, lag=3)
    calm = carried_out(plan, tmp_path / "calm")
    place = Place(tmp_path / "killed", None, "study")
    place.store(silent).create(plan)
    command = [sys.executable, "-m", "hwflow", "search", plan.factory, "--out", str(place.folder), "--name", "study",
               "--resume", "--workers"]  # fmt: skip
    running = subprocess.Popen([*command, "1"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    store = Store(place.where, "study")
    store.join()
    until = time.monotonic() + 60
    while not any(trial.state.is_finished() for trial in store.trials()) and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    ended = subprocess.run([*command, "2"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert points(place) == points(calm)
    assert len(store.trials()) == 10 and all(trial.state.is_finished() for trial in store.trials())


def test_a_point_is_remade_bit_for_bit(tmp_path: Path) -> None:
    plan = plan_of(factory_in(tmp_path), trials=3)
    place = carried_out(plan, tmp_path / "study")
    found = show(place, silent)
    write(found, place.folder)
    record = read_point(place.folder / "points" / f"{found.front[0].number}.json")
    assert record.plan == plan and record.choices == found.front[0].choices
    made = remake(record, (), tmp_path / "again")
    assert made.retrained and made.test is not None and made.test.samples == 30
    assert json.loads((tmp_path / "again/point.json").read_text())["network"] == made.network
    document = json.loads((place.folder / "search.json").read_text())
    assert document["complete"] == 3 and document["front"] and "every" not in document
    with pytest.raises(UserError, match="--pick 99 names no point; take one of the front"):
        found.point("99")


def test_a_point_is_the_same_project_on_another_machine(tmp_path: Path) -> None:
    """From its record alone, by commands, in another folder, for another user, whose cache is empty."""
    found = find_factory("digits", (), 0.002)
    space = found.space.narrowed(["depth=1", "width1=8..12", "weight_bits1=2", "activation_bits1=2", "input_bits=2"])
    plan = plan_of("digits", trials=1, space=space.parameters, budget=0.002)
    place = carried_out(plan, tmp_path / "study")
    front = show(place, silent).front
    write(show(place, silent), place.folder)
    here = road_in(place.trained / front[0].key).compile(
        place.trained / front[0].key, plan.board, None, tmp_path / "here", front[0].hardware, silent
    )
    there = tmp_path / "another"
    (there / "home").mkdir(parents=True)
    (there / "point.json").write_bytes((place.folder / "points" / f"{front[0].number}.json").read_bytes())
    home = {"HOME": str(there / "home"), "XDG_CACHE_HOME": str(there / "cache")}
    compiling = (
        "compile",
        "again/model.onnx",
        "--argmax",
        "--folding",
        "again/folding.json",
        "--board",
        plan.board,
        "--out",
        "project",
    )
    for words in (("train", "point.json", "--out", "again/model.onnx"), compiling):
        ended = subprocess.run([sys.executable, "-m", "hwflow", *words], cwd=there, env=os.environ | home, capture_output=True,
                               text=True, check=False)  # fmt: skip
        assert ended.returncode == 0, ended.stderr
    assert ProjectFolder.read(there / "project").digest == here.compiled.digest


class Here:
    """Workers of which there is one, in this process."""

    def __init__(self, job: Job, log: Path, workers: int) -> None:
        self._job = job

    def __enter__(self) -> "Here":
        work(self._job)
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def look(self) -> bool:
        return False


def test_a_study_stops_after_five_failures_and_goes_on_when_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(factory_in(tmp_path), trials=8)
    plan = replace(plan, space=(*plan.space[:2], replace(plan.space[2], options=("raises",))))
    place = carried_out(plan, tmp_path / "study")
    found = show(place, silent)
    assert (
        not found.right
        and "5 trials in a row failed, the last because: The factory raised RuntimeError: no data today; mend"
        in found.wrong
    )
    assert found.waiting == 3 and sum(found.failed.values()) == 5
    monkeypatch.setattr("hwflow.search.run._Crew", Here)
    again = resume(place, plan.factory, (), (), 1, silent)
    assert again.waiting == 0 and again.right
    with pytest.raises(UserError, match="is of .*mine.py:make, not of digits"):
        resume(place, "digits", (), (), 1, silent)
