"""Digits learnt on the spiking core by competition."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import numpy as np

from hwflow.apps.digits_on_chip.competition import classify, name_neurons
from hwflow.apps.digits_on_chip.pictured import Pictured, activity_of
from hwflow.dataset import Dataset, Samples
from hwflow.evaluation import Evaluation, evaluate
from hwflow.ints import IntArray
from hwflow.progress import Progress, silent
from hwflow.spiking import reference as golden
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import State
from hwflow.spiking.report.activity import Activity
from hwflow.spiking.train.coding import Spikes

_AT_ONCE = 40  # images


class Rivals(Protocol):
    """A net that learns by competition, and how it is shown images (`competition.py`, `race.py`)."""

    @property
    def state_bits(self) -> int:
        """Of the core, at least."""
        ...

    @property
    def shown(self) -> int:
        """Ticks of a presentation before its silence."""
        ...

    def encode(self, images: Samples, brightest: int) -> Spikes:
        """Images of 0 … brightest, [n, pixels], as presentations, [n, ticks, axons]."""
        ...

    def network(self, pixels: int, seed: int) -> SpikingNetwork:
        """The net before it has learnt."""
        ...

    def after(self, network: SpikingNetwork, wins: int) -> SpikingNetwork:
        """The net with the thresholds that there are after so many spikes of its neurons."""
        ...

    def asked(self, network: SpikingNetwork) -> SpikingNetwork:
        """The net as images are shown to it that it does not learn."""
        ...


@dataclass(frozen=True, eq=False)
class Study:
    """What is learnt from, and how it is judged.

    looks: numbers of images learnt, after which the accuracy on the first `looked` held-out ones is looked at; naming, look_naming:
    training images that name the neurons, the last ones at the end and the first ones at a look; beside: images to learn, and to
    classify, that the device does too, None for all.
    """

    data: Dataset
    how: Rivals
    seed: int
    looks: tuple[int, ...] = (25, 50, 100, 200, 400, 800)
    naming: int = 800
    look_naming: int = 300
    looked: int = 1 << 30
    beside: tuple[int, int] | None = None

    def presentations(self, images: Samples) -> Spikes:
        return self.how.encode(images, int(self.data.x_train.max()))


@dataclass(frozen=True, eq=False)
class Learnt:
    """What came of learning: the net as it is then, thresholds and all, and how well it classifies.

    beside: images that the device learnt, and that it classified.
    """

    network: SpikingNetwork
    evaluation: Evaluation
    curve: tuple[tuple[int, float], ...]
    naming: int
    activity: Activity
    beside: tuple[int, int]


def frozen(network: SpikingNetwork, state: State) -> SpikingNetwork:
    """The net as it is after learning: weights, thresholds raised by the adaptation, and nothing that changes them."""
    neurons = replace(network.neurons, threshold=network.neurons.threshold + state.adaptation)
    learning = replace(network.learning, potentiation=0, depression=0, adaptation_step=0, target=0)
    return replace(network, weight=state.weight, neurons=neurons, learning=learning)


def learn_digits(lockstep: Lockstep, study: Study, progress: Progress) -> Learnt:
    """Show every training image once, learning; then name the neurons by some of them, and classify the test images.

    What the device does not do too is done on the golden model alone, from the same state.
    """
    data, how, classes = study.data, study.how, len(study.data.class_names)
    every = len(data.y_train)
    to_learn, to_judge = study.beside or (every, len(data.y_test))
    learner, start = lockstep, how.network(data.x_train.shape[1], study.seed)
    network = start
    learner.load(network)
    curve, done, wins = [], 0, 0
    bounds = sorted({*range(0, every, 1 if start.learning.target else _AT_ONCE), *study.looks, every})
    for first, last in pairwise([bound for bound in bounds if bound <= every]):
        if learner is lockstep and first >= to_learn:
            learner = lockstep.alone(network)
        shown = study.presentations(data.x_train[first:last])
        spikes = learner.present(shown, learn=True, rest=False)
        wins += int(spikes.sum())
        if start.learning.target:
            learner.normalise(np.flatnonzero(spikes.any(axis=0)).tolist())
        before, network, done = network, how.after(start, wins), last if learner is lockstep else done
        if not np.array_equal(before.neurons.threshold, network.neurons.threshold):
            learner.configure(network)
        progress("learning", last / every)
        if last in study.looks:
            curve.append((last, _look(frozen(how.asked(network), learner.model.state()), lockstep.model.core, study)))
    state = learner.state()
    if learner is not lockstep:
        lockstep.write_state(state)
    asked = how.asked(network)
    after = frozen(asked, state)
    still = replace(asked, learning=after.learning)  # the adaptation stays where it is
    lockstep.configure(still)
    lockstep.rest()
    chosen = slice(max(0, every - study.naming), every)
    named = _responses(
        lockstep.alone(still) if study.beside else lockstep, study, data.x_train[chosen], "naming", progress
    )
    names = name_neurons(named, data.y_train[chosen], classes)
    counted = judged = _responses(lockstep, study, data.x_test[:to_judge], "classifying", progress)
    if to_judge < len(data.x_test):
        others = _responses(lockstep.alone(still), study, data.x_test[to_judge:], "classifying", progress)
        counted = np.concatenate([judged, others])
    evaluation = evaluate("competing neurons", data.class_names, data.y_test, classify(counted, names))
    curve.append((every, evaluation.accuracy))
    order = np.lexsort((-names.max(axis=1), names.argmax(axis=1)))
    whole = int(np.sqrt(data.x_train.shape[1]))
    drawn = Pictured(
        "the first held-out image, from rest, after learning", how.shown, np.arange(after.size), whole, order
    )
    activity = activity_of(
        golden.Rules(after, lockstep.model.core), study.presentations(data.x_test[:1])[0], counted, start.weight, drawn
    )
    return Learnt(after, evaluation, tuple(curve), len(named), activity, (done, len(judged)))


def _responses(lockstep: Lockstep, study: Study, images: Samples, what: str, progress: Progress) -> IntArray:
    """Spikes of each neuron for each image, [n, N]; the images follow each other, some in one go."""
    counts = []
    for first in range(0, len(images), _AT_ONCE):
        shown = study.presentations(images[first : first + _AT_ONCE])
        counts.append(lockstep.present(shown, rest=False))
        progress(what, (first + len(shown)) / len(images))
    return np.concatenate(counts)


def _look(network: SpikingNetwork, core: Core, study: Study) -> float:
    """Accuracy of a net on held-out images, on the golden model alone."""
    data, alone = study.data, Lockstep(core)
    alone.load(network)
    named, said = (
        _responses(alone, study, images, "", silent)
        for images in (data.x_train[: study.look_naming], data.x_test[: study.looked])
    )
    names = name_neurons(named, data.y_train[: study.look_naming], len(data.class_names))
    return float((classify(said, names) == data.y_test[: study.looked]).mean())
