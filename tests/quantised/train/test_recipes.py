import pytest

from hwflow.errors import UserError
from hwflow.quantised.train.recipes import RECIPES, SPIKING_RECIPES, find_recipe, find_spiking_recipe


def test_recipes_are_found_by_name() -> None:
    assert [find_recipe(recipe.name) for recipe in RECIPES] == list(RECIPES)
    assert {"can-ids", "digits", "mnist"} <= {recipe.name for recipe in RECIPES}


def test_unknown_recipe() -> None:
    with pytest.raises(UserError, match="can-ids"):
        find_recipe("can")


def test_spiking_recipes_are_told_from_those_with_a_model() -> None:
    assert {recipe.name for recipe in SPIKING_RECIPES} == {"spiking-digits", "spiking-digits-nir", "packets"}
    assert all(find_spiking_recipe(recipe.name) == recipe for recipe in SPIKING_RECIPES)
    assert find_spiking_recipe("digits") is None
    with pytest.raises(UserError, match="hwflow demo packets"):
        find_recipe("packets")
