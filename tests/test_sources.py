from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.sources import Source, one_file, source_of


def test_a_source_with_or_without_a_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_of("a.log") == Source(Path("a.log"))
    assert source_of("normal=a.log") == Source(Path("a.log"), "normal")
    assert source_of("dos=folder/x=y.log") == Source(Path("folder/x=y.log"), "dos")
    assert source_of("folder/x=y.log") == Source(Path("folder/x=y.log"))
    (tmp_path / "x=y.log").touch()
    assert source_of("x=y.log") == Source(Path("x=y.log"))
    for text in ("=a.log", "normal="):
        with pytest.raises(UserError, match="LABEL=FILE"):
            source_of(text)


def test_a_recipe_of_one_file() -> None:
    assert one_file((), "r") is None
    assert one_file((Source(Path("a")),), "r") == Path("a")
    with pytest.raises(UserError, match="takes one file"):
        one_file((Source(Path("a")), Source(Path("b"))), "r")
    with pytest.raises(UserError, match="takes no label.*without seven="):
        one_file((Source(Path("a"), "seven"),), "r")
