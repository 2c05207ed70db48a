"""Digits on a net that was trained elsewhere: what it says of them, and what they cost the core."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hwflow.apps.digits_on_chip.pictured import Pictured, activity_of
from hwflow.dataset import Dataset
from hwflow.evaluation import Evaluation, evaluate
from hwflow.ints import IntArray
from hwflow.progress import Progress
from hwflow.spiking.backend.schedule import TickCycles
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.reference import Rules
from hwflow.spiking.report.activity import Activity
from hwflow.spiking.report.applications import Pace
from hwflow.spiking.train.coding import Spikes
from hwflow.spiking.train.surrogate import votes

_AT_ONCE = 40  # images


@dataclass(frozen=True, eq=False)
class Ran:
    """How well a net classifies that does not learn, and what it did.

    ticks: of an image; sources: axons and neurons with a spike that began its ticks, [n]; fired: neurons that fired in them, [n];
    beside: images that the device did too.
    """

    evaluation: Evaluation
    activity: Activity
    ticks: int
    sources: IntArray
    fired: IntArray
    beside: int

    def pace(self, cycles: TickCycles, clock_hz: int) -> Pace:
        """Cycles of the images, by the schedule of a core."""
        each = cycles.plain.always * self.ticks + cycles.plain.row * self.sources + cycles.plain.fired * self.fired
        return Pace(float(each.mean()), int(each.max()), int(each[: self.beside].sum()), clock_hz)


def off_chip(
    lockstep: Lockstep, network: SpikingNetwork, images: Spikes, data: Dataset, beside: int | None, progress: Progress
) -> Ran:
    """Show the test images as spikes, [n, ticks, axons], one after the other; the class is the one whose outputs have most spikes.

    Each image ends in silence that is long enough to bring the net back to rest. beside: images that the device does too, None for
    all; the others are done on the golden model alone, from the same state.
    """
    lockstep.load(network)
    judge, there = lockstep, len(images) if beside is None else min(beside, len(images))
    counts, sources = [], []
    bounds = sorted({*range(0, len(images), _AT_ONCE), there, len(images)})
    for first, last in pairwise(bounds):
        if first == there:
            judge = lockstep.alone(network)
        counts.append(judge.present(images[first:last], rest=False))
        sources.append(judge.model.events)
        progress("classifying", last / len(images))
    lockstep.state()
    found = np.concatenate(counts)
    said = votes(found[:, network.outputs], len(data.class_names)).argmax(axis=1)
    evaluation = evaluate("spiking net", data.class_names, data.y_test, said)
    until = min(int(np.flatnonzero(images[0].any(axis=1))[-1]) + 5, images.shape[1])
    drawn = Pictured("the first held-out image, from rest", until, network.outputs, int(np.sqrt(network.axons)),
                     np.arange(len(network.outputs)))  # fmt: skip
    activity = activity_of(
        Rules(network, lockstep.model.core), images[0], found[:, network.outputs], network.weight, drawn
    )
    return Ran(evaluation, activity, images.shape[1], np.concatenate(sources), found.sum(axis=1), there)
