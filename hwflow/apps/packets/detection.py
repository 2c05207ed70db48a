"""Words, and headers of packets, learnt by a teacher's spike on the spiking core, and detected there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwflow.apps.packets.headers import BITS, Header, header_words
from hwflow.apps.packets.patterns import (
    EVEN,
    PAPER,
    QUIET,
    Layout,
    Timing,
    Words,
    all_words,
    expected_positives,
    gains,
    pattern_network,
    presentations,
    signed_weights,
    word_spikes,
)
from hwflow.ints import IntArray
from hwflow.progress import Progress
from hwflow.spiking import reference as golden
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.report.activity import Activity
from hwflow.spiking.report.applications import Detector, Sweep
from hwflow.spiking.train.coding import Spikes

WORD_BITS = 10
_PAIRS = 32  # of words at each distance: as many as there are detectors


@dataclass(frozen=True, eq=False)
class Taught:
    """Detectors after their words.

    words: of each detector; learnt: weights [2 bits, detectors] as STDP left them; network: the net of the test.
    """

    words: tuple[Words, ...]
    learnt: IntArray
    network: SpikingNetwork


def teach(lockstep: Lockstep, layout: Layout, timing: Timing, words: Sequence[Words]) -> Taught:
    """Teach detector i the words[i], [n, bits], each in one presentation; then find its threshold, as the paper its factor.

    The scores of the taught words, of which the smallest must fire it, follow from the weights that were read back.
    """
    detectors = np.repeat(np.arange(len(words)), [len(one) for one in words])
    network = pattern_network(layout)
    lockstep.load(network)
    lockstep.run(presentations(layout, timing, np.concatenate(list(words)), detectors.tolist()), learn=True)
    state = lockstep.state()
    learnt = state.weight[: layout.inputs].copy()
    state.weight[: layout.inputs] = signed_weights(learnt)
    lockstep.write_state(state)
    threshold = np.full(layout.detectors, QUIET)
    for number, own in enumerate(words):
        inputs = word_spikes(layout, own)[:, : layout.inputs]
        threshold[number] = (inputs @ state.weight[: layout.inputs, number]).min() - 1  # it must be exceeded
    tested = replace(network, weight=state.weight, neurons=replace(network.neurons, threshold=threshold))
    lockstep.configure(tested)
    return Taught(tuple(words), learnt, tested)


def sweep_words(lockstep: Lockstep, seed: int, progress: Progress) -> Iterator[Sweep]:
    """Every word alone, then pairs of words at each distance, with the paper's times and with even ones."""
    layout, every = Layout(WORD_BITS, words=2), all_words(WORD_BITS)
    draw = np.random.default_rng(seed)
    alone = [[word[None] for word in part] for part in np.split(every, len(every) // layout.detectors)]
    yield _swept(lockstep, layout, PAPER, alone, 0, lambda share: progress("one word each", share))
    for timing in (PAPER, EVEN):
        for distance in range(1, WORD_BITS):
            pairs = [_pair(every, distance, draw) for _ in range(_PAIRS)]
            yield _swept(lockstep, layout, timing, [pairs], distance, lambda share: None)
            progress(f"two words each, {timing.name} times", distance / (WORD_BITS - 1))


def detect_packets(
    lockstep: Lockstep, headers: Sequence[Header], taught: Sequence[Sequence[Header]], progress: Progress
) -> tuple[tuple[Detector, ...], Taught, Layout]:
    """Teach each detector its headers, from one presentation each, and present every packet's header in a tick."""
    layout = Layout(BITS, words=max(len(one) for one in taught))
    progress("teaching packets", 0.0)
    known = teach(lockstep, layout, PAPER, [header_words(list(one)) for one in taught])
    words = header_words(list(headers))
    fired = lockstep.run(word_spikes(layout, words))
    progress("packets", 1.0)
    found = []
    for number, (own, of_detector) in enumerate(zip(taught, known.words, strict=True)):
        meant = np.array([header in own for header in headers])
        computed = expected_positives(of_detector, *gains(PAPER), words)
        found.append(
            Detector(
                headers=tuple(str(header) for header in own),
                packets=int(meant.sum()),
                missed=int((meant & ~fired[:, number]).sum()),
                false=int((~meant & fired[:, number]).sum()),
                false_computed=int((computed & ~meant).sum()),
            )
        )
    return tuple(found), known, layout


def patterns_activity(lockstep: Lockstep, layout: Layout, taught: Taught) -> Activity:
    """The first words as they are learnt, on the golden model."""
    first = taught.words[:4]
    words = np.concatenate(first)
    detectors = np.repeat(np.arange(len(first)), [len(one) for one in first])
    window: Spikes = presentations(layout, PAPER, words, detectors.tolist())
    network = pattern_network(layout)
    rules = golden.Rules(network, lockstep.model.core)
    done = golden.run(rules, golden.initial(network), window, learn=True, keep_membranes=True)
    assert done.membranes is not None
    before, after = network.weight.copy(), network.weight.copy()
    after[: layout.inputs] = taught.learnt
    return Activity(
        about=f"{len(words)} words as they are learnt, each in one presentation with the teacher's spike",
        shape=np.array([network.axons, network.size, len(window)]),
        axon_spikes=np.argwhere(window),
        spikes=np.argwhere(done.spikes),
        traced=np.arange(2),
        membranes=done.membranes[:, :2],
        thresholds=np.full((len(window), 2), layout.threshold),
        counts=np.count_nonzero(done.spikes, axis=0),
        counted=len(window),
        before=before.astype(np.int8),
        after=after.astype(np.int8),
        tile=np.array([2, layout.bits]),
        order=np.arange(network.size),
    )


def _swept(
    lockstep: Lockstep,
    layout: Layout,
    timing: Timing,
    rounds: Sequence[Sequence[Words]],
    distance: int,
    progress: Callable[[float], None],
) -> Sweep:
    every = all_words(layout.bits)
    weights = gains(timing)
    missed, false, as_computed = 0, [], True
    for number, words in enumerate(rounds, 1):
        teach(lockstep, layout, timing, words)
        fired = lockstep.run(word_spikes(layout, every))
        for detector, own in enumerate(words):
            meant = (every[:, None] == own).all(axis=2).any(axis=1)
            missed += int((meant & ~fired[:, detector]).sum())
            false.append(int((fired[:, detector] & ~meant).sum()))
            as_computed &= bool((fired[:, detector] == expected_positives(own, *weights, every)).all())
        progress(number / len(rounds))
    taught = len(rounds[0][0])
    unweighted = (1 << distance) - 2 if taught == 2 else None
    return Sweep(timing.name, weights, taught, distance, len(false), missed, min(false), max(false), as_computed, unweighted)  # fmt: skip


def _pair(every: Words, distance: int, draw: np.random.Generator) -> Words:
    first = every[draw.integers(len(every))]
    second = first.copy()
    second[draw.permutation(len(first))[:distance]] ^= True
    return np.stack([first, second])
