"""Digits learnt from labels on the chip: a hidden layer and ten outputs, and errors as a third factor.

A presentation is an image, `ticks` of spikes, and two more ticks, in which the last spikes arrive. In the last one a teacher says
the class, and axon `closing` ends it. The teachers and the outputs are modulators: an output's factor is then `ticks` for the
class, or 0, less its spikes, and a hidden neuron's the sum of these errors through fixed random weights (direct feedback
alignment, docs/neuron.md).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.dataset import Labels, Samples
from hwflow.ints import IntArray
from hwflow.spiking.frontend.builder import SpikingBuilder
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.train.coding import Spikes

_AFTER = 2  # ticks after an image, until what the hidden neurons and the outputs said has arrived
_WEIGHT, _FEEDBACK = 20, 7  # the largest weight from a pixel at first, and from an error to a hidden neuron


@dataclass(frozen=True)
class Teaching:
    """How the net learns.

    hidden: neurons; ticks: of an image; passes: over all images; threshold: of a hidden neuron, in standard deviations of what
    arrives at it in a tick at first; leak: of the hidden neurons, in 1/65536; rate, output_rate: how much of a weight's unit
    an error of `ticks` spikes changes it by, for each spike of its source, in the hidden layer and in the outputs; slower: what
    these are multiplied by over a pass, a part of it in each of `steps` equal steps; level: of an output's threshold, for each hidden neuron.
    """

    hidden: int = 256
    ticks: int = 12
    passes: int = 8
    threshold: float = 3.0
    leak: int = 16384
    rate: float = 0.03
    output_rate: float = 0.2
    slower: float = 0.9
    steps: int = 1
    level: float = 4.5

    @property
    def whole(self) -> int:
        """Ticks of a presentation."""
        return self.ticks + _AFTER

    def encode(self, images: Samples, brightest: int, classes: int) -> Spikes:
        """Images of 0 … brightest, [n, pixels], as presentations without a teacher, [n, whole, axons].

        A pixel spikes in as many ticks as it is bright, at levels spread evenly over the ticks.
        """
        levels = np.floor((np.arange(self.ticks) + 0.5) * (brightest + 1) / self.ticks).astype(images.dtype)
        spikes = np.zeros((len(images), self.whole, images.shape[1] + 1 + classes), np.bool_)
        spikes[:, : self.ticks, : images.shape[1]] = images[:, None, :] > levels[:, None]
        spikes[:, -1, images.shape[1]] = True
        return spikes

    @staticmethod
    def taught(presentations: Spikes, labels: Labels, classes: int) -> Spikes:
        """Presentations in which the teacher speaks, and so the same axons."""
        spikes = presentations.copy()
        spikes[np.arange(len(labels)), -1, spikes.shape[2] - classes + labels] = True
        return spikes

    def network(self, images: Samples, brightest: int, classes: int, seed: int, slowed: float = 0) -> SpikingNetwork:
        """The net before it has learnt: random weights into the hidden layer, none out of it.

        images: some of those to learn from, by which the threshold is set; slowed: passes that are done, and parts of one.
        """
        rng, pixels = np.random.default_rng(seed), images.shape[1]
        first = rng.integers(-_WEIGHT, _WEIGHT + 1, (pixels, self.hidden))
        feedback = rng.integers(-_FEEDBACK, _FEEDBACK + 1, (classes, self.hidden))
        arrives = self.encode(images, brightest, classes)[:, : self.ticks, :pixels] @ first
        own = np.eye(classes, dtype=np.int64)
        net = SpikingBuilder(f"taught-{pixels}-{self.hidden}-{classes}")
        shown, closing, teachers = net.axons(pixels), net.axons(1), net.axons(classes)
        hidden = net.neurons(
            self.hidden, threshold=round(self.threshold * arrives.std()), leak=self.leak, subtract=True
        )
        outputs = net.neurons(classes, threshold=round(self.level * self.hidden), subtract=True)
        net.connect(shown, hidden, first, plastic=True)
        net.connect(hidden, outputs, 0, plastic=True)
        net.connect(teachers, outputs, self.ticks * own)
        net.connect(teachers, hidden, self.ticks * feedback)
        net.connect(outputs, outputs, -own)
        net.connect(outputs, hidden, -feedback)
        net.third_factor(
            closing=closing,
            modulators=[teachers, outputs],
            free=[outputs],
            rate=self._step(self.rate, slowed),
            free_rate=self._step(self.output_rate, slowed),
            near_shift=2,
            least=1,
            most=self.ticks,  # one that fired in each tick of the image fires after it too, and has more
        )
        learning = Learning(plastic_neurons=True, pre_step=1, post_step=1, weight_min=-128, stochastic=True, seed=seed)
        return net.build(outputs=[outputs], told=[outputs], learning=learning)

    def slowed(self, share: float, passes: int) -> float:
        """Passes that count as done in the midst of one: those before it, and the whole steps of this share of it."""
        return passes + int(share * self.steps) / self.steps

    def _step(self, rate: float, slowed: float) -> int:
        """A rate for an error of all ticks, as the core wants it: for one spike of error, in 1/65536."""
        return round(65536 * rate * float(self.slower**slowed) / self.ticks)


def most_spikes(fired: NDArray[np.bool_]) -> IntArray:
    """The class of each presentation, [n]: the output with most spikes; of equals, that whose spikes came earlier.

    fired: [n, ticks, classes].
    """
    ticks = fired.shape[1]
    worth = ticks * ticks + ticks - np.arange(ticks)
    return np.asarray((fired * worth[:, None]).sum(axis=1).argmax(axis=1), np.int64)
