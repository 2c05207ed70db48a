import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.apps.can_ids.frame import EXTENDED_KEY, CanLog, words_to_payload
from hwflow.apps.can_ids.profile import Habit, Profile, learn_profile, read_profiles
from hwflow.apps.can_ids.vehicle import RPM_IDENTIFIER
from hwflow.errors import UserError

LogOf = Callable[..., CanLog]


def test_habits_of_a_counting_identifier(log_of: LogOf) -> None:
    log = log_of(*((i * 0.01, 0x123) for i in range(64)))
    words = np.uint64(0xAB00) + (np.arange(64, dtype=np.uint64) << np.uint64(32))
    log.payload[:] = words_to_payload(words)
    habit = learn_profile(log).habits[0x123]
    assert (habit.period, habit.dlc) == (10_000, 8)
    assert habit.fast == 1 << 32  # the counter's lowest bit
    assert habit.still == (1 << 64) - 1 - (63 << 32)
    assert habit.value == 0xAB00
    assert habit.slow == habit.still | 3 << 36  # which flip once and three times in 63 steps
    assert habit.reach == (0, 0, 0, 1, 0, 0, 0, 0)


def test_only_normal_frames_count(log_of: LogOf) -> None:
    log = log_of(*((i * 0.01, 0x123) for i in range(10)))
    log.label[5:] = 1
    log.payload[5:] = 255
    assert learn_profile(log).habits[0x123].still == (1 << 64) - 1
    log.label[:] = 1
    assert learn_profile(log) == Profile({})


def test_json_has_every_identifier(benign: CanLog) -> None:
    document = json.loads(json.dumps(learn_profile(benign).to_json()))
    assert len(document) == len(np.unique(benign.keys))
    assert document[f"{RPM_IDENTIFIER:03X}"]["dlc"] == 8


def test_nothing_is_timed_from_one_log_to_the_next(log_of: LogOf) -> None:
    parts = [log_of(*((start + i * 0.01, 0x123) for i in range(2))) for start in (0.0, 100.0, 200.0)]
    for number, part in enumerate(parts):
        part.payload[:, 0] = number
    habit = learn_profile(*parts).habits[0x123]
    assert habit.period == 10_000
    assert habit.reach == (0,) * 8
    assert habit.still == (1 << 64) - 1 - (3 << 56)  # what differs between them is not still


WORDS = st.integers(0, 2**64 - 1)
HABITS = st.builds(
    Habit, st.integers(1, 2**40), st.integers(0, 8), WORDS, WORDS, WORDS, WORDS, st.tuples(*[st.integers(0, 128)] * 8)
)
KEYS = st.integers(0, 0x7FF) | st.integers(EXTENDED_KEY, 2 * EXTENDED_KEY - 1)


@given(habits=st.dictionaries(KEYS, HABITS, max_size=5))
@settings(max_examples=30)
def test_json_and_back(habits: dict[int, Habit]) -> None:
    profile = Profile(habits)
    assert Profile.from_json(json.loads(json.dumps(profile.to_json()))) == profile


def test_the_sidecar_of_one_bus_and_of_two(log_of: LogOf, tmp_path: Path) -> None:
    profile = learn_profile(log_of((0.0, 0x123), (0.01, 0x123)))
    (tmp_path / "one").write_text(json.dumps(profile.to_json()))
    (tmp_path / "two").write_text(json.dumps({"can0": profile.to_json(), "123": Profile({}).to_json()}))
    assert read_profiles(tmp_path / "one") == {"": profile}
    assert read_profiles(tmp_path / "two") == {"can0": profile, "123": Profile({})}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1]", "7", '{"123": {"period_us": 0}}', '{"1234": {"period_us": 5}}', "[" * 100_000],
    ids=["nothing", "empty", "list", "number", "half", "identifier", "deep"],
)
def test_what_is_no_profile(text: str, tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text(text)
    with pytest.raises(UserError, match="is no profile of a bus .*; name the profile.json"):
        read_profiles(tmp_path / "profile.json")


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read .* \\(No such file or directory\\); name"):
        read_profiles(tmp_path / "profile.json")
