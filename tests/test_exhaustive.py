"""benchmarks/exhaustive.py: all foldings are looked at, and a model that is wrong is found out."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))
from exhaustive import NETS, all_foldings, random_net, within_room

from hwflow.quantised.backend.choose import Space
from hwflow.quantised.backend.estimate import MeasuredAs, measured_as, unit_cost
from hwflow.resources import Resources

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def space() -> Space:
    return Space(random_net(NETS["two"]), "ecp5")


def costs(space: Space) -> dict[MeasuredAs, Resources]:
    """Of all units, as they are modelled."""
    units = [option.unit for layer in space.layers for option in layer]
    return {measured_as(unit): unit_cost(unit, space.family) for unit in units}


def test_under_the_model_itself_the_chosen_is_the_best(space: Space) -> None:
    every = all_foldings(space, {})
    assert (
        len({tuple(choice.folding.folds.items()) for choice in every})
        == len(every)
        == len(space.layers[0]) * len(space.layers[1])
    )
    needs = sorted({choice.need.luts for choice in every})
    modelled = costs(space)
    for luts in needs:
        found = within_room(space, every, luts, modelled)
        for chosen in (found.modelled, found.measured):
            assert chosen.luts <= luts and found.slower(chosen) == 1
    intervals = {within_room(space, every, luts, modelled).best.interval for luts in needs}
    assert len(intervals) > 1  # there is something to choose


def test_units_that_synthesis_finds_larger_or_smaller_are_told(space: Space) -> None:
    modelled = costs(space)
    luts = max(choice.need.luts for choice in all_foldings(space, modelled))
    chosen = within_room(space, all_foldings(space, {}), luts, modelled).modelled.choice
    assert chosen is not None
    name, fold = next(iter(chosen.folding.folds.items()))
    true = modelled | {(name, fold): replace(modelled[name, fold], luts=luts)}
    found = within_room(space, all_foldings(space, true), luts, true)
    assert found.slower(found.modelled) is None  # it does not fit
    assert found.slower(found.measured) == 1  # another does

    least = min(choice.need.luts for choice in all_foldings(space, modelled))
    free = {key: replace(cost, luts=0) for key, cost in modelled.items()}
    found = within_room(space, all_foldings(space, free), least, free)
    slower = found.slower(found.modelled)
    assert slower is not None and slower > 1  # a faster one fits
