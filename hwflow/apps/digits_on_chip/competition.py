"""Digits learnt by competition: neurons that inhibit each other learn what makes them fire, without labels.

Each pixel drives an `on` axon at a rate that grows with it and an `off` axon at the complementary rate, so that every
image has as many spikes. Every neuron gets plastic weights from all axons and a fixed -128 from every other neuron.
A neuron that fires raises the weights of the axons that made it fire (trace of the sources) and its own threshold
(homeostasis); after each image the weights of each neuron are scaled to one sum. Labels name the neurons afterwards.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.dataset import Dataset, Labels, Samples
from hwflow.errors import needed
from hwflow.ints import IntArray
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Neurons, SpikingNetwork
from hwflow.spiking.train.coding import Spikes, on_and_off, rate_code


@dataclass(frozen=True)
class Competition:
    """How the net learns.

    ticks, silence: of an image, and after it, until it is forgotten; spikes: of an axon at the full rate; contrast: the
    exponent of a pixel's brightness; target: sum of a neuron's weights; threshold: at first; step: by which a neuron's
    threshold rises when it fires.
    """

    neurons: int = 256
    ticks: int = 96
    silence: int = 160
    spikes: float = 4.0
    contrast: float = 0.7
    target: int = 1500
    weight_shift: int = 3
    threshold: int = 9600
    step: int = 192
    leak: int = 1000
    refractory: int = 20
    potentiation: int = 20
    trace_decay: int = 500
    trace_step: int = 40

    def encode(self, images: Samples, brightest: int) -> Spikes:
        """Images of 0 … brightest, [n, pixels], as spikes [n, ticks + silence, 2 pixels]."""
        values = on_and_off((images / brightest) ** self.contrast)
        return np.stack([rate_code(one, self.spikes, self.ticks, self.silence) for one in values])

    @property
    def state_bits(self) -> int:
        """Of the core, at least."""
        return 16

    @property
    def shown(self) -> int:
        """Ticks of an image before the silence."""
        return self.ticks

    def after(self, network: SpikingNetwork, wins: int) -> SpikingNetwork:
        """The net with the thresholds that there are after so many spikes of its neurons: its own."""
        return network

    def asked(self, network: SpikingNetwork) -> SpikingNetwork:
        """The net once it has learnt: the same."""
        return network

    def network(self, pixels: int, seed: int) -> SpikingNetwork:
        """The net before it has learnt: weights from the axons at random, each neuron's of about the same sum."""
        axons, count = 2 * pixels, self.neurons
        drawn = np.random.default_rng(seed).uniform(0.4, 1.6, (axons, count))
        weight = np.full((axons + count, count), -128, np.int64)
        weight[:axons] = np.rint(drawn * self.target / drawn.sum(axis=0))
        weight[axons + np.arange(count), np.arange(count)] = 0
        plastic = np.zeros(weight.shape, np.bool_)
        plastic[:axons] = True
        learning = Learning(
            potentiation=self.potentiation,
            pre_decay=self.trace_decay,
            pre_step=self.trace_step,
            target=self.target,
            adaptation_step=self.step,
        )
        neurons = Neurons.of(count, threshold=self.threshold, leak=self.leak, refractory=self.refractory)
        return SpikingNetwork("digits", weight, neurons, plastic, self.weight_shift, learning, np.arange(count))


def digits_and_a_fifth(seed: int) -> Dataset:
    """scikit-learn's 1,797 images, 64 pixels of 0 … 16, shuffled with the seed; the last fifth (360) is held out."""
    with needed("The set of digits", "train"):
        from sklearn.datasets import load_digits

    images = load_digits()
    order = np.random.default_rng(seed).permutation(len(images.target))
    x, y = images.data[order].astype(np.uint8), images.target[order].astype(np.int64)
    pixels = tuple(f"pixel[{row}][{column}]" for row in range(8) for column in range(8))
    note = f"scikit-learn's digits, shuffled with seed {seed}: four fifths training, one held out."
    return Dataset(x[:1437], y[:1437], x[:0], y[:0], x[1437:], y[1437:], 5, tuple("0123456789"), pixels, notes=(note,))


def name_neurons(responses: IntArray, labels: Labels, classes: int) -> NDArray[np.float64]:
    """What each neuron's spikes say of the class: [neurons, classes], rows sum up to 1, or to 0 for a silent neuron.

    responses: spikes of each neuron for each sample, [n, neurons]. A class counts by its mean, whatever its samples.
    """
    means = np.stack([responses[labels == one].mean(axis=0) for one in range(classes)], axis=1)
    return np.asarray(means / np.maximum(means.sum(axis=1, keepdims=True), np.finfo(float).tiny))


def classify(responses: IntArray, names: NDArray[np.float64]) -> Labels:
    """The class that the spikes speak for most, [n]; the first one of equals."""
    return np.asarray((responses @ names).argmax(axis=1), np.int64)
