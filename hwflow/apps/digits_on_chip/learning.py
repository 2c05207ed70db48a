"""Digits learnt on the spiking core by competition."""

from dataclasses import dataclass, replace

import numpy as np

from hwflow.apps.digits_on_chip.competition import Competition, classify, name_neurons
from hwflow.apps.digits_on_chip.pictured import Pictured, activity_of
from hwflow.dataset import Dataset
from hwflow.evaluation import Evaluation, evaluate
from hwflow.ints import IntArray
from hwflow.progress import Progress
from hwflow.spiking import reference as golden
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.reference import State
from hwflow.spiking.report.activity import Activity
from hwflow.spiking.train.coding import Spikes

_AT_ONCE = 40  # images
_LOOKS = (25, 50, 100, 200, 400, 800)  # images after which the accuracy is looked at
_NAMING, _LOOK_NAMING = 800, 300  # images that name the neurons: at the end, and at a look


@dataclass(frozen=True, eq=False)
class Learnt:
    """What came of learning: the net as it is then, thresholds and all, and how well it classifies."""

    network: SpikingNetwork
    evaluation: Evaluation
    curve: tuple[tuple[int, float], ...]
    naming: int
    activity: Activity


def frozen(network: SpikingNetwork, state: State) -> SpikingNetwork:
    """The net as it is after learning: weights, thresholds raised by the adaptation, and nothing that changes them."""
    neurons = replace(network.neurons, threshold=network.neurons.threshold + state.adaptation)
    learning = replace(network.learning, potentiation=0, depression=0, adaptation_step=0, target=0)
    return replace(network, weight=state.weight, neurons=neurons, learning=learning)


def learn_digits(lockstep: Lockstep, how: Competition, data: Dataset, seed: int, progress: Progress) -> Learnt:
    """Show every training image once, learning; then name the neurons by some of them, and classify the test images."""
    brightest = int(data.x_train.max())
    network = how.network(data.x_train.shape[1], seed)
    train, test = how.encode(data.x_train, brightest), how.encode(data.x_test, brightest)
    labels = data.y_train
    lockstep.load(network)
    curve = []
    for number, image in enumerate(train, 1):
        lockstep.run(image, learn=True)
        lockstep.normalise()
        progress("learning", number / len(train))
        if number in _LOOKS:
            look = golden.Rules(frozen(network, lockstep.model.state()), lockstep.model.core)
            before = _responses_of(look, train[:_LOOK_NAMING], test)
            curve.append((number, _accuracy(before, labels[:_LOOK_NAMING], data)))
    state = lockstep.state()
    done = frozen(network, state)
    lockstep.configure(replace(network, learning=done.learning))  # the adaptation stays where it is
    lockstep.rest()
    chosen = train[-_NAMING:]
    named, counted = (
        _responses(lockstep, images, what, progress) for images, what in ((chosen, "naming"), (test, "classifying"))
    )
    names = name_neurons(named, labels[-len(chosen) :], len(data.class_names))
    said = classify(counted, names)
    evaluation = evaluate("competing neurons", data.class_names, data.y_test, said)
    curve.append((len(train), evaluation.accuracy))
    order = np.lexsort((-names.max(axis=1), names.argmax(axis=1)))
    drawn = Pictured("the first held-out image, from rest, after learning", how.ticks, np.arange(done.size),
                      int(np.sqrt(done.axons // 2)), order)  # fmt: skip
    activity = activity_of(golden.Rules(done, lockstep.model.core), test[0], counted, network.weight, drawn)
    return Learnt(done, evaluation, tuple(curve), len(chosen), activity)


def _responses(lockstep: Lockstep, images: Spikes, what: str, progress: Progress) -> IntArray:
    """Spikes of each neuron for each image, [n, N]; the images follow each other, some in one go."""
    counts = []
    for first in range(0, len(images), _AT_ONCE):
        some = images[first : first + _AT_ONCE]
        fired = lockstep.run(np.concatenate(list(some)))
        counts.append(np.count_nonzero(fired.reshape(*some.shape[:2], -1), axis=1))
        progress(what, (first + len(some)) / len(images))
    return np.concatenate(counts)


def _responses_of(rules: golden.Rules, *parts: Spikes) -> list[IntArray]:
    """As `_responses`, of several sets, on the golden model alone."""
    state, found = golden.initial(rules.network), []
    for images in parts:
        counts = []
        for image in images:
            done = golden.run(rules, state, image)
            state = done.state
            counts.append(np.count_nonzero(done.spikes, axis=0))
        found.append(np.array(counts))
    return found


def _accuracy(responses: list[IntArray], labels: np.ndarray, data: Dataset) -> float:
    names = name_neurons(responses[0], labels, len(data.class_names))
    return float((classify(responses[1], names) == data.y_test).mean())
