"""What makes a trained net of choices: a recipe of the project, or a function of the user's own."""

import importlib
import importlib.util
import inspect
import sys
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.search.space import Space, space_of
from hwflow.sources import Source

if TYPE_CHECKING:
    from hwflow.search.roads import Road


class Trial(Protocol):
    """The trial that a factory trains for. seed: decides all that is drawn in training, the same for every trial."""

    @property
    def seed(self) -> int: ...

    def report(self, share: float, figure: float, size: float = 0.0) -> None:
        """Tell how good the net is so far. Does not return if the trial is hopeless: let what it raises pass.

        share: of the training that is done, 0 … 1; figure: accuracy on validation data, or another of which more is
        better; size: of the net, as in bits of weights: a net is compared with earlier ones that are no larger.
        """
        ...


class Gift(ABC):
    """What a factory gives, of either family."""

    @property
    @abstractmethod
    def road(self) -> "Road":
        """What is done with nets of its family."""


@dataclass(frozen=True, eq=False)
class Trained(Gift):
    """What a factory gives.

    net: a torch module with Brevitas layers, trained; x: validation samples as the net takes them [n, inputs]; y: their
    classes [n], indices in class_names; test: gives x and y of the test part, which the search never asks for: it is
    called once, for a point that the user names.
    """

    net: Any
    x: NDArray[Any]
    y: NDArray[np.int64]
    class_names: tuple[str, ...]
    test: Callable[[], tuple[NDArray[Any], NDArray[np.int64]]] | None = None

    @property
    def road(self) -> "Road":
        from hwflow.search.quantised import QuantisedRoad

        return QuantisedRoad()


@dataclass(frozen=True, eq=False)
class TrainedSpiking(Gift):
    """What a factory of spiking nets gives.

    network: a hwflow.SpikingNetwork, which is in integers; x: validation samples as axon spikes, bool [n, ticks, axons], shown one
    behind the other, so that each ends in silence if it is not to disturb the next; y and class_names: as in `Trained`; said:
    the classes [n] that the spikes of all neurons, counted for each sample [n, neurons], speak for; state_bits: of membranes
    in the core, at least; test: as in `Trained`, of such samples.
    """

    network: Any
    x: NDArray[np.bool_]
    y: NDArray[np.int64]
    class_names: tuple[str, ...]
    said: Callable[[NDArray[np.int64]], NDArray[np.int64]]
    state_bits: int = 16
    test: Callable[[], tuple[NDArray[Any], NDArray[np.int64]]] | None = None

    @property
    def road(self) -> "Road":
        from hwflow.search.spiking import SpikingRoad

        return SpikingRoad()


Factory = Callable[[Any, Trial], Gift]


@dataclass(frozen=True)
class Found:
    """A factory, the space of its choices, and a name for it."""

    name: str
    factory: Factory
    space: Space


def find_factory(what: str, data: Sequence[Source], budget: float = 1.0) -> Found:
    """`PACKAGE.MODULE:FUNCTION` or `FILE.py:FUNCTION`, else a recipe with its data, trained for a share of its steps.

    Raises UserError if there is no such thing, or if the function does not say of what dataclass its choices are.
    """
    place, colon, name = what.rpartition(":")
    if not colon:
        from hwflow.search.chip import SPIKING, spiking_factory
        from hwflow.search.recipe import recipe_factory

        return spiking_factory(what, data, budget) if what in SPIKING else recipe_factory(what, data, budget)
    if data:
        raise UserError(f"{what} has its own data and cannot use {data[0].path}; leave out --data.")
    if budget != 1.0:
        raise UserError(f"{what} trains as it likes; leave out --budget.")
    function = getattr(_module(place), name, None)
    if not callable(function):
        raise UserError(
            f"{place} has no function {name!r}; name the factory as FILE.py:FUNCTION or PACKAGE.MODULE:FUNCTION."
        )
    return Found(name, function, space_of(_kind(function, what)))


def _module(place: str) -> Any:
    try:
        if not place.endswith(".py"):
            if "" not in sys.path and str(Path.cwd()) not in sys.path:
                sys.path.append(str(Path.cwd()))  # which the program `hwflow` has not, but Python has
            return importlib.import_module(place)
        path = Path(place).resolve()
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # where dataclasses look for the names in annotations
        spec.loader.exec_module(module)
        return module
    except Exception as error:  # whatever a file of the user's raises when it is loaded
        raise UserError(
            f"{place} cannot be loaded ({type(error).__name__}: {str(error)[:150]}); see that Python imports it."
        ) from None


def _kind(function: Any, what: str) -> Any:
    names = list(inspect.signature(function).parameters)
    hints = typing.get_type_hints(function)
    if len(names) != 2 or names[0] not in hints:
        raise UserError(
            f"{what} must take two arguments, the choices and the trial, the first annotated with a dataclass of ranges."
        )
    return hints[names[0]]
