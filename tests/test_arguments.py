"""Arguments of the API: of the plain kinds that signatures say, or one sentence."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from hwflow.arguments import checked
from hwflow.errors import UserError


@checked
def f(
    path: str | Path, count: int | None = None, kind: Literal["a", "b"] | None = None, names: list[str] | None = None,
    flag: bool = False, x: object = None,
) -> tuple[object, ...]:  # fmt: skip
    return path, count, kind, names, flag, x


def test_what_fits_goes_through() -> None:
    assert f("p", 3, "a", ["x"], True, f) == ("p", 3, "a", ["x"], True, f)
    assert f(Path("p"), count=np.int64(3))[1] == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"path": 3}, "path is 3, and should be text or a path."),
        ({"path": "p", "count": "many"}, "count is 'many', and should be a whole number or None."),
        ({"path": "p", "count": True}, "count is 'True'"),
        ({"path": "p", "count": 1.5}, "count is 1.5"),
        ({"path": "p", "kind": "c"}, "kind is 'c', and should be 'a' or 'b' or None."),
        ({"path": "p", "names": [3]}, "a list, each text"),
        ({"path": "p", "flag": "perhaps"}, "True or False"),
        ({"path": "p", "other": 1}, "called with other arguments than it has .*'other'"),
        ({}, "missing a required argument: 'path'"),
    ],
)
def test_what_does_not_is_one_sentence(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        f(**arguments)  # type: ignore[arg-type]
