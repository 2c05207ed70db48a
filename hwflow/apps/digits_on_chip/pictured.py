"""What a net did on one image, and what it has learnt, for the report's pictures."""

from dataclasses import dataclass

import numpy as np

from hwflow.ints import IntArray, WeightArray
from hwflow.spiking import reference as golden
from hwflow.spiking.report.activity import Activity
from hwflow.spiking.train.coding import Spikes


@dataclass(frozen=True, eq=False)
class Pictured:
    """How a net is drawn: ticks of the image, neurons of which the busiest are traced, side of a picture, and order."""

    about: str
    ticks: int
    traced: IntArray
    side: int
    order: IntArray


def activity_of(rules: golden.Rules, image: Spikes, counts: IntArray, before: WeightArray, drawn: Pictured) -> Activity:
    """One held-out image [ticks, axons] on the golden model, from rest; counts: [n, N], of each neuron in all images."""
    after = rules.network
    done = golden.run(rules, golden.initial(after), image[: drawn.ticks], keep_membranes=True)
    assert done.membranes is not None
    fired = np.count_nonzero(done.spikes[:, drawn.traced], axis=0)
    traced = drawn.traced[np.argsort(-fired, kind="stable")[:3]]
    return Activity(
        about=drawn.about,
        shape=np.array([after.axons, after.size, len(done.spikes)]),
        axon_spikes=np.argwhere(image[: drawn.ticks]),
        spikes=np.argwhere(done.spikes),
        traced=traced,
        membranes=done.membranes[:, traced],
        thresholds=np.broadcast_to(after.neurons.threshold[traced], (len(done.spikes), len(traced))),
        counts=counts.sum(axis=0),
        counted=len(counts) * len(image),
        before=before.astype(np.int8),
        after=after.weight.astype(np.int8),
        tile=np.array([drawn.side, drawn.side]),
        order=drawn.order,
    )
