import pytest

from hwflow.apps import applications, find_application, find_recipe
from hwflow.errors import UserError


def test_applications_are_found_by_name() -> None:
    assert [find_application(one.name) for one in applications()] == list(applications())
    names = {
        "can-ids",
        "can-ids-small",
        "can-ids-masquerade",
        "digits",
        "mnist",
        "spiking-digits",
        "spiking-digits-nir",
        "packets",
    }
    names |= {"spiking-digits-taught", "spiking-mnist", "spiking-mnist-nir", "spiking-mnist-unsupervised", "reward"}
    assert {one.name for one in applications()} >= names
    assert all(one.description for one in applications())


def test_unknown_ones_are_told_with_a_near_name() -> None:
    with pytest.raises(UserError, match="did you mean can-ids"):
        find_recipe("can-id")
    with pytest.raises(UserError, match="There is no recipe 'xyz'; the recipes are can-ids"):
        find_application("xyz")


def test_those_that_train_a_model_are_told_from_those_that_do_not() -> None:
    trains = {one.name for one in applications() if one.recipe}
    assert trains == {
        "can-ids",
        "can-ids-small",
        "can-ids-masquerade",
        "digits",
        "mnist",
        "hourglass",
        "two-stream",
        "dendrites",
        "mixer",
        "kan",
    }
    assert all(find_recipe(name).name == name for name in trains)
    with pytest.raises(UserError, match="hwflow demo packets"):
        find_recipe("packets")
