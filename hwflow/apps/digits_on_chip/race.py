"""Digits learnt by a race: the neuron that matches an image best fires first, holds the others back, and alone learns it.

An image is its `lit` brightest pixels after a little blur, so that each drives the neurons as much as any other. They spike once;
the currents hardly decay, and one more axon raises all of them alike, tick by tick, until a neuron crosses its threshold. Its -128
to every other neuron stays in their currents as well, and is more than what the race may still bring them, since weights are
small. The column of the winner loses a share of a unit wherever a source has spiked of late; then the pixels spike once more, while
other axons hold every neuron back, and the rows of the image gain a larger share in the neuron that has just won. Shares are
drawn (docs/neuron.md, small steps). Silence ends it.

A win raises a neuron's threshold. The host sees all wins, and lowers all thresholds together by as much, so that what stays is how
much more often than others a neuron has won. Labels name the neurons afterwards.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hwflow.dataset import Samples
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Neurons, SpikingNetwork
from hwflow.spiking.train.coding import Spikes

_SHIFT = 12  # of the weights, so that a win's share of a threshold is a whole number
_BRAKES = 4  # axons that hold the neurons back while the image is shown again
_BLOB = 2.5  # pixels: of the patterns that the weights are at first
_AT_FIRST = 0.5  # share of a neuron's weights that are largest at first
_SOFT = (1, 2, 1)  # of the blur, in each direction


@dataclass(frozen=True)
class Race:
    """How the net learns.

    lit: pixels of an image that spike; ticks, silence: of the race, and after the image was shown again; most: the largest weight;
    gain, loss: units by which a win raises the weight of a lit pixel, and lowers that of any that was lit of late; recent: ticks that
    are of late; threshold: of a neuron, in units of weight; push: by which a tick of the race raises the currents, in these; decay: of the currents
    in a tick; step: share of the threshold by which a win raises it; eager: share of the threshold by which all are lower once
    nothing is learnt any more, so that more than one neuron fires for an image, and has a say.
    """

    neurons: int = 400
    lit: int = 100
    ticks: int = 72
    silence: int = 200
    most: int = 3
    gain: float = 1.2
    loss: float = 0.4
    recent: int = 4095
    threshold: int = 330
    push: int = 8
    decay: float = 0.02
    step: float = 0.01
    eager: float = 0.2

    @property
    def state_bits(self) -> int:
        """Of the core: what wins raise a threshold by is lowered again elsewhere, and adds up where it is."""
        return 24

    @property
    def shown(self) -> int:
        """Ticks of a presentation before the silence."""
        return self.ticks + 2

    def encode(self, images: Samples, brightest: int) -> Spikes:
        """Images, [n, pixels], as presentations, [n, shown + silence, axons]."""
        pixels = images.shape[1]
        spikes = np.zeros((len(images), self.shown + self.silence, pixels + 1 + _BRAKES), np.bool_)
        spikes[:, 0, :pixels] = spikes[:, self.ticks + 1, :pixels] = brightest_pixels(images, self.lit)
        spikes[:, 1 : self.ticks + 1, pixels] = True
        spikes[:, self.ticks + 1, pixels + 1 :] = True
        return spikes

    def network(self, pixels: int, seed: int) -> SpikingNetwork:
        """The net before it has learnt: patterns of smooth noise."""
        axons, count = pixels + 1 + _BRAKES, self.neurons
        weight = np.full((axons + count, count), -128, np.int64)
        weight[:pixels] = self.most * _blobs(round(pixels**0.5), count, seed)
        weight[pixels] = self.push
        weight[axons + np.arange(count), np.arange(count)] = 0
        plastic = np.zeros(weight.shape, np.bool_)
        plastic[:pixels] = True
        learning = Learning(
            rectangular=True,
            potentiation=-round(1024 * self.loss),  # of the winner's column
            depression=round(1024 * self.gain),  # of the image's rows, in a neuron that has won
            pre_step=self.recent,
            post_step=self.shown - 1,
            weight_max=self.most,
            adaptation_step=self._rise,
            stochastic=True,
            seed=seed,
        )
        neurons = Neurons.of(count, threshold=self._level, leak=65535, decay=round(65536 * self.decay),
                             refractory=self.ticks)  # fmt: skip
        return SpikingNetwork("race", weight, neurons, plastic, _SHIFT, learning, np.arange(count))

    def after(self, network: SpikingNetwork, wins: int) -> SpikingNetwork:
        """The net with thresholds lowered by what so many wins have raised them on the mean."""
        level = self._level - wins * self._rise // network.size
        return replace(network, neurons=replace(network.neurons, threshold=np.full(network.size, level)))

    def asked(self, network: SpikingNetwork) -> SpikingNetwork:
        """The net once it has learnt."""
        threshold = network.neurons.threshold - round(self.eager * self._level)
        return replace(network, neurons=replace(network.neurons, threshold=threshold))

    @property
    def _level(self) -> int:
        return self.threshold << _SHIFT

    @property
    def _rise(self) -> int:
        """Of a threshold, by a win."""
        return round(self.step * self._level)


def brightest_pixels(images: Samples, count: int) -> NDArray[np.bool_]:
    """The brightest pixels of square images, [n, pixels], after a blur of three by three; of equals the first."""
    side = round(images.shape[1] ** 0.5)
    soft = images.reshape(-1, side, side).astype(np.int64)
    for axis in (1, 2):
        wide = np.pad(soft, [(0, 0)] + [(1, 1) if axis == this else (0, 0) for this in (1, 2)])
        parts = (np.take(wide, range(first, first + side), axis) for first in range(3))
        soft = np.sum([share * part for share, part in zip(_SOFT, parts, strict=True)], axis=0)
    order = np.argsort(-soft.reshape(len(images), -1), axis=1, kind="stable")[:, :count]
    lit = np.zeros(images.shape, np.bool_)
    np.put_along_axis(lit, order, values=True, axis=1)
    return lit


def _blobs(side: int, count: int, seed: int) -> NDArray[np.bool_]:
    """Patterns of smooth noise, [pixels, count], of which a share is true."""
    noise = np.random.default_rng(seed).normal(size=(count, side, side))
    wave = np.fft.fftfreq(side)
    smooth = np.exp(-2 * (np.pi * _BLOB) ** 2 * (wave[:, None] ** 2 + wave**2))
    soft = np.fft.ifft2(np.fft.fft2(noise) * smooth).real.reshape(count, -1)
    rank = soft.argsort(axis=1).argsort(axis=1)
    return np.asarray(rank >= round((1 - _AT_FIRST) * side * side)).T
