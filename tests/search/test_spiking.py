"""Spiking nets in the search: judged by the golden model, their cycles by the core's schedule, and remade as cores."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from search.plans import plan_of

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.progress import silent
from hwflow.search import TrainedSpiking
from hwflow.search.factory import find_factory
from hwflow.search.hardware import Limits
from hwflow.search.pick import pick
from hwflow.search.roads import into_folder, road_in
from hwflow.search.run import Place, show
from hwflow.search.spiking import ACTIVITY, Activity, SpikingRoad
from hwflow.search.worker import Job, work
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.fit import core_for
from hwflow.spiking.network import Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, initial, tick

ARTY = find_board("arty-a7-35t")


def trained(**changes: object) -> TrainedSpiking:
    """Two axons, each of which makes a neuron of its own fire: the class is the axon with more spikes."""
    weight = np.zeros((4, 2), np.int64)
    weight[:2] = 40 * np.eye(2, dtype=np.int64)
    network = SpikingNetwork("two", weight, Neurons.of(2, threshold=100), np.zeros(weight.shape, np.bool_), 2)
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 12)
    x = np.zeros((12, 9, 2), np.bool_)
    for sample, label in enumerate(y):
        x[sample, :6, label] = True
        x[sample, :2, 1 - label] = rng.integers(0, 2, 2)
    made = TrainedSpiking(
        network, x, y.astype(np.int64), ("a", "b"), lambda counts: counts.argmax(axis=1), 12, lambda: (x, y)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_it_is_judged_in_integers_and_kept(tmp_path: Path) -> None:
    given = trained()
    road = given.road
    made = road.made(given)
    assert made.evaluation.accuracy == 1.0 and made.evaluation.samples == 12
    folder = into_folder(made.files, tmp_path / "net")
    assert isinstance(road_in(folder), SpikingRoad) and road.read(folder).digest == made.network.digest


def test_cycles_are_those_of_the_schedule() -> None:
    given = trained()
    activity = Activity(**json.loads(SpikingRoad().made(given).files[ACTIVITY]))
    core = core_for(given.network, 1, 12)
    rules, state, before, cycles = Rules(given.network, core), initial(given.network), 0, []
    for sample in given.x:
        count = 0
        for spikes in sample:
            fired = int(np.count_nonzero(tick(rules, state, spikes.nonzero()[0])))
            count += tick_cycles(core).of(int(spikes.sum()) + before, fired, False)
            before = fired
        cycles.append(count)
    assert activity.cycles(tick_cycles(core).plain).tolist() == cycles and len(set(cycles)) > 1


def test_lanes_are_designs_within_limits(tmp_path: Path) -> None:
    given = trained(network=_wide())
    given = replace(given, x=np.repeat(given.x, 8, axis=2), said=lambda counts: counts[:, ::8].argmax(axis=1))
    road = SpikingRoad()
    folder = into_folder(road.made(given).files, tmp_path / "net")
    free = road.designs(folder, ARTY, Limits())
    assert [json.loads(each.folding)["lanes"] for each in free] == [8, 4, 2, 1]
    assert [each.luts for each in free] == sorted((each.luts for each in free), reverse=True)
    few = road.designs(folder, ARTY, Limits(luts=free[2].luts))
    assert few == free[2:]
    with pytest.raises(UserError, match="no core of the net on arty-a7-35t is within the limits"):
        road.designs(folder, ARTY, Limits(latency=0.01))


def _wide() -> SpikingNetwork:
    weight = np.zeros((32, 16), np.int64)
    weight[:16] = 40 * np.eye(16, dtype=np.int64)
    return SpikingNetwork("wide", weight, Neurons.of(16, threshold=100), np.zeros(weight.shape, np.bool_), 2)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"network": "no net"}, "The factory's net is a str; give a SpikingNetwork"),
        ({"x": np.zeros((12, 9, 3), np.bool_)}, r"samples have the shape \(12, 9, 3\); give spikes \[n, ticks, 2\]"),
        ({"y": np.zeros(3, np.int64)}, r"labels have the shape \(3,\)"),
        ({"y": np.zeros(12, np.int64)}, "all of one class"),
        ({"class_names": ("a",)}, "names 1 classes"),
    ],
)
def test_what_cannot_be_judged(changes: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        SpikingRoad().made(trained(**changes))


FACTORY = """
from dataclasses import dataclass
from typing import Annotated

from search.test_spiking import trained

from hwflow.search import Between, Trial


@dataclass(frozen=True)
class Choices:
    state_bits: Annotated[int, Between(10, 16)]


def make(choices: Choices, trial: Trial):
    return trained(state_bits=choices.state_bits)
"""


@pytest.mark.slow
def test_a_study_of_spiking_nets_and_a_point_of_it(tmp_path: Path) -> None:
    """Found, picked, compiled by its own core, and its register after every tick simulated on the test part."""
    (tmp_path / "mine.py").write_text(FACTORY)
    factory = f"{tmp_path / 'mine.py'}:make"
    plan = plan_of(factory, trials=2, space=find_factory(factory, ()).space.parameters)
    place = Place(tmp_path / "study", None, "study")
    place.folder.mkdir()
    place.store(silent).create(plan)
    work(Job(place.where, "study", plan.factory, (), str(place.trained), os.getpid()))
    found = show(place, silent)
    assert found.complete == 2 and found.front
    picked = pick(place, found.front[0].number, None, (), False, silent)
    assert picked.right and picked.remade.retrained and picked.remade.test is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "values", "budget"),
    [
        ("spiking-digits-nir", {"hidden": 16, "ticks": 8, "spikes": 4, "state_bits": 12, "reset": "subtract"}, 0.05),
        (
            "spiking-digits",
            {"neurons": 32, "ticks": 32, "spikes": 4, "potentiation": 20, "step": 192, "trace_decay": 500},
            0.02,
        ),
    ],
)
def test_the_spiking_recipes_are_factories(name: str, values: dict[str, object], budget: float) -> None:
    found = find_factory(name, (), budget)
    seen: list[float] = []

    class Watching:
        seed = 0

        def report(self, share: float, figure: float, size: float = 0.0) -> None:
            seen.append(share)

    given = found.factory(found.space.choices(values), Watching())
    assert isinstance(given, TrainedSpiking) and given.x.ndim == 3 and given.test is not None
    given = replace(given, x=given.x[:20], y=given.y[:20])
    made = given.road.made(given)
    assert made.evaluation.samples == 20 and seen == sorted(seen)
