"""Which measures spoke: checked against a net whose sums can be done by hand."""

import numpy as np
from apps.can_ids import watching as made

from hwflow.apps.can_ids.features import FEATURE_NAMES
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.profile import learn_profile
from hwflow.apps.can_ids.watch.batch import Batch
from hwflow.apps.can_ids.watch.detector import Detector, OnReference
from hwflow.apps.can_ids.watch.why import Reasons
from hwflow.ints import IntType
from hwflow.quantised.network import INPUT, Dense, Network, Node

ATTACKED = made.attacked()


def summing(**gains: int) -> Network:
    """Two classes and no ArgMax: each named bit counts so much for an attack, or, below 0, for normal."""
    weight = np.zeros((2, len(FEATURE_NAMES)), dtype=np.int64)
    for name, gain in gains.items():
        weight[int(gain > 0), FEATURE_NAMES.index(name)] = abs(gain)
    dense = Node("dense0", Dense(weight, IntType(4, True)), (INPUT,))
    return Network("sums", len(FEATURE_NAMES), IntType(1, False), (dense,))


def spoken(network: Network, log: CanLog = ATTACKED) -> list[list[tuple[str, int | None]]]:
    n = len(log)
    profiles = (learn_profile(made.benign()),)
    batch = Batch(log, np.zeros(n, np.uint8), np.zeros(n, np.int64), np.zeros(n))
    verdicts = Detector(profiles, OnReference(network)).judge(batch)
    return [
        [(spoke.measure, spoke.value) for spoke in why]
        for why in Reasons(network, profiles).of(verdicts, verdicts.alarms)
    ]


def test_the_loudest_comes_first() -> None:
    found = spoken(summing(**{"unknown>=1": 3, "known>=1": -2, "gap/period>=48": -3, "bus>=12": 1}))
    assert found[:4] == [[("unknown", 1), ("known", 0)]] * 4


def test_of_a_first_frame_there_is_no_gap() -> None:
    found = spoken(summing(**{"gap>=8000": 2, "known>=1": -1, "gap/period>=96": 5}))
    assert found[0] == [("gap/period", None)]


def test_what_is_as_usual_does_not_speak() -> None:
    """Each frame of benign traffic is called an attack for its data alone."""
    log = made.benign()
    network = summing(**{f"data[0][{bit}]": 1 for bit in range(8)})
    found = spoken(network, log)
    assert len(found) > 100 and not any(found)
