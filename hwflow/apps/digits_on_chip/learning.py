"""Digits on the spiking core: learnt there by competition, or learnt elsewhere and only run there."""

from dataclasses import dataclass, replace

import numpy as np

from hwflow.apps.digits_on_chip.competition import Competition, classify, name_neurons
from hwflow.dataset import Dataset, Labels
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


@dataclass(frozen=True, eq=False)
class Ran:
    """How well a net classifies that does not learn, and what it did."""

    evaluation: Evaluation
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
    activity = _activity(network, done, test[:1][0], lockstep, counted, names, how)
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


def _activity(
    before: SpikingNetwork,
    after: SpikingNetwork,
    image: Spikes,
    lockstep: Lockstep,
    counted: IntArray,
    names: np.ndarray,
    how: Competition,
) -> Activity:
    """One held-out image on the golden model, from rest."""
    rules = golden.Rules(after, lockstep.model.core)
    window = image[: how.ticks]
    done = golden.run(rules, golden.initial(after), window, keep_membranes=True)
    assert done.membranes is not None
    order = np.lexsort((-names.max(axis=1), names.argmax(axis=1)))
    busiest = np.argsort(-np.count_nonzero(done.spikes, axis=0), kind="stable")[:3]
    side = int(np.sqrt(after.axons // 2))
    return Activity(
        about="the first held-out image, from rest, after learning",
        shape=np.array([after.axons, after.size, len(window)]),
        axon_spikes=np.argwhere(window),
        spikes=np.argwhere(done.spikes),
        traced=busiest,
        membranes=done.membranes[:, busiest],
        thresholds=np.broadcast_to(after.neurons.threshold[busiest], (len(window), len(busiest))),
        counts=counted.sum(axis=0),
        counted=len(counted) * len(image),
        before=before.weight.astype(np.int8),
        after=after.weight.astype(np.int8),
        tile=np.array([side, side]),
        order=order,
    )


def run_digits(lockstep: Lockstep, network: SpikingNetwork, images: Spikes, labels: Labels, progress: Progress) -> Ran:
    """Show images, [n, ticks, axons], to a net that does not learn; the class is the output with most spikes.

    Each image ends in silence that is long enough to bring the net back to rest.
    """
    lockstep.load(network)
    counts = _responses(lockstep, images, "classifying", progress)[:, network.outputs]
    lockstep.state()
    classes = tuple(map(str, range(len(network.outputs))))
    evaluation = evaluate("spiking net", classes, labels, counts.argmax(axis=1))
    return Ran(evaluation, _activity_of(network, lockstep, images[0], counts))


def _activity_of(network: SpikingNetwork, lockstep: Lockstep, image: Spikes, counts: IntArray) -> Activity:
    window = image[: int(np.flatnonzero(image.any(axis=1))[-1]) + 5]
    done = golden.run(golden.Rules(network, lockstep.model.core), golden.initial(network), window, keep_membranes=True)
    assert done.membranes is not None
    traced = network.outputs[np.argsort(-np.count_nonzero(done.spikes[:, network.outputs], axis=0), kind="stable")[:3]]
    return Activity(
        about="the first held-out image, from rest",
        shape=np.array([network.axons, network.size, len(window)]),
        axon_spikes=np.argwhere(window),
        spikes=np.argwhere(done.spikes),
        traced=traced,
        membranes=done.membranes[:, traced],
        thresholds=np.broadcast_to(network.neurons.threshold[traced], (len(window), len(traced))),
        counts=counts.sum(axis=0),
        counted=len(counts) * len(image),
        before=network.weight.astype(np.int8),
        after=network.weight.astype(np.int8),
        tile=np.array([int(np.sqrt(network.axons))] * 2),
        order=np.arange(len(network.outputs)),
    )
