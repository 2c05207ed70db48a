"""The project's recipes as factories: the choices of each, and how their data are cut down to what was chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hwflow.apps import find_recipe
from hwflow.dataset import Dataset, Samples
from hwflow.errors import UserError
from hwflow.quantised.train.recipes import Net, Recipe, Schedule
from hwflow.search.factory import Factory, Found, Trained, Trial
from hwflow.search.space import Between, space_of
from hwflow.sources import Source

Width = Annotated[int, Between(4, 128, 4)]
Bits = Annotated[int, Between(1, 8)]
_LAYERS = 3


@dataclass(frozen=True)
class MlpChoices:
    """An MLP: depth hidden layers of width1 … neurons, the bits of each matrix and activation, those of the last matrix,
    the share of weights pruned, the share of the inputs that is kept (the most telling ones), and how many of the highest
    bits of each.
    """

    depth: Literal[1, 2, 3]
    width1: Width
    width2: Width
    width3: Width
    weight_bits1: Bits
    weight_bits2: Bits
    weight_bits3: Bits
    weight_bits_last: Bits
    activation_bits1: Bits
    activation_bits2: Bits
    activation_bits3: Bits
    pruned: Literal[0, 25, 50, 75]
    inputs: Literal[25, 50, 75, 100]
    input_bits: Bits

    @property
    def hidden(self) -> tuple[int, ...]:
        return (self.width1, self.width2, self.width3)[: self.depth]

    @property
    def weight_bits(self) -> tuple[int, ...]:
        return (*(self.weight_bits1, self.weight_bits2, self.weight_bits3)[: self.depth], self.weight_bits_last)

    @property
    def activation_bits(self) -> tuple[int, ...]:
        return (self.activation_bits1, self.activation_bits2, self.activation_bits3)[: self.depth]

    def reduced(self) -> "MlpChoices":
        """The same with layers that there are not at their least."""
        least = {
            f"{name}{layer}": 4 if name == "width" else 1
            for layer in range(self.depth + 1, _LAYERS + 1)
            for name in ("width", "weight_bits", "activation_bits")
        }
        whole = all(bits == 1 for bits in self.weight_bits)
        return replace(self, **least, **({"pruned": 0} if whole else {}))  # type: ignore[arg-type]


@dataclass(frozen=True)
class GraphChoices:
    """A net that is a graph: its bits, and the sizes that `hidden` of its recipe means, in percent of the recipe's."""

    bits: Annotated[int, Between(2, 8)]
    size: Annotated[int, Between(25, 200, 25)]


def recipe_factory(name: str, data: Sequence[Source], budget: float = 1.0) -> Found:
    """A recipe as a factory. budget: steps of training, as a share of the recipe's own.

    Raises UserError if there is no such recipe, or if it trains nothing.
    """
    recipe = find_recipe(name)

    @cache
    def prepared(seed: int) -> Dataset:
        return recipe.prepare(data, seed)

    if recipe.net is not Net.MLP:
        return Found(name, _graphs(recipe, prepared, budget), space_of(GraphChoices))
    space = space_of(MlpChoices).narrowed([f"input_bits=1..{recipe.input_bits}"])
    return Found(name, _mlps(recipe, prepared, budget), space)


def shortened(schedule: Schedule, budget: float) -> Schedule:
    """The schedule with a share of its steps."""
    steps = (max(1, round(count * budget)) for count in (schedule.float_steps, schedule.quantised_steps))
    return replace(schedule, **dict(zip(("float_steps", "quantised_steps"), steps, strict=True)))  # type: ignore[arg-type]


def _mlps(recipe: Recipe, prepared: Callable[[int], Dataset], budget: float) -> Factory:
    def make(choices: MlpChoices, trial: Trial) -> Trained:
        from hwflow.quantised.train.brevitas import classify
        from hwflow.quantised.train.mixed import Shape, train_mixed

        whole = prepared(trial.seed)
        columns = most_telling(whole, choices.inputs / 100)
        data = cut_down(whole, columns, choices.input_bits)
        shape = Shape(choices.hidden, choices.weight_bits, choices.activation_bits, choices.pruned / 100)
        size = shape.weight_memory(len(columns), len(data.class_names))
        schedule = replace(shortened(recipe.schedule, budget), exchange=moved(recipe.schedule.exchange, columns))

        def watch(net: Any, share: float) -> None:
            trial.report(share, float((classify(net, data.x_validation) == data.y_validation).mean()), size)

        return _trained(train_mixed(data, schedule, shape, trial.seed, watch), data)

    return make


def _graphs(recipe: Recipe, prepared: Callable[[int], Dataset], budget: float) -> Factory:
    def make(choices: GraphChoices, trial: Trial) -> Trained:
        from hwflow.quantised.train.brevitas import train_pair

        data = prepared(trial.seed)
        hidden = tuple(max(2, round(size * choices.size / 100)) for size in recipe.schedule.hidden)
        schedule = replace(shortened(recipe.schedule, budget), hidden=hidden)
        _, net = train_pair(data, schedule, choices.bits, trial.seed, lambda what, share: None, recipe.net)
        return _trained(net, data)

    return make


def _trained(net: Any, data: Dataset) -> Trained:
    def test() -> tuple[NDArray[Any], NDArray[np.int64]]:
        return data.x_test, data.y_test

    if not len(data.y_validation):
        raise UserError("The data leave nothing for validation; give more of them.")
    return Trained(net, data.x_validation, data.y_validation, data.class_names, test)


def most_telling(data: Dataset, share: float) -> NDArray[np.int64]:
    """The columns, ascending, of that share of the inputs whose mean differs most between classes, as judged by the
    training part: the variance between classes, as a share of all."""
    count = max(1, round(share * data.x_train.shape[1]))
    x = data.x_train.astype(np.float64)
    mean = x.mean(axis=0)
    between = np.zeros(x.shape[1])
    for label in np.unique(data.y_train):
        own = x[data.y_train == label]
        between += len(own) * (own.mean(axis=0) - mean) ** 2
    spread = ((x - mean) ** 2).sum(axis=0)
    telling = np.divide(between, spread, out=np.zeros_like(between), where=spread > 0)
    return np.sort(np.argsort(-telling, kind="stable")[:count])


def cut_down(data: Dataset, columns: NDArray[np.int64], bits: int) -> Dataset:
    """The data with these columns alone, and of each value the highest `bits` of its bits, or all if there are no more."""
    kept = min(bits, data.input_bits)

    def cut(x: Samples) -> Samples:
        return np.ascontiguousarray(x[:, columns] >> (data.input_bits - kept))

    return data.mapped(
        cut,
        input_bits=kept,
        feature_names=tuple(data.feature_names[column] for column in columns.tolist()),
        identifier_columns=int((columns < data.identifier_columns).sum()),
    )


def moved(exchange: tuple[int, int], columns: NDArray[np.int64]) -> tuple[int, int]:
    """Where columns that followed each other lie among those that are kept."""
    first, last = np.searchsorted(columns, exchange)
    return int(first), int(last)
