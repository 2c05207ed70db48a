"""Records: to JSON and back, and what is said of one that cannot be read."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.records import parse_record, read_record, write_record


@dataclass(frozen=True)
class Part:
    bits: int

    def __post_init__(self) -> None:
        if self.bits < 1:
            raise ValueError(f"a part has at least 1 bit, not {self.bits}")


@dataclass(frozen=True)
class Whole:
    name: str
    parts: tuple[Part, ...]


def test_there_and_back(tmp_path: Path) -> None:
    whole = Whole("a", (Part(1), Part(2)))
    write_record(whole, tmp_path / "whole.json")
    assert read_record(Whole, tmp_path / "whole.json", "make it anew.") == whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"name": "a"}', "parts: Field required"),
        ('{"name": 1, "parts": []}', "name: Input should be a valid string"),
        (
            '{"name": "a", "parts": [{"bits": 1}, {"bits": 0}]}',
            r"parts.1: Value error, a part has at least 1 bit, not 0",
        ),
        ("{", "Invalid JSON"),
    ],
)
def test_the_first_fault_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UserError, match=rf"^w.json does not hold a readable Whole \({said}.*\); make it anew.$"):
        parse_record(Whole, text.encode(), Path("w.json"), "make it anew.")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"does not hold a readable Whole \(.*No such file.*\); make it anew."):
        read_record(Whole, tmp_path / "whole.json", "make it anew.")
