"""A net taught digits on the chip, presentation by presentation, and what it then says of images that it has not seen."""

from dataclasses import dataclass

import numpy as np

from hwflow.apps.taught.teaching import Teaching, most_spikes
from hwflow.dataset import Dataset, Labels, Samples
from hwflow.evaluation import Evaluation, evaluate
from hwflow.ints import IntArray
from hwflow.progress import Progress
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.train.coding import Spikes

_AT_ONCE = 40  # images
_MEASURED = 200  # images that set the thresholds
_LOOKS = 20  # at how well it does, while it learns


@dataclass(frozen=True, eq=False)
class Taught:
    """evaluation: on the test images; curve: images learnt, and accuracy on the last of them, each judged just before it was learnt;
    learnt: presentations; beside: presentations, learnt and judged, that the device did in lockstep with the golden model."""

    evaluation: Evaluation
    curve: tuple[tuple[int, float], ...]
    learnt: int
    beside: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is taught, and how; beside: presentations to learn, and to judge, that the device does too, None for all."""

    data: Dataset
    how: Teaching
    seed: int
    beside: tuple[int, int] | None = None

    @property
    def classes(self) -> int:
        return len(self.data.class_names)

    def network(self, slowed: float = 0) -> SpikingNetwork:
        """Before learning; with the rates that there are after so many passes, and parts of one."""
        some = self.data.x_train[:_MEASURED]
        return self.how.network(some, self._brightest, self.classes, self.seed, slowed)

    def presentations(self, images: Samples, labels: Labels | None = None) -> Spikes:
        """One after the other, [n · whole, axons]; with labels the teacher speaks."""
        spikes = self.how.encode(images, self._brightest, self.classes)
        if labels is not None:
            spikes = self.how.taught(spikes, labels, self.classes)
        return spikes.reshape(-1, spikes.shape[2])

    def said(self, fired: Spikes) -> Labels:
        """The classes that the outputs say in presentations, [n]. fired: [n · whole, neurons]."""
        return most_spikes(fired[:, self.how.hidden :].reshape(-1, self.how.whole, self.classes))

    @property
    def _brightest(self) -> int:
        return int(self.data.x_train.max())


def teach(lockstep: Lockstep, lesson: Lesson, progress: Progress) -> Taught:
    """All passes over the training images, then the test images.

    Weights change as a presentation ends, so what the outputs said in it is what they say of an image not yet learnt from.
    What the device does not do too is done on the golden model alone, from the same state.
    """
    data, how = lesson.data, lesson.how
    every = how.passes * len(data.y_train)
    to_learn, to_judge = lesson.beside or (every, len(data.y_test))
    learner, done, right, looks = lockstep, 0, 0, [(0, 0)]
    learner.load(lesson.network())
    slowed = 0.0
    for passes in range(how.passes):
        order = np.random.default_rng([lesson.seed, passes]).permutation(len(data.y_train))
        for begin in range(0, len(order), _AT_ONCE):
            some, before = order[begin : begin + _AT_ONCE], slowed
            slowed = how.slowed(begin / len(order), passes)
            if slowed != before and how.slower != 1.0:
                learner.configure(lesson.network(slowed))
            if learner is lockstep and done >= to_learn:
                learner = lockstep.alone(lesson.network(slowed))
            shown = lesson.presentations(data.x_train[some], data.y_train[some])
            said = lesson.said(learner.run(shown, learn=True))
            done += len(some)
            right += int(np.count_nonzero(said == data.y_train[some]))
            looks.append((done, right))
            progress("learning", done / every)
    learnt = learner.state()
    if learner is not lockstep:
        lockstep.write_state(learnt)
    said = _say(lockstep, lesson, data.x_test[:to_judge], progress)
    rest = _say(lockstep.alone(lesson.network()), lesson, data.x_test[to_judge:], progress)
    lockstep.state()
    evaluation = evaluate("third factor", data.class_names, data.y_test, np.concatenate([said, rest]))
    return Taught(evaluation, _curve(looks), done, (min(done, -(-to_learn // _AT_ONCE) * _AT_ONCE), len(said)))


def _curve(looks: list[tuple[int, int]]) -> tuple[tuple[int, float], ...]:
    """Accuracy between looks. looks: images learnt, and how many of them were judged right."""
    some = np.array(looks)[np.linspace(0, len(looks) - 1, min(_LOOKS + 1, len(looks))).round().astype(int)]
    done, right = np.diff(some, axis=0).T
    return tuple(zip(some[1:, 0].tolist(), (right / done).tolist(), strict=True))


def _say(judge: Lockstep, lesson: Lesson, images: Samples, progress: Progress) -> Labels:
    """The classes of images, [n], by a net that does not learn."""
    found: list[IntArray] = []
    for first in range(0, len(images), _AT_ONCE):
        some = images[first : first + _AT_ONCE]
        found.append(lesson.said(judge.run(lesson.presentations(some))))
        progress("classifying", (first + len(some)) / len(images))
    return np.concatenate([*found, np.zeros(0, np.int64)])
