"""`digits` and `mnist`: handwritten digits, of scikit-learn and of MNIST."""

from hwflow.apps.digits.images import digits_dataset, mnist_dataset
from hwflow.apps.recipe import RecipeApp
from hwflow.quantised.train.recipes import Recipe, Schedule

DIGITS = RecipeApp(
    Recipe(
        "digits", "scikit-learn's handwritten digits, 8 x 8 pixels", digits_dataset, Schedule((64, 64), 800, 1200, 128)
    )
)
MNIST = RecipeApp(
    Recipe(
        "mnist", "MNIST's handwritten digits, 28 x 28 pixels", mnist_dataset, Schedule((64, 64, 64), 1500, 4000, 256)
    )
)
