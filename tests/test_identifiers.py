"""Names for modules and instances."""

import pytest

from hwflow.identifiers import is_identifier


@pytest.mark.parametrize("name", ["dense0", "_a", "A9_", "argmax", "classes", "input_"])
def test_plain_names(name: str) -> None:
    assert is_identifier(name)


@pytest.mark.parametrize(
    "name", ["", "9a", "a b", "a;b", "a.b", "a$", "a\n", "ä", "class", "input", "always_ff", "xor"]
)
def test_what_systemverilog_or_a_script_takes_otherwise(name: str) -> None:
    assert not is_identifier(name)
