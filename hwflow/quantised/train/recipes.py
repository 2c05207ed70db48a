"""The nets that hwflow knows how to train. To add one: a function that prepares its data, and a line in RECIPES."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hwflow.apps.can_ids.dataset import can_dataset
from hwflow.apps.can_ids.features import PAYLOAD_COLUMNS
from hwflow.dataset import Dataset
from hwflow.errors import UserError
from hwflow.quantised.train.images import digits_dataset, mnist_dataset

Progress = Callable[[str, float], None]  # what is being done, and how much of it is done, 0 … 1


@dataclass(frozen=True)
class Schedule:
    """How a net is trained.

    hidden: sizes of the hidden layers; float_steps, quantised_steps: of the float net, and of the quantised net that
    starts from its weights; batch: samples a step, fewer if the data are few; drop: the share of inputs set to 0 in
    training; exchange: first and last + 1 column that half of the samples of a batch swap with other samples, so that
    the net does not learn attack payloads by heart ((0, 0): none).
    """

    hidden: tuple[int, ...]
    float_steps: int
    quantised_steps: int
    batch: int = 512
    learning_rate: float = 5e-3
    drop: float = 0.0
    exchange: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Recipe:
    """A name for --recipe, one line about it, its data (from a file or None, and a seed) and how to train on them."""

    name: str
    description: str
    prepare: Callable[[Path | None, int], Dataset]
    schedule: Schedule
    bits: int = 2


RECIPES = (
    Recipe(
        "can-ids",
        "intrusion detection on a CAN bus, frame by frame: normal, DoS, fuzzing, two spoofing attacks",
        can_dataset,
        Schedule((32, 32), 3000, 4000, drop=0.05, exchange=PAYLOAD_COLUMNS),
    ),
    Recipe("digits", "scikit-learn's handwritten digits, 8 x 8 pixels", digits_dataset, Schedule((64, 64), 800, 1200, 128)),
    Recipe("mnist", "MNIST's handwritten digits, 28 x 28 pixels", mnist_dataset, Schedule((64, 64, 64), 1500, 4000, 256)),
)  # fmt: skip


@dataclass(frozen=True)
class SpikingRecipe:
    """An application of the spiking core. least: the accuracy it must reach, None where nothing is classified."""

    name: str
    description: str
    least: float | None = None


DIGITS_LEARNT = SpikingRecipe("spiking-digits", "8 x 8 digits learnt on the chip by STDP, without labels", 0.80)
DIGITS_NIR = SpikingRecipe("spiking-digits-nir", "8 x 8 digits, trained by surrogate gradients, through NIR", 0.95)
PACKETS = SpikingRecipe("packets", "headers of packets learnt from one presentation by supervised STDP")
SPIKING_RECIPES = (DIGITS_LEARNT, DIGITS_NIR, PACKETS)


def find_recipe(name: str) -> Recipe:
    """The recipe of that name. Raises UserError if there is none."""
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    if find_spiking_recipe(name):
        raise UserError(
            f"{name} is a recipe of the spiking core and has no model of its own; see `hwflow demo {name}`."
        )
    names = ", ".join(recipe.name for recipe in (*RECIPES, *SPIKING_RECIPES))
    raise UserError(f"There is no recipe {name!r}; the recipes are {names}.")


def find_spiking_recipe(name: str) -> SpikingRecipe | None:
    """The recipe of the spiking core of that name, if there is one."""
    return next((recipe for recipe in SPIKING_RECIPES if recipe.name == name), None)
