"""Attacks put into benign traffic as HCRL made theirs: floods, fuzzing and spoofed identifiers, in bursts.

DoS: identifier 0x000 every 0.3 ms. Fuzzy: random data every 0.5 ms under random identifiers, a part of which occur in
the benign traffic. Spoofing: one identifier of the benign traffic every 1 ms; the payload is a captured one in
which the bytes that move have values of the attacker's choice, new ones every 20 ms. Source of rates and bursts: the HCRL car-hacking data set (Song et al. 2020).
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.bus import arbitrate, frame_seconds
from hwflow.apps.can_ids.frame import CLASS_NAMES, DOS, EXTENDED_KEY, FUZZY, SPOOF_GEAR, SPOOF_RPM, CanLog, join
from hwflow.apps.can_ids.vehicle import GEAR_IDENTIFIER, RPM_IDENTIFIER
from hwflow.errors import UserError

INTERVALS = {DOS: 0.3e-3, FUZZY: 0.5e-3, SPOOF_GEAR: 1e-3, SPOOF_RPM: 1e-3}  # seconds
KNOWN_SHARE = 0.3  # of the fuzzing frames, under identifiers of the benign traffic
BURST_SECONDS = (3.0, 5.0)
PAYLOAD_SECONDS = 0.02  # after which a spoofing or flooding node sends another payload
_JITTER = 0.02  # of the interval, the injecting node's timer


@dataclass(frozen=True, eq=False)
class Burst:
    """One attack from `start` to `stop` (seconds). key: identifier as CanLog.keys.

    payloads: uint8 [k, dlc], each sent for PAYLOAD_SECONDS. Fuzzing draws its own identifiers and data: none.
    """

    label: int
    start: float
    stop: float
    key: int
    payloads: NDArray[np.uint8]


@dataclass(frozen=True)
class Targets:
    """The identifiers (as CanLog.keys) that the two spoofing attacks use."""

    gear: int
    rpm: int


def choose_targets(log: CanLog) -> Targets:
    """HCRL's gear (0x43F) and RPM (0x316) where the log has them, else the two likeliest identifiers of the log.

    These are among those with at least four data bytes and 20 frames: for RPM the one with most different payloads a
    second, for gear the most frequent of the rest. Raises UserError if there are no two.
    """
    keys, count = np.unique(log.keys, return_counts=True)
    variety, frequency = {}, {}
    for key, number in zip(keys.tolist(), count.tolist(), strict=True):
        rows = log.keys == key
        if number >= 20 and log.dlc[rows].min() >= 4:
            variety[key] = len(np.unique(log.words[rows]))
            frequency[key] = number
    if len(variety) < 2:
        raise UserError("The log is too short for spoofing: fewer than two identifiers send 20 frames of four bytes or "
                        "more; give a longer log.")  # fmt: skip
    rpm = RPM_IDENTIFIER if RPM_IDENTIFIER in variety else max(variety, key=lambda key: variety[key])
    rest = {key: number for key, number in frequency.items() if key != rpm}
    return Targets(GEAR_IDENTIFIER if GEAR_IDENTIFIER in rest else max(rest, key=lambda key: rest[key]), rpm)


def held_out_values(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two sets of byte values without a common element: 160 for attacks of the training time, 96 for the test's."""
    values = rng.permutation(256).astype(np.uint8)
    return values[:160], values[160:]


def plan_bursts(
    log: CanLog,
    start: float,
    stop: float,
    cycles: int,
    targets: Targets,
    values: NDArray[np.uint8],
    rng: np.random.Generator,
) -> tuple[Burst, ...]:
    """`cycles` times all four attacks, in shuffled order, between `start` and `stop` (seconds).

    Each has an equal slot and lasts 3 to 5 s, or 40 to 60 % of its slot if that is shorter. The attacker has captured
    the frames before the burst; the bytes he sets, and the byte a flood repeats, are of `values`.
    """
    slot = (stop - start) / (4 * cycles)
    bursts = []
    for cycle in range(cycles):
        for place, label in enumerate(rng.permutation((DOS, FUZZY, SPOOF_GEAR, SPOOF_RPM)).tolist()):
            length = min(float(rng.uniform(*BURST_SECONDS)), slot * float(rng.uniform(0.4, 0.6)))
            begin = start + slot * (4 * cycle + place) + float(rng.uniform(0.1, 0.9)) * (slot - length)
            key = {SPOOF_GEAR: targets.gear, SPOOF_RPM: targets.rpm}.get(label, 0)
            number = int(np.ceil(length / PAYLOAD_SECONDS))
            if label in (SPOOF_GEAR, SPOOF_RPM):
                payloads = _crafted(log, begin, key, number, values, rng)
            else:
                payloads = np.repeat(rng.choice(values, (number, 1)), 8, axis=1)
            bursts.append(Burst(label, begin, begin + length, key, payloads))
    return tuple(bursts)


def inject(log: CanLog, bursts: tuple[Burst, ...], rng: np.random.Generator) -> CanLog:
    """The log with the bursts' frames, labelled, after both have contended for a 500 kbit/s bus."""
    benign_keys = np.unique(log.keys)
    ready = log.time - frame_seconds(log.dlc, log.extended)
    benign = CanLog(ready, log.identifier, log.extended, log.dlc, log.payload, log.label)
    attacks = [_frames(burst, benign_keys, rng) for burst in bursts]
    return arbitrate(reduce(join, attacks, benign))


def _crafted(
    log: CanLog,
    before: float,
    key: int,
    number: int,
    values: NDArray[np.uint8],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """`number` payloads captured in the second before the burst, the bytes that move set to bytes of `values`."""
    rows = np.flatnonzero(log.keys == key)
    captured = rows[: max(1, int(np.searchsorted(log.time[rows], before)))]
    dlc = int(log.dlc[rows[0]])
    recent = captured[log.time[captured] >= log.time[captured[-1]] - 1]
    payloads = log.payload[rng.choice(recent, number), :dlc].copy()
    moving = np.flatnonzero((log.payload[rows, :dlc] != log.payload[rows[0], :dlc]).any(axis=0))
    moving = moving if len(moving) else np.arange(dlc)
    payloads[:, moving] = rng.choice(values, (number, len(moving)))
    return payloads


def _frames(burst: Burst, benign_keys: NDArray[np.int64], rng: np.random.Generator) -> CanLog:
    """The frames of one burst at the times at which they are ready."""
    interval = INTERVALS[burst.label]
    time = np.arange(burst.start, burst.stop, interval)
    n = len(time)
    time = np.sort(time + rng.normal(0, _JITTER * interval, n))
    payload = np.zeros((n, 8), dtype=np.uint8)
    if burst.label == FUZZY:
        known = rng.random(n) < KNOWN_SHARE
        keys = np.where(known, rng.choice(benign_keys, n), rng.integers(1, 0x800, n))
        payload[:] = rng.integers(0, 256, (n, 8))
        dlc = 8
    else:
        keys = np.full(n, burst.key)
        dlc = burst.payloads.shape[1]
        turn = np.minimum((time - burst.start) / PAYLOAD_SECONDS, len(burst.payloads) - 1).astype(np.int64)
        payload[:, :dlc] = burst.payloads[np.maximum(turn, 0)]
    return CanLog(
        time,
        (keys & (EXTENDED_KEY - 1)).astype(np.uint32),
        keys >= EXTENDED_KEY,
        np.full(n, dlc, dtype=np.uint8),
        payload,
        np.full(n, burst.label, dtype=np.uint8),
    )


def attack_counts(label: NDArray[np.uint8]) -> dict[str, int]:
    """Frames of each class, by its name."""
    return {name: int((label == index).sum()) for index, name in enumerate(CLASS_NAMES)}
