"""Our traffic generator: a car of 53 identifiers on a 500 kbit/s bus, about 1,850 frames a second.

Payloads carry moving signals (a simulated drive, slow and fast random walks), rolling counters, checksums, flags and
constants; frames have jitter and win or lose arbitration. Everything follows from the seed.
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.bus import arbitrate
from hwflow.apps.can_ids.frame import NORMAL, CanLog, join, words_to_payload
from hwflow.apps.can_ids.signals import STEP, Drive, drive, wander

GEAR_IDENTIFIER, RPM_IDENTIFIER = 0x43F, 0x316  # where HCRL's car has them


@dataclass(frozen=True)
class Signal:
    """An unsigned field: clip(round(offset + gain * series)), `bits` wide from bit `start` (0 is byte 0's top bit).

    source: a series of Drive, or empty for a random walk of its own with time constant `seconds`.
    """

    start: int
    bits: int
    source: str = ""
    gain: float = 1.0
    offset: float = 0.0
    seconds: float = 1.0


@dataclass(frozen=True)
class Flag:
    """One bit that flips at random, every `seconds` on average."""

    start: int
    seconds: float


@dataclass(frozen=True)
class Message:
    """A frame that one node sends.

    period: seconds; for an `event` message the mean time between events, each sent three times 10 ms apart.
    counter: first bit of a rolling counter of `counter_bits`, or -1; checksum: byte of a CRC-8 SAE J1850 over the
    other bytes, or -1; fixed: the bits that never move, a 64-bit word.
    """

    identifier: int
    period: float
    dlc: int
    signals: tuple[Signal, ...] = ()
    flags: tuple[Flag, ...] = ()
    counter: int = -1
    counter_bits: int = 4
    checksum: int = -1
    fixed: int = 0
    event: bool = False


_POWERTRAIN = (
    Message(0x0A0, 0.01, 8, (Signal(0, 16, "steering", 10, 8192), Signal(16, 12, "", 30, 2048, 0.3)), counter=52, checksum=7),
    Message(0x0C4, 0.01, 6, (Signal(0, 10, "throttle", 10), Signal(16, 12, "torque", 8, 600)), counter=40, counter_bits=8),
    Message(0x110, 0.01, 8, (Signal(0, 16, "brake", 40), Signal(16, 16, "brake", 38, 9)), (Flag(63, 4),), counter=56),
    Message(0x153, 0.01, 8, (Signal(0, 16, "speed", 100), Signal(16, 16, "", 60, 3000, 0.5)), counter=48, checksum=7),
    Message(0x18F, 0.01, 8, tuple(Signal(16 * i, 15, "speed", 100 + i, 3) for i in range(4)), fixed=0x0000000000000001),
    Message(RPM_IDENTIFIER, 0.01, 8, (Signal(8, 8, "torque", 0.4, 30), Signal(16, 16, "engine", 4), Signal(40, 8, "throttle", 2)),
            fixed=0x0500000000180000, counter=52, checksum=7),
    Message(0x329, 0.02, 8, (Signal(0, 8, "coolant", 1.33, 64), Signal(24, 10, "throttle", 10), Signal(40, 8, "torque", 0.4, 30)),
            fixed=0x0040000000000010, counter=60),
    Message(0x370, 0.02, 4, (Signal(0, 12, "speed", 20),), (Flag(14, 9),), counter=24, counter_bits=8),
    Message(GEAR_IDENTIFIER, 0.01, 8, (Signal(12, 4, "gear"), Signal(16, 16, "engine", 1), Signal(40, 8, "speed", 1)),
            fixed=0x01000000600000FF),
    Message(0x545, 0.1, 8, (Signal(0, 8, "coolant", 1.33, 64), Signal(16, 8, "", 3, 140, 20)), fixed=0x00D8000000000000),
    Message(0x5A0, 1.0, 8, (Signal(0, 8, "fuel", 2.5), Signal(8, 8, "", 2, 120, 60)), fixed=0x0000FF0000AA0000),
)  # fmt: skip
_BODY_PERIODS = ((0.01, 3), (0.02, 10), (0.05, 7), (0.1, 8), (0.2, 4), (0.5, 3), (1.0, 3))
_EVENTS = 4


def messages(rng: np.random.Generator) -> tuple[Message, ...]:
    """The car's frames: eleven of the drive, 38 periodic ones of the body and 4 sent on events, drawn from `rng`."""
    taken = [message.identifier for message in _POWERTRAIN]
    pool = np.setdiff1d(np.arange(0x80, 0x700), taken)
    count = sum(number for _, number in _BODY_PERIODS) + _EVENTS
    identifiers = rng.choice(pool, count, replace=False)
    # Shorter periods take lower identifiers, as in a car, though not strictly.
    identifiers = identifiers[np.argsort(identifiers + rng.normal(0, 150, count))].tolist()
    periods = [period for period, number in _BODY_PERIODS for _ in range(number)]
    body = tuple(
        _body_message(rng, identifier, period, False) for identifier, period in zip(identifiers, periods, strict=False)
    )
    events = tuple(_body_message(rng, identifier, 5.0, True) for identifier in identifiers[len(periods) :])
    return _POWERTRAIN + body + events


def _body_message(rng: np.random.Generator, identifier: int, period: float, event: bool) -> Message:
    dlc = int(rng.choice((2, 3, 4, 5, 6, 7, 8), p=(0.04, 0.04, 0.06, 0.06, 0.1, 0.1, 0.6)))
    checksum = dlc - 1 if rng.random() < 0.4 and dlc > 2 else -1
    free = 8 * (dlc - (checksum >= 0))
    counter = free - 4 if rng.random() < 0.6 else -1
    signals: list[Signal] = []
    at = 0
    end = free - 4 if counter >= 0 else free
    while at + 8 <= end and len(signals) < 3:
        bits = int(rng.choice((8, 8, 10, 12, 16)))
        if at + bits > end:
            break
        scale = 2.0 ** (bits - 1)
        signals.append(Signal(at, bits, "", scale * rng.uniform(0.02, 0.25), scale, float(rng.choice((0.3, 1, 5, 30)))))
        at += bits + int(rng.choice((0, 0, 4, 8)))
    flags = tuple(Flag(int(bit), float(rng.choice((2, 10, 40)))) for bit in range(at, end) if rng.random() < 0.15)
    moving = reduce(lambda mask, flag: mask | 1 << (63 - flag.start), flags, 0)
    fixed = 0
    for bit in range(at, end):
        fixed |= int(rng.random() < 0.3) << (63 - bit)
    return Message(identifier, period, dlc, tuple(signals), flags, counter, 4, checksum, fixed & ~moving, event)


def generate(seed: int, seconds: float) -> CanLog:
    """Benign traffic of `seconds`: a CanLog whose frames are all NORMAL, ended in the order the bus decided."""
    rng = np.random.default_rng(seed)
    steps = int(seconds / STEP) + 2
    trip = drive(rng, steps)
    logs = [_send(rng, message, trip, seconds) for message in messages(rng)]
    return arbitrate(reduce(join, logs))


def _send(rng: np.random.Generator, message: Message, trip: Drive, seconds: float) -> CanLog:
    """Frames of one message at the times at which they are ready to be sent."""
    time = _ready_times(rng, message, seconds)
    n = len(time)
    at = (time / STEP).astype(np.int64)
    words = np.full(n, message.fixed, dtype=np.uint64)
    for signal in message.signals:
        walk = getattr(trip, signal.source) if signal.source else wander(rng, len(trip.speed), signal.seconds)
        value = np.clip(np.rint(signal.offset + signal.gain * walk[at]), 0, (1 << signal.bits) - 1).astype(np.uint64)
        words |= value << np.uint64(64 - signal.start - signal.bits)
    for flag in message.flags:
        flips = rng.random(len(trip.speed)) < STEP / flag.seconds
        words |= (np.cumsum(flips) % 2).astype(np.uint64)[at] << np.uint64(63 - flag.start)
    if message.counter >= 0:
        count = (np.arange(n) + int(rng.integers(256))) % (1 << message.counter_bits)
        words |= count.astype(np.uint64) << np.uint64(64 - message.counter - message.counter_bits)
    payload = words_to_payload(words).copy()
    if message.checksum >= 0:
        payload[:, message.checksum] = crc8(np.delete(payload[:, : message.dlc], message.checksum, axis=1))
    return CanLog(
        time,
        np.full(n, message.identifier, dtype=np.uint32),
        np.zeros(n, dtype=np.bool_),
        np.full(n, message.dlc, dtype=np.uint8),
        payload,
        np.full(n, NORMAL, dtype=np.uint8),
    )


def _ready_times(rng: np.random.Generator, message: Message, seconds: float) -> NDArray[np.float64]:
    if message.event:
        events = np.sort(rng.uniform(0, seconds, int(rng.poisson(seconds / message.period)) + 1))
        events = events[np.diff(events, prepend=-1.0) > 0.05]
        time = (events[:, None] + np.arange(3) * 0.01).reshape(-1)
    else:
        # A node's clock is off by up to 0.5 ‰; a task's delay is a few per cent of its period, at most 1.5 ms.
        period = message.period * (1 + rng.uniform(-5e-4, 5e-4))
        ticks = np.arange(rng.uniform(0, period), seconds, period)
        time = ticks + np.abs(rng.normal(0, min(0.04 * period, 1.5e-3), len(ticks)))
    time = np.sort(time)
    kept: NDArray[np.float64] = time[time < seconds]
    return kept


def crc8(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """CRC-8 SAE J1850 of each row of bytes [n, k]: polynomial 0x1D, start 0xFF, final complement: [n]."""
    table = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        table = np.where(table & 0x80, table << 1 ^ 0x11D, table << 1)
    crc = np.full(len(data), 0xFF, dtype=np.uint8)
    for column in data.T:
        crc = table.astype(np.uint8)[crc ^ column]
    return crc ^ np.uint8(0xFF)
