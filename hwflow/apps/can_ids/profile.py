"""What a bus looks like when nobody attacks: per identifier its period, length and how each payload bit behaves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwflow.apps.can_ids.frame import NORMAL, CanLog, identifier_text, key_of
from hwflow.errors import UserError

PROFILE = "profile.json"

_SLOW, _FAST = 0.05, 0.9  # flips a frame: at most, at least
_FEW = 20  # frames below which no bit is called fast
_REMEDY = "name the profile.json that `hwflow train can-ids` left beside the model"


@dataclass(frozen=True)
class Habit:
    """One identifier's habits.

    period: median microseconds between two frames (at least 1); dlc: its usual length; words of 64 payload bits,
    byte 0 the most significant: `still` marks bits that never moved and `value` what they are, `slow` those that flip
    in at most 5 % of the frames (the still ones included), `fast` those that flip in at least 90 %. reach: per byte the greatest step between two frames,
    |difference modulo 256| with -128 <= difference < 128.
    """

    period: int
    dlc: int
    still: int
    value: int
    slow: int
    fast: int
    reach: tuple[int, ...]


@dataclass(frozen=True)
class Profile:
    """Habits by identifier (as CanLog.keys). In hardware one memory of 24 + 4 + 4 * 64 bits an identifier."""

    habits: dict[int, Habit]

    def to_json(self) -> dict[str, dict[str, int | str]]:
        """Habits by identifier in hex (eight digits for a 29-bit one), words in hex."""
        return {
            identifier_text(key): {
                "period_us": habit.period,
                "dlc": habit.dlc,
                "still": f"{habit.still:016x}",
                "value": f"{habit.value:016x}",
                "slow": f"{habit.slow:016x}",
                "fast": f"{habit.fast:016x}",
                "reach": bytes(habit.reach).hex(),
            }
            for key, habit in sorted(self.habits.items())
        }

    @staticmethod
    def from_json(document: Mapping[str, Mapping[str, int | str]]) -> "Profile":
        """The inverse of `to_json`. Raises ValueError, KeyError, TypeError or AttributeError for what is no profile."""
        return Profile({key_of(text): _habit_of(entry) for text, entry in document.items()})


def read_profiles(path: Path) -> dict[str, Profile]:
    """The sidecar `profile.json` that training leaves: a profile for each bus; of one bus under the empty name.

    Raises UserError if it cannot be read or is none.
    """
    try:
        document = json.loads(path.read_bytes())
        if not document:
            raise ValueError("it is empty")
        if all("period_us" in entry for entry in document.values()):
            return {"": Profile.from_json(document)}
        return {bus: Profile.from_json(habits) for bus, habits in document.items()}
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}); {_REMEDY}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{path} is no profile of a bus ({error!r:.80}); {_REMEDY}.") from None


def _habit_of(entry: Mapping[str, int | str]) -> Habit:
    period, dlc = int(entry["period_us"]), int(entry["dlc"])
    if period < 1 or not 0 <= dlc <= 8:
        raise ValueError(f"a period of {period} µs, {dlc} bytes")
    words = [int(str(entry[name]), 16) for name in ("still", "value", "slow", "fast")]
    if not all(0 <= word < 1 << 64 for word in words):
        raise ValueError("a word of more than 64 bits")
    still, value, slow, fast = words
    reach = tuple(bytes.fromhex(str(entry["reach"])))
    if len(reach) != 8:
        raise ValueError(f"reaches of {len(reach)} bytes")
    return Habit(period, dlc, still, value, slow, fast, reach)


def learn_profile(*logs: CanLog) -> Profile:
    """Habits of the identifiers of the frames that are labelled normal; nothing is timed from one log to the next."""
    found: dict[int, list[CanLog]] = {}
    for log in logs:
        benign = log.take(log.label == NORMAL)
        order = np.argsort(benign.keys, kind="stable")
        keys, first = np.unique(benign.keys[order], return_index=True)
        for key, rows in zip(keys.tolist(), np.split(order, first[1:]), strict=False):
            found.setdefault(key, []).append(benign.take(rows))
    return Profile({key: _habit(found[key]) for key in sorted(found)})


def _habit(parts: Sequence[CanLog]) -> Habit:
    steps = np.concatenate([np.diff(part.time) for part in parts])
    period = max(1, round(float(np.median(steps)) * 1e6)) if len(steps) else 1_000_000
    words = np.concatenate([part.words for part in parts])
    moved = np.concatenate([part.words[1:] ^ part.words[:-1] for part in parts])
    flips = np.unpackbits(moved.astype(">u8").view(np.uint8)).reshape(-1, 64)
    rate = flips.mean(axis=0) if len(flips) else np.zeros(64)
    still = (1 << 64) - 1 - int(np.bitwise_or.reduce(words ^ words[0]))
    fast = _word(rate >= _FAST) if len(words) >= _FEW else 0
    dlc = int(np.bincount(np.concatenate([part.dlc for part in parts])).argmax())
    turns = np.concatenate([np.diff(part.payload, axis=0) for part in parts])
    steps_of_bytes = np.abs(turns.view(np.int8).astype(np.int64))
    reach = tuple(np.quantile(steps_of_bytes, 0.99, axis=0, method="higher").tolist()) if len(steps) else (0,) * 8
    return Habit(period, dlc, still, int(words[0]) & still, _word(rate <= _SLOW), fast, reach)


def _word(bits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
