"""`make fuzz`: it finds the faults of readers that have some, by few changes, and a small share of it finds none in hwflow's."""

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import fuzz
from fuzz import KINDS, campaign, keep, trials
from fuzz_changes import blown, lines_changed, tree_changed
from fuzz_planted import FAULTY, SOUND
from fuzz_trial import ACCEPTED, REFUSED, Limits

QUICK = Limits(seconds=0.2, bytes=1 << 27)


@pytest.mark.parametrize("what", FAULTY)
def test_a_planted_fault_is_found_and_made_small(what: str, tmp_path: Path) -> None:
    found = campaign(FAULTY[what], 12, seed=3, limits=QUICK)
    ((trial, verdict),) = found.faults.values()
    assert verdict.fault.split(":")[0] == what and len(trial.changes) == 1 and not found.row().met
    keep(found, tmp_path / "kept")
    (place,) = (tmp_path / "kept").iterdir()
    assert "5" in (place / "values.txt").read_text() and verdict.fault in (place / "fault.txt").read_text()


def test_a_sound_reader_has_none() -> None:
    found = campaign(SOUND, 40, seed=3, limits=QUICK)
    assert found.row().met and set(found.answers) == {ACCEPTED, REFUSED} and found.answers.total() == 40


def test_a_fault_of_the_fuzzer_is_none_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = fuzz.Kind("broken", SOUND.seeds, SOUND.save, SOUND.save, SOUND.read)  # what changes it takes no draw
    with pytest.raises(RuntimeError, match="could not be made"):
        campaign(broken, 5, seed=3, limits=QUICK)


def test_inputs_are_equal_for_equal_seeds() -> None:
    assert list(trials("a", 3, 50, 1)) == list(trials("a", 3, 50, 1)) != list(trials("a", 3, 50, 2))
    for change, value in (
        (tree_changed, {"a": [1, "b", {"c": 0.5}]}),
        (lines_changed, ["a,1,2", "b"]),
        (blown, b"content"),
    ):
        made = [repr(change(eval(repr(value)), random.Random(number))) for number in range(200)]
        assert made == [repr(change(eval(repr(value)), random.Random(number))) for number in range(200)]
        assert len(set(made)) > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_small_share(name: str) -> None:
    found = campaign(KINDS[name], 60, seed=11)
    assert found.row().met, fuzz.told(found)
    assert found.answers.total() == 60 and len(found.answers) > 1  # some were taken, and some refused
