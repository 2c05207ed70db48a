"""The spiking recipes as factories: the sizes, bits, rates and rules of each that may be chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.digits_on_chip.competition import Competition, classify, digits_and_a_fifth, name_neurons
from hwflow.apps.digits_on_chip.learning import frozen
from hwflow.dataset import Dataset
from hwflow.errors import UserError
from hwflow.paths import scratch_folder
from hwflow.search.factory import Factory, Found, TrainedSpiking, Trial
from hwflow.search.space import Between, space_of
from hwflow.sources import Source
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import load
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.train.coding import Spikes, rate_code

_VALIDATION = 240  # of the training images, the last ones
_SILENCE = 100  # ticks after an image, which bring any state back to rest
_DT = 1e-3  # seconds of a tick
_BRIGHTEST = 16
_NAMING = 300  # images that name the neurons
_LOOKS = 4  # at a net while it learns


@dataclass(frozen=True)
class SurrogateChoices:
    """Trained off the chip: hidden neurons; ticks of an image, and spikes of a bright pixel in them; bits of a membrane in
    the core; whether a neuron that fires is set to zero or lowered by its threshold."""

    hidden: Annotated[int, Between(16, 128, 16)]
    ticks: Annotated[int, Between(8, 24, 4)]
    spikes: Annotated[int, Between(2, 10)]
    state_bits: Annotated[int, Between(10, 16)]
    reset: Literal["zero", "subtract"]


@dataclass(frozen=True)
class CompetitionChoices:
    """Learnt on the chip: competing neurons; ticks of an image, and spikes of an axon at the full rate; by how much a spike
    raises weights, a threshold, and the trace that the rule goes by, of which a 65,536th share decays in a tick."""

    neurons: Annotated[int, Between(32, 256, 32)]
    ticks: Annotated[int, Between(32, 96, 16)]
    spikes: Annotated[int, Between(2, 8)]
    potentiation: Annotated[int, Between(5, 40, 5)]
    step: Annotated[int, Between(64, 384, 64)]
    trace_decay: Annotated[int, Between(250, 4000, log=True)]


def _surrogate(budget: float, choices: SurrogateChoices, trial: Trial) -> TrainedSpiking:
    from hwflow.spiking.train.surrogate import Training, train_layers, write_nir

    data = digits_and_a_fifth(trial.seed)
    coded = partial(_rates, ticks=choices.ticks, spikes=choices.spikes)
    how = Training(choices.hidden, reset=choices.reset)
    how = replace(how, steps=max(1, round(how.steps * budget)))
    x, y = data.x_train[:-_VALIDATION], data.y_train[:-_VALIDATION]
    layers = train_layers(coded(x, 2), y, len(data.class_names), how, trial.seed, lambda what, share: None)
    with scratch_folder() as scratch:
        write_nir(layers, scratch / "net.nir")
        # However few the bits: how much that costs is what is judged.
        found = load(
            scratch / "net.nir", dt=_DT, state_bits=choices.state_bits, reset=choices.reset, clip=True, allow_error=1e9
        )
    network, outputs = found.network, found.network.outputs
    return TrainedSpiking(network, coded(data.x_train[-_VALIDATION:], _SILENCE), data.y_train[-_VALIDATION:], data.class_names,
                          lambda counts: counts[:, outputs].argmax(axis=1), choices.state_bits,
                          lambda: (coded(data.x_test, _SILENCE), data.y_test))  # fmt: skip


def _rates(pixels: NDArray[np.uint8], silence: int, ticks: int, spikes: int) -> Spikes:
    return np.stack([rate_code(one / _BRIGHTEST, spikes, ticks, silence) for one in pixels])


def _competing(budget: float, choices: CompetitionChoices, trial: Trial) -> TrainedSpiking:
    """Learns by the golden model, which the core equals; judged with what it has learnt frozen."""
    data = digits_and_a_fifth(trial.seed)
    how = Competition(neurons=choices.neurons, ticks=choices.ticks, spikes=choices.spikes, potentiation=choices.potentiation,
                      step=choices.step, trace_decay=choices.trace_decay)  # fmt: skip
    shown = data.x_train[:-_VALIDATION]
    count = min(len(shown), max(1, round(len(shown) * budget)))
    network = how.network(shown.shape[1], trial.seed)
    golden = GoldenModel(core_for(network, 1))
    golden.load(network)
    size = network.axons * network.size * 8

    def done() -> SpikingNetwork:
        return frozen(network, golden.state())

    for number, image in enumerate(how.encode(shown[:count], _BRIGHTEST), 1):
        fired = golden.run(image, learn=True)
        golden.normalise(np.flatnonzero(fired.any(axis=0)).tolist())
        if number % -(-count // _LOOKS) == 0 and number < count:
            trial.report(number / count, _accuracy(done(), how, data, 100), size)
    learnt = done()
    names = _names(learnt, how, data, _NAMING)
    return TrainedSpiking(learnt, how.encode(data.x_train[-_VALIDATION:], _BRIGHTEST), data.y_train[-_VALIDATION:],
                          data.class_names, lambda counts: classify(counts, names),
                          test=lambda: (how.encode(data.x_test, _BRIGHTEST), data.y_test))  # fmt: skip


def _accuracy(network: SpikingNetwork, how: Competition, data: Dataset, count: int) -> float:
    """On some validation images, neurons named by as many training images."""
    x, y = data.x_train[-_VALIDATION:][:count], data.y_train[-_VALIDATION:][:count]
    names = _names(network, how, data, count)
    return float((classify(_responses(network, how.encode(x, _BRIGHTEST)), names) == y).mean())


def _names(network: SpikingNetwork, how: Competition, data: Dataset, count: int) -> NDArray[np.float64]:
    """What each neuron's spikes say of the class, by the last of the training images."""
    x, y = data.x_train[:-_VALIDATION][-count:], data.y_train[:-_VALIDATION][-count:]
    return name_neurons(_responses(network, how.encode(x, _BRIGHTEST)), y, len(data.class_names))


def _responses(network: SpikingNetwork, images: Spikes) -> NDArray[np.int64]:
    """Spikes of each neuron for each image [n, N], from the net's start on."""
    golden = GoldenModel(core_for(network, 1))
    golden.load(network)
    return golden.present(images, rest=False)


# What may be chosen, and what makes a net of a choice.
SPIKING: dict[str, tuple[type[Any], Callable[..., TrainedSpiking]]] = {
    "spiking-digits-nir": (SurrogateChoices, _surrogate),
    "spiking-digits": (CompetitionChoices, _competing),
}


def spiking_factory(name: str, data: Sequence[Source], budget: float = 1.0) -> Found:
    """A spiking recipe as a factory. budget: steps of training, or images to learn from, as a share of the recipe's own.

    Raises UserError for data, which these recipes have themselves.
    """
    if data:
        raise UserError(f"Recipe {name} has its own images and cannot use {data[0].path}; leave out --data.")
    kind, make = SPIKING[name]
    factory: Factory = partial(make, budget)
    return Found(name, factory, space_of(kind))
