"""Binary words learnt from one presentation each, by a teacher's spike (arXiv 2312.02659), and what must come of it.

A word of B bits drives 2 B axons: `on` axon b if bit b is 1, else `off` axon b. While it is presented, its ones spike
shortly before the teacher makes the detector fire, its zeros after it; the rule is Hebbian in both orders, so each axon
of the word gains w1 or w0 by its distance in time to the teacher's spike. Presentations add up. To test, bit b of a
word x counts for what was learnt of it and against what was learnt of its opposite:

    score(x) = Σ_b s_b (w[on b] - w[off b]),   s_b = +1 for a 1, -1 for a 0

and a detector fires at a score of at least its threshold, the smallest score among the words that it was taught.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Neurons, SpikingNetwork
from hwflow.spiking.train.coding import Spikes

Words = NDArray[np.bool_]  # [n, bits]

GATE_WEIGHT, TEACHER_WEIGHT = 100, 127
QUIET = 32767  # a threshold that is never reached


@dataclass(frozen=True)
class Timing:
    """Ticks of a presentation, in which ones, zeros and the teacher spike, and how many ticks it takes."""

    name: str
    ones: tuple[int, ...]
    zeros: tuple[int, ...]
    teacher: int
    ticks: int


PAPER = Timing("the paper's", (1, 26, 56), (6, 36, 59), 29, 75)
EVEN = Timing("even", (1, 26, 56), (6, 32, 59), 29, 75)  # the zero's spike as near to the teacher's as the one's
LEARNING = Learning(  # tau 5 ticks on both sides: 65536 (1 - exp(-1/5)); 30 gives weights of at most 20
    nearest=True,
    potentiation=30,
    depression=30,
    pre_decay=11880,
    post_decay=11880,
    pre_step=255,
    post_step=255,
    weight_max=127,
)


@dataclass(frozen=True)
class Layout:
    """Which axon does what: `on`, `off`, gates, one teacher for each detector, and the rest does nothing.

    The gates spike with every teacher. Only both together reach the threshold of learning, so that a word alone, with
    at most `words` words of weight 20 learnt, makes no detector fire, and a teacher none but its own.
    """

    bits: int
    words: int
    axons: int = 112
    detectors: int = 32

    def __post_init__(self) -> None:
        if self.teachers + self.detectors > self.axons:
            raise ValueError(f"{self.bits} bits and {self.words} words take {self.teachers + self.detectors} axons")

    @property
    def inputs(self) -> int:
        return 2 * self.bits

    @property
    def gates(self) -> int:
        return -(-self.words * self.bits * 20 // GATE_WEIGHT)

    @property
    def teachers(self) -> int:
        """The first teacher's axon."""
        return self.inputs + self.gates

    @property
    def threshold(self) -> int:
        """While learning."""
        return GATE_WEIGHT * self.gates + TEACHER_WEIGHT // 2


def pattern_network(layout: Layout) -> SpikingNetwork:
    """Detectors that have learnt nothing. They have no memory from tick to tick: leak and decay take it all."""
    weight = np.zeros((layout.axons + layout.detectors, layout.detectors), np.int64)
    weight[layout.inputs : layout.teachers] = GATE_WEIGHT
    weight[layout.teachers : layout.teachers + layout.detectors] = TEACHER_WEIGHT * np.eye(layout.detectors, dtype=int)
    plastic = np.zeros(weight.shape, np.bool_)
    plastic[: layout.inputs] = True
    return SpikingNetwork(
        "patterns",
        weight,
        Neurons.of(layout.detectors, threshold=layout.threshold, leak=65535),
        plastic,
        learning=LEARNING,
        outputs=np.arange(layout.detectors),
    )


def presentations(layout: Layout, timing: Timing, words: Words, detectors: Sequence[int]) -> Spikes:
    """Word after word, each with the teacher of its detector: bool [n · ticks, axons]."""
    spikes = np.zeros((len(words), timing.ticks, layout.axons), np.bool_)
    for one, word, detector in zip(spikes, words, detectors, strict=True):
        ones, zeros = np.flatnonzero(word), layout.bits + np.flatnonzero(~word)
        one[np.ix_(np.array(timing.ones), ones)] = True
        one[np.ix_(np.array(timing.zeros), zeros)] = True
        one[timing.teacher, layout.inputs : layout.teachers] = True
        one[timing.teacher, layout.teachers + detector] = True
    return spikes.reshape(-1, layout.axons)


def word_spikes(layout: Layout, words: Words) -> Spikes:
    """One tick for each word: bool [n, axons]."""
    spikes = np.zeros((len(words), layout.axons), np.bool_)
    spikes[:, : layout.inputs] = np.concatenate([words, ~words], axis=1)
    return spikes


def signed_weights(learnt: IntArray) -> IntArray:
    """The weights of a test, w[on] - w[off] and the negative of that, from the learnt ones: both [2 bits, detectors]."""
    on, off = np.split(learnt, 2)
    return np.concatenate([on - off, off - on])


def all_words(bits: int) -> Words:
    """The 2^bits words, bit 0 lowest: bool [2^bits, bits]."""
    return (np.arange(1 << bits)[:, None] >> np.arange(bits) & 1).astype(np.bool_)


def gains(timing: Timing, learning: Learning = LEARNING) -> tuple[int, int]:
    """What a one and a zero gain from a presentation, from the rule of docs/neuron.md: the nearest pair of each order.

    A pair k ticks apart: (gain · trace + 128) >> 8, where the trace is step after the first tick, and fades k - 1 times.
    """

    def gain(times: Sequence[int]) -> int:
        before = [timing.teacher - time for time in times if time < timing.teacher]
        after = [time - timing.teacher for time in times if time > timing.teacher]
        total = _pair(learning.potentiation, learning.pre_step, learning.pre_decay, min(before)) if before else 0
        return total + sum(_pair(learning.depression, learning.post_step, learning.post_decay, k) for k in after)

    return gain(timing.ones), gain(timing.zeros)


def expected_positives(taught: Words, ones: int, zeros: int, words: Words) -> NDArray[np.bool_]:
    """Which of the words [n, bits] a detector must fire for, from the equation alone: bool [n].

    taught: the words that it was taught; ones, zeros: what a 1 and a 0 gain from a presentation.
    """
    per_bit = np.where(taught, ones, -zeros).sum(axis=0)
    score = np.where(words, per_bit, -per_bit).sum(axis=1)
    threshold = np.where(taught, per_bit, -per_bit).sum(axis=1).min()
    return np.asarray(score >= threshold)


def false_positives_of_two(agreeing: int, only_first: int, only_second: int, ones: int, zeros: int) -> int:
    """False positives of a detector that was taught two words, as a closed sum.

    agreeing: ones and zeros that the words share are taken as `agreeing` bits whose mismatch costs at least
    4 min(ones, zeros); only_first, only_second: bits that are 1 in one word and 0 in the other, d in all. With
    δ = ones - zeros, a word that has all shared bits, and j ones among the d, scores S + δ (2 j - d), the taught ones
    S ± δ (only_first - only_second), which makes Σ_{j ≥ min(only_first, only_second)} C(d, j) - 2 false positives for
    δ > 0 and 2^d - 2 for δ = 0. Raises ValueError where words that miss a shared bit score enough too.
    """
    d, apart = only_first + only_second, abs(only_first - only_second)
    delta = ones - zeros
    if agreeing and delta * (d + apart) >= 4 * min(ones, zeros):
        raise ValueError("a word that misses a shared bit is as good as a taught one")
    least = min(only_first, only_second) if delta else 0
    return sum(comb(d, j) for j in range(least, d + 1)) - 2


def _pair(gain: int, trace: int, decay: int, ticks: int) -> int:
    for _ in range(ticks - 1):
        trace -= -(-trace * decay // 65536)
    return (gain * trace + 128) >> 8
