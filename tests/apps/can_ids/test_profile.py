import json
from collections.abc import Callable

import numpy as np

from hwflow.apps.can_ids.frame import CanLog, words_to_payload
from hwflow.apps.can_ids.profile import Profile, learn_profile
from hwflow.apps.can_ids.vehicle import RPM_IDENTIFIER

LogOf = Callable[..., CanLog]


def test_habits_of_a_counting_identifier(log_of: LogOf) -> None:
    log = log_of(*((i * 0.01, 0x123) for i in range(64)))
    words = np.uint64(0xAB00) + (np.arange(64, dtype=np.uint64) << np.uint64(32))
    log.payload[:] = words_to_payload(words)
    habit = learn_profile(log).habits[0x123]
    assert (habit.period, habit.dlc) == (10_000, 8)
    assert habit.fast == 1 << 32  # the counter's lowest bit
    assert habit.still == (1 << 64) - 1 - (63 << 32)
    assert habit.value == 0xAB00
    assert habit.slow == habit.still | 3 << 36  # which flip once and three times in 63 steps
    assert habit.reach == (0, 0, 0, 1, 0, 0, 0, 0)


def test_only_normal_frames_count(log_of: LogOf) -> None:
    log = log_of(*((i * 0.01, 0x123) for i in range(10)))
    log.label[5:] = 1
    log.payload[5:] = 255
    assert learn_profile(log).habits[0x123].still == (1 << 64) - 1
    log.label[:] = 1
    assert learn_profile(log) == Profile({})


def test_json_has_every_identifier(benign: CanLog) -> None:
    document = json.loads(json.dumps(learn_profile(benign).to_json()))
    assert len(document) == len(np.unique(benign.keys))
    assert document[f"{RPM_IDENTIFIER:03X}"]["dlc"] == 8


def test_nothing_is_timed_from_one_log_to_the_next(log_of: LogOf) -> None:
    parts = [log_of(*((start + i * 0.01, 0x123) for i in range(2))) for start in (0.0, 100.0, 200.0)]
    for number, part in enumerate(parts):
        part.payload[:, 0] = number
    habit = learn_profile(*parts).habits[0x123]
    assert habit.period == 10_000
    assert habit.reach == (0,) * 8
    assert habit.still == (1 << 64) - 1 - (3 << 56)  # what differs between them is not still
