"""hwf_can_features against features.py: logs played to the RTL in Verilator, and random ones that look for its edges."""

import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rtl.harness import sources_of

from hwflow.apps.can_ids.features import FEATURE_NAMES, WINDOW, features
from hwflow.apps.can_ids.frame import EXTENDED_KEY, CanLog
from hwflow.apps.can_ids.profile import Habit, Profile
from hwflow.apps.can_ids.profile_image import IDENTIFIERS, SHARES, profile_image
from hwflow.tool.verilator import Model, build_model

TOP = "hwf_can_features"
MAIN = Path(__file__).resolve().parent / "rtl/can/features.cpp"
ACCEPTED, FAILED_BEFORE_ID, FAILED_IN_PAYLOAD, FAILED_AT_END, REMOTE = range(5)  # how a frame ends
_RECORD = np.dtype([("time", "<u8"), ("identifier", "<u4"), ("extended", "u1"), ("dlc", "u1"), ("ending", "u1"),
                    ("spare", "u1"), ("payload", "u1", 8), ("more", "u1", 8)])  # fmt: skip
_GIVEN = np.dtype([("bits", "u1", 16), ("cycles", "<u4")])


def build_features() -> Path:
    """The program that plays frames to the RTL."""
    return build_model(Model({path.name: path.read_bytes() for path in sources_of(TOP)}, TOP, MAIN))


@dataclass(frozen=True, eq=False)
class Given:
    """What the RTL gave of the frames that had a payload_end: their rows, bits [n, 128], cycles from there to the word."""

    rows: NDArray[np.int64]
    bits: NDArray[np.uint8]
    cycles: NDArray[np.int64]


def play(
    program: Path, log: CanLog, profile: Profile, endings: NDArray[np.uint8], seed: int = 1, *, most: int = 40
) -> Given:
    """Play a log; its times in whole microseconds, and how each frame ends. most: cycles of a bit."""
    image = profile_image(profile)
    frames = np.zeros(len(log), dtype=_RECORD)
    frames["time"] = np.rint(log.time * 1e6).astype(np.int64)
    frames["ending"] = endings
    for name in ("identifier", "extended", "dlc", "payload"):
        frames[name] = getattr(log, name)
    head = [np.uint32(len(image.keys)).tobytes(), image.words.astype("<u2").tobytes(), np.uint32(len(log)).tobytes()]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "frames"), Path(folder, "results")
        source.write_bytes(b"".join(head) + frames.tobytes())
        done = subprocess.run(
            [program, source, target, str(seed), str(most)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        given = np.fromfile(target, dtype=_GIVEN)
    rows = np.flatnonzero((endings == ACCEPTED) | (endings == FAILED_AT_END))
    assert len(given) == len(rows)
    bits = np.unpackbits(given["bits"], axis=1, bitorder="little")
    return Given(rows, bits, given["cycles"].astype(np.int64))


def wrong_bits(given: Given, log: CanLog, profile: Profile, endings: NDArray[np.uint8]) -> dict[str, int]:
    """Bits of the accepted frames that differ from features.py, by the feature's name."""
    kept = endings[given.rows] == ACCEPTED
    expected = features(log.take(given.rows[kept]), profile)
    counts = (given.bits[kept] != expected).sum(axis=0)
    return {FEATURE_NAMES[column]: int(counts[column]) for column in np.flatnonzero(counts)}


def some_endings(rng: np.random.Generator, frames: int, bad: float = 0.1) -> NDArray[np.uint8]:
    """How frames end: a share of them badly."""
    return np.where(rng.random(frames) < bad, rng.integers(1, 5, frames), ACCEPTED).astype(np.uint8)


def random_profile(rng: random.Random, identifiers: int = IDENTIFIERS) -> Profile:
    """Identifiers of both lengths, the ends of their ranges among them, with habits of all kinds."""
    keys = {0, 0x7FF, EXTENDED_KEY, EXTENDED_KEY | 0x1FFFFFFF, 0x123, EXTENDED_KEY | 0x123}
    while len(keys) < identifiers:
        keys.add(rng.getrandbits(11) if rng.random() < 0.5 else EXTENDED_KEY | rng.getrandbits(29))
    return Profile({key: random_habit(rng) for key in sorted(keys)[:identifiers]})


def random_habit(rng: random.Random) -> Habit:
    still = sparse(rng) if rng.random() < 0.5 else 0
    slow = still | (sparse(rng) if rng.random() < 0.5 else rng.getrandbits(64))
    fast = sparse(rng) & ~slow if rng.random() < 0.6 else 0
    period = rng.choice((1, 2, 3, rng.randint(1, 100), rng.randint(100, 20_000), rng.randint(1, 2_000_000), 1 << 33))
    reach = tuple(rng.choice((0, 1, 127, 128, rng.randint(0, 128))) for _ in range(8))
    return Habit(period, rng.randint(0, 8), still, rng.getrandbits(64) & still, slow, fast, reach)


def sparse(rng: random.Random) -> int:
    """64 bits of which few are set, or none."""
    return rng.getrandbits(64) & rng.getrandbits(64) & rng.getrandbits(64)


def random_log(rng: random.Random, profile: Profile, frames: int) -> CanLog:
    """Frames whose times lie at the profile's thresholds and the window's ends, and whose payloads are near the last ones'."""
    known = list(profile.habits)
    strangers = [rng.getrandbits(11), EXTENDED_KEY | rng.getrandbits(29), EXTENDED_KEY | rng.getrandbits(11)]
    busy = known[:6] + rng.sample(known, min(len(known), 10))
    times: dict[int, list[int]] = {}
    words: dict[int, list[int]] = {}
    every: list[int] = []
    rows = []
    now = rng.choice((0, 1, 1 << 20, (1 << 32) - 5000))
    pause, strange = 700, 0.15
    for _ in range(frames):
        if rng.random() < 0.01:
            pause, strange = rng.choice((100, 300, 700, 900, 5000, 1 << 22)), rng.choice((0.05, 0.15, 0.7))
        key = rng.choice(strangers) if rng.random() < strange else rng.choice(busy if rng.random() < 0.8 else known)
        habit = profile.habits.get(key)
        at = now + rng.randint(1, 2 * pause)
        if habit and key in times and rng.random() < 0.7:
            near = rng.choice(times[key][-4:]) + habit.period * rng.choice((*SHARES, 64, 128, 640, 4032)) // 64
            at = near + rng.randint(-1, 2)
        elif len(every) > 36 and rng.random() < 0.3:
            at = every[-rng.choice((11, 17, 23, 29, 35, 1, 3))] + WINDOW + rng.randint(-1, 1)
        if at <= now or at > now + (1 << 24):
            at = now + rng.randint(1, 2 * pause)
        now = at
        before = rng.choice(words.get(key, [0])[-3:])
        word = rng.getrandbits(64) if rng.random() < 0.15 else before ^ changes(rng, habit)
        if habit and rng.random() < 0.6:
            word = word & ~habit.still | habit.value
        dlc = habit.dlc if habit and rng.random() < 0.9 else rng.randint(0, 8)
        word &= ~((1 << (64 - 8 * dlc)) - 1)
        times.setdefault(key, []).append(now)
        words.setdefault(key, []).append(word)
        every.append(now)
        rows.append((now, key, dlc, word))
    column = np.array([(time, key & (EXTENDED_KEY - 1), key >= EXTENDED_KEY, dlc) for time, key, dlc, _ in rows])
    payload = np.array([list(word.to_bytes(8, "big")) for *_, word in rows], dtype=np.uint8)
    return CanLog(
        column[:, 0] / 1e6,
        column[:, 1].astype(np.uint32),
        column[:, 2].astype(bool),
        column[:, 3].astype(np.uint8),
        payload,
        np.zeros(len(rows), dtype=np.uint8),
    )


def changes(rng: random.Random, habit: Habit | None) -> int:
    """Bits that differ from a frame before."""
    few = 0
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3, 5, 12, 24))):
        few |= 1 << rng.randrange(64)
    if habit and rng.random() < 0.7:
        few = few & habit.slow if rng.random() < 0.3 else few
        few |= habit.fast & (rng.getrandbits(64) if rng.random() < 0.3 else -1)
    return few
