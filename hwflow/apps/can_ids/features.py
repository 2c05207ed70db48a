"""A frame as 0/1 features, from what a node on the bus knows when the frame has ended.

Everything is causal: the features of a frame depend on it, on the frames before it and on the Profile, which was learnt
on benign frames of the training time. Time is in whole microseconds. No feature knows of attacks.

State per identifier of the profile: time and payload of its last frame; time and payload of its last *trusted* frame.
A frame is trusted (and replaces the trusted one) if it has the usual length and
- it continues the trusted frame, half a period or more after it: at most 2 + p slow bits and no still bit differ, at
  most p / 2 bytes jump, and a fast bit moved, if there is any; p is the trusted frame's age in periods, so that a real
  leap is accepted in time, and what is nearest first; or
- it continues the last frame, half a period or more after it: at most two slow bits differ, a fast bit moved; or
- it is the identifier's first.
So a flood of forged frames, which come faster than the period, does not replace what the vehicle last said.
State of the bus: times of the last frames, and of the last ones under unknown identifiers.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.profile import Habit, Profile

WINDOW = 10_000  # microseconds of bus history
NEVER = 1 << 40  # microseconds since a frame that never was, at least


@dataclass(frozen=True)
class Measure:
    """An unsigned integer that is known of each frame, and the ascending levels that turn it into bits: m >= level."""

    name: str
    levels: tuple[int, ...]


MEASURES = (
    Measure("known", (1,)),
    Measure("length", (1,)),  # usual
    Measure("gap", (500, 1200, 3000, 8000)),  # microseconds since the last frame of the identifier
    Measure("gap/period", (4, 16, 32, 48, 96)),  # the same, in 64ths of the period
    Measure("age/period", (16, 32, 48, 60, 68, 96, 192)),  # 64ths of the period since the trusted frame
    Measure("changed", (1, 3, 6, 12, 24)),  # payload bits that differ from the last frame of the identifier
    Measure("slow", (1, 2, 3, 5, 8, 16)),  # slow bits that differ from the trusted frame
    Measure("stuck", (1, 2)),  # fast bits equal to those of the trusted frame
    Measure("strange", (1, 2, 4, 8)),  # still bits that are not what they always were
    Measure("jump", (1, 2, 3)),  # bytes that differ more from the trusted frame than they ever did between two frames
    Measure("trusted", (1,)),
    Measure("bus", (12, 18, 24, 30, 36)),  # frames on the bus in the last 10 ms
    Measure("unknown", (1, 3, 6, 12)),  # of them, under identifiers that the profile does not know
)
IDENTIFIER_BITS = 12  # the first columns: eleven bits, and whether there are 29
PAYLOAD_COLUMNS = (16, 80)
FEATURE_NAMES = (
    *(f"identifier[{bit}]" for bit in range(10, -1, -1)),
    "extended",
    *(f"dlc[{bit}]" for bit in range(3, -1, -1)),
    *(f"data[{byte}][{bit}]" for byte in range(8) for bit in range(7, -1, -1)),
    *(f"{measure.name}>={level}" for measure in MEASURES for level in measure.levels),
)
_OF_A_STRANGER = (0,) * (len(MEASURES) - 2)
_MEASURE_OF_BIT = np.array([index for index, kind in enumerate(MEASURES) for _ in kind.levels])
_LEVELS = np.array([level for kind in MEASURES for level in kind.levels])


def features(log: CanLog, profile: Profile) -> NDArray[np.uint8]:
    """The 0/1 features of each frame: [n, len(FEATURE_NAMES)]. `log` is one recording, from its first frame on.

    Identifier bits are the eleven that are sent first, also of a 29-bit identifier.
    """
    return feature_bits(log, measure(log, profile))


def feature_bits(log: CanLog, measured: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The same of frames whose integers, as an Observer gives them, are known: [n, len(FEATURE_NAMES)]."""
    base = np.where(log.extended, log.identifier >> np.uint32(18), log.identifier).astype(">u2")
    identifier = np.unpackbits(base.view(np.uint8).reshape(-1, 2), axis=1)[:, 5:]
    dlc = np.unpackbits(log.dlc[:, None], axis=1)[:, 4:]
    columns = [identifier, log.extended[:, None].astype(np.uint8), dlc, np.unpackbits(log.payload, axis=1)]
    return np.concatenate([*columns, measure_bits(measured)], axis=1)


def measure_bits(measured: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The integers of MEASURES [n, len(MEASURES)] as bits, a level each: the last columns of the features."""
    return (measured[:, _MEASURE_OF_BIT] >= _LEVELS).astype(np.uint8)


def measure(log: CanLog, profile: Profile) -> NDArray[np.int64]:
    """The integers of MEASURES for each frame: [n, len(MEASURES)]."""
    return Observer(profile).observe(log)


class Observer:
    """Who listens to one bus: it is given the frames in their order, many or few at a time, and keeps the state."""

    def __init__(self, profile: Profile) -> None:
        self._habits = profile.habits
        self._memories = {key: _Memory() for key in profile.habits}
        self._bus: deque[int] = deque()
        self._strangers: deque[int] = deque()

    def observe(self, log: CanLog) -> NDArray[np.int64]:
        """The integers of MEASURES of the next frames: [n, len(MEASURES)]."""
        times = np.rint(log.time * 1e6).astype(np.int64).tolist()
        rows = map(self._next, times, log.keys.tolist(), log.dlc.tolist(), log.words.tolist())
        return np.array(list(rows), dtype=np.int64).reshape(len(log), len(MEASURES))

    def _next(self, now: int, key: int, dlc: int, word: int) -> tuple[int, ...]:
        habit = self._habits.get(key)
        self._bus.append(now)
        if habit is None:
            self._strangers.append(now)
        for history in (self._bus, self._strangers):
            while history and history[0] <= now - WINDOW:
                history.popleft()
        own = _own_measures(self._memories[key], habit, now, dlc, word) if habit else _OF_A_STRANGER
        return *own, len(self._bus), len(self._strangers)


class _Memory:
    """State of one identifier: last and trusted frame, times in microseconds, payloads as 64-bit words."""

    __slots__ = ("last", "last_time", "trusted", "trusted_time")

    def __init__(self) -> None:
        self.last_time = self.trusted_time = -NEVER
        self.last = self.trusted = 0


def _own_measures(memory: _Memory, habit: Habit, now: int, dlc: int, word: int) -> tuple[int, ...]:
    """Measures `known` … `trusted` of a frame of a known identifier; updates its memory."""
    gap = now - memory.last_time
    age = now - memory.trusted_time
    first = memory.last_time < 0
    changed = 0 if first else word ^ memory.last
    moved = 0 if first else word ^ memory.trusted
    slow = (moved & habit.slow).bit_count()
    stuck = 0 if first else (~moved & habit.fast).bit_count()
    strange = ((word ^ habit.value) & habit.still).bit_count()
    jump = 0 if first else _jumps(word, memory.trusted, habit.reach)
    patience = age // habit.period
    trusted = dlc == habit.dlc and (
        first
        or (
            2 * age >= habit.period
            and slow <= 2 + patience
            and 2 * jump <= patience
            and _moves(moved, habit)
            and not moved & habit.still
        )
        or (2 * gap >= habit.period and (changed & habit.slow).bit_count() <= 2 and _moves(changed, habit))
    )
    memory.last_time, memory.last = now, word
    if trusted:
        memory.trusted_time, memory.trusted = now, word
    return (
        1,
        int(dlc == habit.dlc),
        gap,
        64 * gap // habit.period,
        64 * age // habit.period,
        changed.bit_count(),
        slow,
        stuck,
        strange,
        jump,
        int(trusted),
    )


def usual(habit: Habit | None, frames: int) -> tuple[int, ...]:
    """The integers of MEASURES of a frame that comes when its identifier's habit says, with what it says; None: unknown.

    frames: on the bus in WINDOW, when nobody attacks.
    """
    changes = habit.fast.bit_count() if habit else 0
    return (1, 1, habit.period if habit else 0, 64, 64, changes, 0, 0, 0, 0, 1, frames, 0)


def _moves(difference: int, habit: Habit) -> bool:
    return not habit.fast or difference & habit.fast != 0


def _jumps(word: int, trusted: int, reach: tuple[int, ...]) -> int:
    pairs = zip(word.to_bytes(8, "big"), trusted.to_bytes(8, "big"), reach, strict=True)
    return sum(min((a - b) & 255, (b - a) & 255) > limit for a, b, limit in pairs)
