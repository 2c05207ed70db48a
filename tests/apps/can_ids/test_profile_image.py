"""A profile as the words of the guard's memory."""

import random

import pytest
from can_features_trial import random_profile

from hwflow.apps.can_ids.frame import EXTENDED_KEY
from hwflow.apps.can_ids.profile import Habit, Profile
from hwflow.apps.can_ids.profile_image import LONGEST_PERIOD, SHARES, profile_image
from hwflow.errors import UserError


def number(words: list[int]) -> int:
    return sum(word << 16 * part for part, word in enumerate(words))


def test_blocks_hold_the_habits_in_the_order_of_the_keys() -> None:
    profile = random_profile(random.Random(1))
    image = profile_image(profile)
    assert list(image.keys) == sorted(profile.habits) and not image.unknown and image.held == profile.habits.keys()
    for key, block in zip(image.keys, image.words.tolist(), strict=True):
        habit = profile.habits[key]
        assert number(block[:2]) == key and number(block[60:63]) == 128 * habit.period and block[63] == habit.dlc
        assert not any(block[2:8]) and not any(block[32:40]), "nothing was seen yet"
        for index, share in enumerate(SHARES):
            # The least gap of so many 64ths, which floor division tells.
            threshold = number(block[8 + 3 * index : 11 + 3 * index])
            assert 64 * threshold // habit.period >= share > 64 * (threshold - 1) // habit.period
        words = [habit.still, habit.value, habit.slow, habit.fast]
        got = [[block[base + at] >> shift & 255 for at in range(8)] for base in (40, 48) for shift in (8, 0)]
        assert [int.from_bytes(bytes(each), "big") for each in got] == words
        assert tuple(block[56 + at // 2] >> (0 if at % 2 else 8) & 255 for at in range(8)) == habit.reach


def test_too_many_identifiers_are_refused_with_their_number_or_left_out() -> None:
    profile = random_profile(random.Random(2), 8)
    slowest = max(profile.habits, key=lambda key: (profile.habits[key].period, key))
    name = f"{slowest & (EXTENDED_KEY - 1):0{8 if slowest >= EXTENDED_KEY else 3}X}"
    with pytest.raises(UserError, match=rf"8 identifiers and the guard's table room for 7; .*\({name}\)"):
        profile_image(profile, 7)
    image = profile_image(profile, 7, cut=True)
    assert image.unknown == (slowest,) and len(image.words) == 7 and slowest not in image.held


def test_a_period_beyond_the_numbers_is_refused() -> None:
    habit = Habit(LONGEST_PERIOD + 1, 8, 0, 0, 0, 0, (0,) * 8)
    with pytest.raises(UserError, match=r"periods above .* \(0AB\)"):
        profile_image(Profile({0xAB: habit}))


def test_an_empty_profile_has_no_words() -> None:
    assert profile_image(Profile({})).words.shape == (0, 64)
