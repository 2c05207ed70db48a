from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from apps.can_ids.logs import attack_log
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.apps.can_ids.features import (
    FEATURE_NAMES,
    MEASURES,
    PAYLOAD_COLUMNS,
    Observer,
    feature_bits,
    features,
    measure,
)
from hwflow.apps.can_ids.frame import SPOOF_RPM, CanLog
from hwflow.apps.can_ids.profile import learn_profile
from hwflow.apps.can_ids.vehicle import RPM_IDENTIFIER, generate

NAMES = [kind.name for kind in MEASURES]

LogOf = Callable[..., CanLog]


def changed_after(log: CanLog, row: int, rng: np.random.Generator) -> CanLog:
    """The same log up to and with `row`, other frames at the same or later times after it."""
    later = log.take(slice(None))
    n = len(log) - row - 1
    later.payload[row + 1 :] = rng.integers(0, 256, (n, 8))
    later.identifier[row + 1 :] = rng.permutation(later.identifier[row + 1 :])
    later.time[row + 1 :] += rng.uniform(0, 1)
    later.label[row + 1 :] = 0
    return later


@pytest.mark.parametrize("seed", range(5))
def test_causal_and_blind_to_labels(benign: CanLog, seed: int) -> None:
    rng = np.random.default_rng(seed)
    log = attack_log(benign, 2).log.take(slice(0, 1500))
    profile = learn_profile(log)
    row = int(rng.integers(1500))
    other = changed_after(log, row, rng)
    other.label[:] = rng.integers(0, 5, len(log))
    assert np.array_equal(features(log, profile)[: row + 1], features(other, profile)[: row + 1])


def test_shape_and_raw_bits(benign: CanLog) -> None:
    log = benign.take(slice(0, 300))
    x = features(log, learn_profile(benign))
    assert x.shape == (300, len(FEATURE_NAMES)) == (300, 128)
    assert set(np.unique(x)) == {0, 1}
    assert np.array_equal(x[:, :11] @ (1 << np.arange(10, -1, -1)), log.identifier)
    assert np.array_equal(x[:, 12:16] @ (1 << np.arange(3, -1, -1)), log.dlc)
    assert np.array_equal(np.packbits(x[:, slice(*PAYLOAD_COLUMNS)], axis=1), log.payload)


def test_thermometers_never_have_a_hole(benign: CanLog) -> None:
    x = features(attack_log(benign, 2).log.take(slice(0, 3000)), learn_profile(benign))
    at = PAYLOAD_COLUMNS[1]
    for kind in MEASURES:
        bits = x[:, at : at + len(kind.levels)].astype(int)
        assert (np.diff(bits, axis=1) <= 0).all(), kind.name
        at += len(kind.levels)
    assert at == len(FEATURE_NAMES)


def test_measures_of_a_regular_identifier_under_a_flood(log_of: LogOf) -> None:
    """Ten frames every 10 ms, then the tenth's forged twin 1 ms after it, then the eleventh in time."""
    times = [i * 0.01 for i in range(10)]
    profile = learn_profile(log_of(*((time, 0x123) for time in times)))
    log = log_of(*((time, 0x123) for time in (*times, 0.091, 0.1)), (0.1005, 0x456))
    log.payload[10] = 255
    rows = {name: measure(log, profile)[:, index] for index, name in enumerate(NAMES)}
    assert rows["gap"][9:12].tolist() == [10_000, 1000, 9000]
    assert rows["gap/period"][9:12].tolist() == [64, 6, 57]
    assert rows["age/period"][9:12].tolist() == [64, 6, 64]  # the forged frame is not what is trusted
    assert rows["trusted"][9:12].tolist() == [1, 0, 1]
    assert rows["changed"][9:12].tolist() == [0, 64, 64]
    assert rows["slow"][9:12].tolist() == [0, 64, 0]
    assert rows["strange"][9:12].tolist() == [0, 64, 0]
    assert rows["jump"][9:12].tolist() == [0, 8, 0]  # by 1 modulo 256, which is more than never
    assert rows["known"].tolist() == [1] * 12 + [0]
    assert rows["unknown"].tolist() == [0] * 12 + [1]
    assert rows["bus"][-2:].tolist() == [2, 3]


def test_forged_frames_are_rarely_trusted() -> None:
    log = attack_log(generate(7, 4.0), 3).log
    rows = measure(log, learn_profile(log))[:, NAMES.index("trusted")]
    spoofed = log.label == SPOOF_RPM
    genuine = (log.identifier == RPM_IDENTIFIER) & (log.label == 0)
    assert rows[spoofed].mean() < 0.02
    assert rows[genuine].mean() > 0.9


@cache
def under_attack() -> CanLog:
    return attack_log(generate(7, 1.5), 2).log.take(slice(1200, 1800))


@given(cuts=st.lists(st.integers(0, 600), max_size=12))
@settings(max_examples=15)
def test_frames_may_come_many_or_few_at_a_time(cuts: list[int]) -> None:
    log = under_attack()
    profile = learn_profile(log)
    observer = Observer(profile)
    ends = sorted({0, *cuts, len(log)})
    parts = [log.take(slice(first, last)) for first, last in pairwise(ends)]
    bits = [feature_bits(part, observer.observe(part)) for part in parts]
    assert np.array_equal(np.concatenate(bits), features(log, profile))


def test_one_frame_and_none(benign: CanLog) -> None:
    observer = Observer(learn_profile(benign))
    assert observer.observe(benign.take(slice(0, 0))).shape == (0, len(MEASURES))
    assert observer.observe(benign.take(slice(0, 1))).shape == (1, len(MEASURES))
