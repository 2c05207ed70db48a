from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from apps.can_ids.logs import attack_log

from hwflow.apps.can_ids.attacks import (
    INTERVALS,
    MASQUERADE,
    Kinds,
    attack_counts,
    choose_targets,
    held_out_values,
    inject,
    plan_bursts,
)
from hwflow.apps.can_ids.frame import CLASS_NAMES, DOS, FUZZY, NORMAL, SPOOF_GEAR, SPOOF_RPM, CanLog
from hwflow.apps.can_ids.recording import Recording, with_attacks
from hwflow.apps.can_ids.vehicle import GEAR_IDENTIFIER, RPM_IDENTIFIER, generate
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


def test_a_masquerade_stands_in_the_nodes_place_at_its_pace() -> None:
    log = generate(7, 6.0)
    values = np.array([7, 11, 13], dtype=np.uint8)
    (burst,) = plan_bursts(log, 2.0, 6.0, 1, choose_targets(log), values, np.random.default_rng(3), (MASQUERADE,))
    made = inject(log, (burst,), np.random.default_rng(4))
    own = log.take(log.keys == burst.key)
    forged = made.take(made.label == MASQUERADE)
    silent = own.take((own.time >= burst.start) & (own.time < burst.stop))
    assert len(forged) == len(silent) == len(burst.payloads) > 50
    period = np.median(np.diff(own.time))
    assert np.abs(forged.time - silent.time).max() < 0.25 * period
    heard = made.take((made.keys == burst.key) & (made.label == NORMAL))
    assert len(heard) == len(own) - len(silent)
    # What was captured, in its order, but for one byte.
    before = own.payload[own.time < burst.start][-len(forged) :]
    differs = (forged.payload != np.resize(before, forged.payload.shape)).any(axis=0)
    (byte,) = np.flatnonzero(differs)
    assert set(forged.payload[:, byte]) <= {7, 11, 13}


def test_kinds_may_differ_before_and_after_the_cut() -> None:
    log = generate(7, 6.0)
    benign = Recording(log, "", 4.0)
    (made,), _ = with_attacks([benign], 0, Kinds((DOS, FUZZY), (SPOOF_GEAR, MASQUERADE)))
    before, after = (attack_counts(made.log.label[part]) for part in (made.log.time < 4.0, made.log.time >= 4.0))
    assert {name for name, count in before.items() if count} == {"normal", "dos", "fuzzy"}
    assert {name for name, count in after.items() if count} == {"normal", "spoof-gear", "masquerade"}


def test_what_was_injected_stays_as_it_was(benign: CanLog) -> None:
    """Masquerades are drawn only where they are asked for: the figures are those from before there were any."""
    (made,), _ = with_attacks([Recording(benign, "", 1.3)], 2)
    counts = {"normal": 3597, "dos": 825, "fuzzy": 510, "spoof-gear": 261, "spoof-rpm": 242, "masquerade": 0}
    assert attack_counts(made.log.label) == counts
    assert int(made.log.payload.astype(np.int64).sum()) == 3_802_889


def test_nothing_to_masquerade(benign: CanLog) -> None:
    still = replace(benign, payload=np.zeros_like(benign.payload))
    with pytest.raises(UserError, match="none can be masqueraded"):
        plan_bursts(
            still,
            1.0,
            2.0,
            1,
            choose_targets(benign),
            np.arange(3, dtype=np.uint8),
            np.random.default_rng(0),
            (MASQUERADE,),
        )
