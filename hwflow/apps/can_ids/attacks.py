"""Attacks put into benign traffic as HCRL made theirs: floods, fuzzing and spoofed identifiers, in bursts.

DoS: identifier 0x000 every 0.3 ms. Fuzzy: random data every 0.5 ms under random identifiers, a part of which occur in
the benign traffic. Spoofing: one identifier of the benign traffic every 1 ms; the payload is a captured one in
which the bytes that move have values of the attacker's choice, new ones every 20 ms. Source of rates and bursts: the HCRL car-hacking data set (Song et al. 2020).

Where it is asked for, masquerade: the node that sends an identifier is silenced, and the attacker sends in its stead, at its pace,
what he captured of it, in its order, one byte that moves overwritten by a value of his choice, another one every half second. Its
like is in the ROAD data set (Verma et al. 2024), where forged frames stand in place of the node's own.
"""

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.bus import arbitrate, frame_seconds
from hwflow.apps.can_ids.frame import CLASS_NAMES, DOS, EXTENDED_KEY, FUZZY, SPOOF_GEAR, SPOOF_RPM, CanLog, join
from hwflow.apps.can_ids.vehicle import GEAR_IDENTIFIER, RPM_IDENTIFIER
from hwflow.errors import UserError

MASQUERADE = len(CLASS_NAMES)
ATTACK_NAMES = (*CLASS_NAMES, "masquerade")  # of all labels that an injected log has
HCRL = (DOS, FUZZY, SPOOF_GEAR, SPOOF_RPM)
INTERVALS = {DOS: 0.3e-3, FUZZY: 0.5e-3, SPOOF_GEAR: 1e-3, SPOOF_RPM: 1e-3}  # seconds
KNOWN_SHARE = 0.3  # of the fuzzing frames, under identifiers of the benign traffic
BURST_SECONDS = (3.0, 5.0)
PAYLOAD_SECONDS = 0.02  # after which a spoofing or flooding node sends another payload
_JITTER = 0.02  # of the interval, the injecting node's timer
_VALUE_SECONDS = 0.5  # after which a masquerade sets its byte to another value
_FEWEST_REPLACED = 10  # frames, fewer than which an identifier is no victim of a masquerade


@dataclass(frozen=True)
class Kinds:
    """The attacks that are injected, by their labels: before the cut between training and test, and after it."""

    before: tuple[int, ...] = HCRL
    after: tuple[int, ...] = HCRL


HCRL_KINDS = Kinds()
WITH_MASQUERADE = Kinds((*HCRL, MASQUERADE), (*HCRL, MASQUERADE))


@dataclass(frozen=True, eq=False)
class Burst:
    """One attack from `start` to `stop` (seconds). key: identifier as CanLog.keys.

    payloads: uint8 [k, dlc], each sent for PAYLOAD_SECONDS, or, in a masquerade, one for each frame that is replaced.
    Fuzzing draws its own identifiers and data: none.
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
    kinds: tuple[int, ...] = HCRL,
) -> tuple[Burst, ...]:
    """`cycles` times all attacks of `kinds`, in shuffled order, between `start` and `stop` (seconds).

    Each has an equal slot and lasts 3 to 5 s, or 40 to 60 % of its slot if that is shorter. The attacker has captured
    the frames before the burst; the bytes he sets, and the byte a flood repeats, are of `values`.
    """
    slot = (stop - start) / (len(kinds) * cycles)
    bursts = []
    for cycle in range(cycles):
        for place, label in enumerate(rng.permutation(kinds).tolist()):
            length = min(float(rng.uniform(*BURST_SECONDS)), slot * float(rng.uniform(0.4, 0.6)))
            begin = start + slot * (len(kinds) * cycle + place) + float(rng.uniform(0.1, 0.9)) * (slot - length)
            key = {SPOOF_GEAR: targets.gear, SPOOF_RPM: targets.rpm}.get(label, 0)
            number = int(np.ceil(length / PAYLOAD_SECONDS))
            if label == MASQUERADE:
                bursts.append(_masquerade(log, begin, begin + length, values, rng))
                continue
            if label in (SPOOF_GEAR, SPOOF_RPM):
                payloads = _crafted(log, begin, key, number, values, rng)
            else:
                payloads = np.repeat(rng.choice(values, (number, 1)), 8, axis=1)
            bursts.append(Burst(label, begin, begin + length, key, payloads))
    return tuple(bursts)


def inject(log: CanLog, bursts: tuple[Burst, ...], rng: np.random.Generator) -> CanLog:
    """The log with the bursts' frames, labelled, after both have contended for a 500 kbit/s bus.

    What a masquerade replaces is not sent.
    """
    benign_keys = np.unique(log.keys)
    ready = log.time - frame_seconds(log.dlc, log.extended)
    benign = CanLog(ready, log.identifier, log.extended, log.dlc, log.payload, log.label)
    attacks, silenced = [], np.zeros(len(log), dtype=np.bool_)
    for burst in bursts:
        if burst.label == MASQUERADE:
            rows = _replaced(log, burst)
            silenced[rows] = True
            attacks.append(_in_place(benign.take(rows), burst, rng))
        else:
            attacks.append(_frames(burst, benign_keys, rng))
    return arbitrate(reduce(join, attacks, benign.take(~silenced)))


def _masquerade(log: CanLog, start: float, stop: float, values: NDArray[np.uint8], rng: np.random.Generator) -> Burst:
    """In place of one of the identifiers that are sent most often, half as often as any other or more, and whose payloads move."""
    within = (log.time >= start) & (log.time < stop)
    keys, counts = np.unique(log.keys[within], return_counts=True)
    before, counts_before = np.unique(log.keys[log.time < start], return_counts=True)
    often = counts >= max(_FEWEST_REPLACED, counts.max(initial=0) / 2)
    able = keys[often & np.isin(keys, before[counts_before >= _FEWEST_REPLACED])].tolist()
    able = [key for key in able if len(np.unique(log.words[log.keys == key])) > 1]
    if not able:
        raise UserError("No identifier of the log sends ten frames in a burst with payloads that move, so none can be masqueraded; "
                        "give a longer log.")  # fmt: skip
    key = int(rng.choice(able))
    rows = np.flatnonzero(log.keys == key)
    replaced = rows[within[rows]]
    captured = rows[log.time[rows] < start][-len(replaced) :]
    dlc = int(log.dlc[rows[0]])
    payloads = np.resize(log.payload[captured, :dlc], (len(replaced), dlc))
    moving = np.flatnonzero((log.payload[rows, :dlc] != log.payload[rows[0], :dlc]).any(axis=0))
    turn = ((log.time[replaced] - start) / _VALUE_SECONDS).astype(np.int64)
    payloads[:, rng.choice(moving)] = rng.choice(values, int(turn[-1]) + 1)[turn]
    return Burst(MASQUERADE, start, stop, key, payloads)


def _replaced(log: CanLog, burst: Burst) -> NDArray[np.int64]:
    return np.flatnonzero((log.keys == burst.key) & (log.time >= burst.start) & (log.time < burst.stop))


def _in_place(frames: CanLog, burst: Burst, rng: np.random.Generator) -> CanLog:
    """The frames of a masquerade in place of these, ready when they were, up to the injecting node's timer."""
    period = float(np.median(np.diff(frames.time)))
    n, dlc = burst.payloads.shape
    payload = np.zeros((n, 8), dtype=np.uint8)
    payload[:, :dlc] = burst.payloads
    return replace(
        frames,
        time=np.sort(frames.time + rng.normal(0, _JITTER * period, n)),
        dlc=np.full(n, dlc, dtype=np.uint8),
        payload=payload,
        label=np.full(n, MASQUERADE, dtype=np.uint8),
    )


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
    return {name: int((label == index).sum()) for index, name in enumerate(ATTACK_NAMES)}
