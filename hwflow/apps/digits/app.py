"""`digits` and `mnist`: handwritten digits, of scikit-learn and of MNIST; and nets that are graphs, on either of them."""

from hwflow.apps.digits.images import digits_dataset, digits_or_mnist, mnist_dataset
from hwflow.apps.recipe import RecipeApp
from hwflow.quantised.train.recipes import Net, Recipe, Schedule

DIGITS = RecipeApp(
    Recipe(
        "digits",
        "scikit-learn's handwritten digits, 8 x 8 pixels",
        digits_dataset,
        Schedule((64, 64), 800, 1200, 128),
        input_bits=5,
    )
)
MNIST = RecipeApp(
    Recipe(
        "mnist", "MNIST's handwritten digits, 28 x 28 pixels", mnist_dataset, Schedule((64, 64, 64), 1500, 4000, 256)
    )
)


def _graph(name: str, description: str, net: Net, hidden: tuple[int, ...], bits: int) -> RecipeApp:
    return RecipeApp(Recipe(name, description, digits_or_mnist, Schedule(hidden, 400, 1500, 128, 1e-2), bits, net))


GRAPHS = (
    _graph("hourglass", "digits through a frozen random projection and a narrow block with a skip", Net.HOURGLASS, (64, 16), 3),
    _graph("two-stream", "digits, their two halves apart until the end", Net.TWO_STREAM, (16,), 3),
    _graph("dendrites", "digits, with frozen nodes beside the neurons", Net.DENDRITES, (12, 4), 3),
    _graph("mixer", "digits, their rows as tokens", Net.MIXER, (8, 4), 2),
    _graph("kan", "digits by a Kolmogorov-Arnold layer, a table for each edge", Net.KAN, (5, 3), 4),
)  # fmt: skip
