"""Spaces: what a dataclass says, what narrows them, and what is refused."""

from dataclasses import dataclass
from typing import Annotated, Literal

import pytest

from hwflow.errors import UserError
from hwflow.search.objectives import OBJECTIVES, front, objectives_named
from hwflow.search.recipe import MlpChoices, recipe_factory
from hwflow.search.space import Between, Space, space_of
from hwflow.search.store import distribution


@dataclass(frozen=True)
class Choices:
    width: Annotated[int, Between(4, 32, 4)]
    rate: Annotated[float, Between(1e-4, 1e-1, log=True)]
    form: Literal["plain", "wide"]
    skip: bool


@dataclass(frozen=True)
class Unranged:
    width: int


@dataclass(frozen=True)
class Nothing:
    pass


@dataclass(frozen=True)
class Backwards:
    width: Annotated[int, Between(8, 4)]


def test_a_dataclass_is_a_space() -> None:
    space = space_of(Choices)
    assert [(p.name, p.size) for p in space.parameters] == [
        ("width", 8),
        ("rate", float("inf")),
        ("form", 2),
        ("skip", 2),
    ]
    assert space.choices({"width": 8, "rate": 0.1, "form": "wide", "skip": 1}) == Choices(8, 0.1, "wide", True)


def test_it_is_narrowed() -> None:
    space = space_of(Choices).narrowed(["width=8..16", "form=wide"])
    width, rate, form, skip = space.parameters
    assert (width.low, width.high, width.step) == (8, 16, 4) and form.options == ("wide",)
    listed = space_of(Choices).narrowed(["width=4,32"]).parameters[0]
    assert listed.options == (4, 32) and distribution(listed).to_internal_repr(32) == 1
    assert (
        not distribution(width)._contains(7) and distribution(rate)._contains(0.01) and distribution(skip)._contains(1)
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("depth=1", "no such choice; there are width, rate"),
        ("width", "NAME=LOW..HIGH"),
        ("width=2..8", "beyond what there is; width may be 4..32"),
        ("width=a", "'a' is no whole number"),
        ("form=round", "form may be plain,wide"),
    ],
)
def test_what_does_not_narrow_it(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        space_of(Choices).narrowed([text])


@pytest.mark.parametrize(
    ("space", "says"),
    [
        (lambda: space_of(Nothing), "empty: Nothing has no fields"),
        (lambda: space_of(Backwards), "empty: width has no value"),
        (lambda: Space(Nothing, space_of(MlpChoices).narrowed(["depth=2"]).parameters[:1]), "a single point, so that every objective is constant"),
    ],
)  # fmt: skip
def test_a_space_with_nothing_to_choose(space, says: str) -> None:
    with pytest.raises(UserError, match=says):
        space().check()


@pytest.mark.parametrize("kind", [Unranged, int])
def test_what_is_no_space(kind: type) -> None:
    with pytest.raises(UserError, match=r"has no range; write it as|is no dataclass"):
        space_of(kind)


def test_equal_nets_are_one() -> None:
    values = {
        parameter.name: int(parameter.high) if not parameter.options else parameter.options[0]
        for parameter in space_of(MlpChoices).parameters
    }
    one = recipe_factory("digits", ()).space.choices(values)
    other = recipe_factory("digits", ()).space.choices(values | {"width2": 4, "weight_bits3": 2})
    assert one == other and one.depth == 1 and one.hidden == (128,)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["acuracy"], "no objective"),
        (["luts", "luts"], "name one twice"),
        (["luts", "rate"], "No objective is of accuracy"),
    ],
)
def test_objectives_that_are_none(names: list[str], says: str) -> None:
    with pytest.raises(UserError, match=says):
        objectives_named(names)


def test_the_front_holds_what_no_other_beats() -> None:
    accuracy, luts = OBJECTIVES["accuracy"], OBJECTIVES["luts"]
    points = [
        ("a", (0.9, 100)),
        ("b", (0.9, 90)),
        ("c", (0.8, 90)),
        ("d", (0.95, 200)),
        ("e", (0.9, 90)),
        ("f", (0.5, 10)),
    ]
    assert front(points, (accuracy, luts)) == ["b", "d", "f"]
