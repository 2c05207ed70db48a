"""`run` of a quantised project: what is told before anything is sent."""

from pathlib import Path

import pytest

import hwflow
from hwflow.errors import UserError
from hwflow.handles import CompiledProject
from hwflow.host import linked


@pytest.fixture
def project(tiny_model: Path, tmp_path: Path) -> CompiledProject:
    return hwflow.load(tiny_model).compile("sim", tmp_path / "p", no_check=True)


def test_the_deadline_reaches_the_link(project: CompiledProject, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float | None] = []

    def opened(port: str, *, baud: int, deadline: float | None) -> None:
        given.append(deadline)
        raise UserError("no further")

    monkeypatch.setattr(linked, "open_link", opened)
    for seconds in (None, 2.5):
        with pytest.raises(UserError, match="no further"):
            project.run("/dev/ttyNONE", deadline=seconds)
    assert given == [None, 2.5]


def test_a_deadline_that_is_none_is_a_sentence(project: CompiledProject) -> None:
    with pytest.raises(UserError, match="deadline is 'soon'"):
        project.run("/dev/ttyNONE", deadline="soon")  # type: ignore[arg-type]
