import pytest

from hwflow.errors import UserError
from hwflow.train.recipes import RECIPES, find_recipe


def test_recipes_are_found_by_name() -> None:
    assert [find_recipe(recipe.name) for recipe in RECIPES] == list(RECIPES)
    assert {"can-ids", "digits", "mnist"} <= {recipe.name for recipe in RECIPES}


def test_unknown_recipe() -> None:
    with pytest.raises(UserError, match="can-ids"):
        find_recipe("can")
