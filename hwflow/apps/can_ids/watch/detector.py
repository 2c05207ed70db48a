"""Batches to verdicts: each bus's features, the net's classes, and of each alarm the measures that spoke for it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.features import MEASURES, Observer, feature_bits
from hwflow.apps.can_ids.frame import NORMAL
from hwflow.apps.can_ids.profile import Profile
from hwflow.apps.can_ids.watch.batch import Batch
from hwflow.dataset import Samples
from hwflow.quantised import reference
from hwflow.quantised.model import classes_of
from hwflow.quantised.network import Network

_KNOWN = [kind.name for kind in MEASURES].index("known")


class Classifier(Protocol):
    """What gives classes: the reference, or a board."""

    def infer(self, x: Samples, /) -> NDArray[np.int64]:
        """0/1 features [n, 128] to classes [n]."""
        ...


class Judge(Protocol):
    """What knows the verdicts of frames: a detector, or a guard that gave them."""

    def judge(self, batch: Batch) -> "Verdicts":
        """Classes of the next frames, and what they are of."""
        ...


class OnReference:
    """The integer reference, with which everything else is compared."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def infer(self, x: Samples, /) -> NDArray[np.int64]:
        """See Classifier."""
        network = self._network
        return classes_of(network, network.dequantise(reference.run(network, network.quantise(x))))


@dataclass(frozen=True, eq=False)
class Verdicts:
    """A batch and what was found of it.

    measured: the integers of MEASURES [n, 13]; x: the features [n, 128]; said: the class of each frame [n]; done: seconds of
    the monotonic clock at which the class was there, one for all or of each frame [n].
    """

    batch: Batch
    measured: NDArray[np.int64]
    x: Samples
    said: NDArray[np.int64]
    done: float | NDArray[np.float64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether the profile knows each frame's identifier [n]."""
        return np.equal(self.measured[:, _KNOWN], 1)

    @property
    def alarms(self) -> NDArray[np.int64]:
        """The frames that are said to be an attack, by their place in the batch."""
        return np.flatnonzero(self.said != NORMAL)


class Detector:
    """Listens to each bus with its own profile, and keeps what a session leaves until the next one begins.

    profiles: of each bus by its index in the feed's buses.
    """

    def __init__(self, profiles: Sequence[Profile], classifier: Classifier) -> None:
        self._profiles = profiles
        self._classifier = classifier
        self._observers: dict[int, tuple[int, Observer]] = {}

    def judge(self, batch: Batch) -> Verdicts:
        """Classes of the next frames. Raises what the classifier does."""
        measured = np.empty((len(batch), len(MEASURES)), dtype=np.int64)
        for (bus, session), rows in _parts(batch).items():
            measured[rows] = self._observer(bus, session).observe(batch.log.take(rows))
        x = feature_bits(batch.log, measured)
        said = self._classifier.infer(x)
        return Verdicts(batch, measured, x, said, time.monotonic())

    def _observer(self, bus: int, session: int) -> Observer:
        number, observer = self._observers.get(bus, (session, None))
        if observer is None or number != session:
            observer = Observer(self._profiles[bus])
            self._observers[bus] = session, observer
        return observer


def _parts(batch: Batch) -> Mapping[tuple[int, int], NDArray[np.int64] | slice]:
    """The frames of each bus in each session, by the order of the sessions."""
    if not batch.bus.any() and batch.session[0] == batch.session[-1]:
        return {(0, int(batch.session[0])): slice(None)}
    keys = np.unique(np.stack([batch.session, batch.bus.astype(np.int64)], axis=1), axis=0).tolist()
    return {(bus, session): np.flatnonzero((batch.bus == bus) & (batch.session == session)) for session, bus in keys}
