"""A profile as the memory of the guard: what hwf_can_features has of each identifier, in words of 16 bits.

A block of 64 words an identifier, in ascending order of its key (30 bits: the identifier, and whether it has 29), numbers
of several words with the lowest first, two bytes of the payload in a word with the earlier one high:

    0, 1     key                                   32 to 35  last payload                         (state)
    2 to 4   time of the last frame      (state)   36 to 39  trusted payload                      (state)
    5 to 7   time of the trusted one     (state)   40 to 47  a byte each: still bits, and what they are
    8 to 31  thresholds of gap and age: what       48 to 55  a byte each: slow bits, fast bits
             SHARES 64ths of the period are,       56 to 59  reach of each byte
             rounded up; three words each          60 to 62  128 periods, 63 usual length

The state of the image is zero: nothing was seen yet. Bit 15 of word 4 and of word 7 says that there is such a frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import EXTENDED_KEY
from hwflow.apps.can_ids.profile import Habit, Profile
from hwflow.errors import UserError

BLOCK = 64  # words of an identifier
IDENTIFIERS = 256  # of the guard's table
SHARES = (4, 16, 32, 48, 60, 68, 96, 192)  # levels of gap/period and of age/period, in 64ths of the period
LONGEST_PERIOD = (1 << 34) - 1  # microseconds, almost five hours: age beyond 64 periods is told from features' forever
_TOLD = 5  # identifiers that an error names


@dataclass(frozen=True, eq=False)
class ProfileImage:
    """Words for the guard's memory.

    words: uint16 [n, BLOCK]; keys: of the identifiers in it, as CanLog.keys, ascending; unknown: keys of the profile for
    which there is no room, so that the guard calls their frames unknown.
    """

    words: NDArray[np.uint16]
    keys: tuple[int, ...]
    unknown: tuple[int, ...]

    @property
    def held(self) -> frozenset[int]:
        """The identifiers that the guard knows."""
        return frozenset(self.keys)


def profile_image(profile: Profile, identifiers: int = IDENTIFIERS, *, cut: bool = False) -> ProfileImage:
    """The image of a profile for a table of so many identifiers.

    cut: leave out those with the longest periods where there are too many, in place of a UserError that says how many
    there are and which would be left out. Raises UserError also for a period that the guard's numbers do not hold.
    """
    ranked = sorted(profile.habits, key=lambda key: (profile.habits[key].period, key))
    kept, unknown = sorted(ranked[:identifiers]), tuple(sorted(ranked[identifiers:]))
    if unknown and not cut:
        raise UserError(f"The profile has {len(ranked):,} identifiers and the guard's table room for {identifiers:,}; without those "
                        f"of the longest periods ({_named(unknown)}) it would call their frames unknown.")  # fmt: skip
    if slow := [key for key in kept if profile.habits[key].period > LONGEST_PERIOD]:
        raise UserError(f"The profile has periods above {LONGEST_PERIOD:,} microseconds ({_named(slow)}), which the guard's numbers "
                        "do not hold; leave these identifiers out of it.")  # fmt: skip
    words = np.array([_block(key, profile.habits[key]) for key in kept], dtype=np.uint16).reshape(-1, BLOCK)
    return ProfileImage(words, tuple(kept), unknown)


def key_name(key: int) -> str:
    """An identifier in hex: three digits, or eight for one of 29 bits."""
    return f"{key & (EXTENDED_KEY - 1):0{8 if key >= EXTENDED_KEY else 3}X}"


def _named(keys: Sequence[int]) -> str:
    named = ", ".join(key_name(key) for key in keys[:_TOLD])
    return named + (f" and {len(keys) - _TOLD:,} more" if len(keys) > _TOLD else "")


def _block(key: int, habit: Habit) -> list[int]:
    words = [0] * BLOCK
    words[0:2] = _parts(key, 2)
    for index, share in enumerate(SHARES):
        words[8 + 3 * index : 11 + 3 * index] = _parts(-(-share * habit.period // 64), 3)
    still, value, slow, fast = (word.to_bytes(8, "big") for word in (habit.still, habit.value, habit.slow, habit.fast))
    words[40:48] = [high << 8 | low for high, low in zip(still, value, strict=True)]
    words[48:56] = [high << 8 | low for high, low in zip(slow, fast, strict=True)]
    words[56:60] = [habit.reach[at] << 8 | habit.reach[at + 1] for at in range(0, 8, 2)]
    words[60:63] = _parts(128 * habit.period, 3)
    words[63] = habit.dlc
    return words


def _parts(value: int, count: int) -> list[int]:
    return [value >> 16 * part & 0xFFFF for part in range(count)]
