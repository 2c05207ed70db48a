from itertools import pairwise

import numpy as np
import pytest
from apps.can_ids.logs import attack_log

from hwflow.apps.can_ids.attacks import INTERVALS, choose_targets, held_out_values, inject, plan_bursts
from hwflow.apps.can_ids.frame import CLASS_NAMES, DOS, FUZZY, NORMAL, SPOOF_GEAR, SPOOF_RPM, CanLog
from hwflow.apps.can_ids.vehicle import GEAR_IDENTIFIER, RPM_IDENTIFIER
from hwflow.errors import UserError


@pytest.mark.slow
def test_rates_and_identifiers(benign: CanLog) -> None:
    recording = attack_log(benign, 0)
    log, known = recording.log, np.unique(benign.identifier)
    for label, interval in INTERVALS.items():
        frames = log.take(log.label == label)
        steps = np.diff(frames.time)
        assert steps[steps < 0.02].mean() == pytest.approx(interval, rel=0.05), CLASS_NAMES[label]
    assert set(log.identifier[log.label == DOS]) == {0}
    assert set(log.identifier[log.label == SPOOF_GEAR]) == {GEAR_IDENTIFIER}
    assert set(log.identifier[log.label == SPOOF_RPM]) == {RPM_IDENTIFIER}
    fuzzy = np.isin(log.identifier[log.label == FUZZY], known).mean()
    assert 0.2 < fuzzy < 0.45
    assert (log.label == NORMAL).sum() > 0.9 * len(benign)


def test_bursts_last_three_to_five_seconds_if_there_is_time(benign: CanLog) -> None:
    log = benign
    rng = np.random.default_rng(0)
    values, _ = held_out_values(rng)
    bursts = plan_bursts(log, 0.0, 100.0, 2, choose_targets(log), values, rng)
    assert len(bursts) == 8
    assert all(3 <= burst.stop - burst.start <= 5 for burst in bursts)
    assert all(one.stop < two.start for one, two in pairwise(bursts))
    for cycle in (bursts[:4], bursts[4:]):
        assert {burst.label for burst in cycle} == {DOS, FUZZY, SPOOF_GEAR, SPOOF_RPM}


def test_no_burst_crosses_the_cut_and_test_payloads_are_held_out(benign: CanLog) -> None:
    recording = attack_log(benign, 1)
    log, train = recording.log, recording.log.time < recording.cut
    for label in (DOS, SPOOF_GEAR, SPOOF_RPM):
        moving = {DOS: slice(None), SPOOF_GEAR: [2, 3], SPOOF_RPM: [2, 3]}[label]
        values = [set(log.payload[(log.label == label) & part][:, moving].ravel()) for part in (train, ~train)]
        assert all(values)
        assert not values[0] & values[1], CLASS_NAMES[label]
    near = np.abs(log.time - recording.cut) < 2e-3
    assert set(log.label[near]) == {NORMAL}


def test_injection_keeps_benign_frames_and_adds_to_their_delay(benign: CanLog) -> None:
    log = benign
    alone = inject(log, (), np.random.default_rng(0))
    assert np.array_equal(alone.identifier, log.identifier)
    assert np.allclose(alone.time, log.time)


def test_equal_seeds_give_equal_attacks(benign: CanLog) -> None:
    one, two = attack_log(benign, 5).log, attack_log(benign, 5).log
    assert np.array_equal(one.payload, two.payload)
    assert np.array_equal(one.time, two.time)


def test_too_little_to_spoof(benign: CanLog) -> None:
    with pytest.raises(UserError, match="too short"):
        choose_targets(benign.take(slice(0, 20)))


def test_targets_of_an_unknown_car_are_its_liveliest_identifiers(benign: CanLog) -> None:
    log = benign
    rest = log.take(~np.isin(log.identifier, (GEAR_IDENTIFIER, RPM_IDENTIFIER)))
    targets = choose_targets(rest)
    assert targets.gear != targets.rpm
    assert {targets.gear, targets.rpm} <= set(rest.keys.tolist())
