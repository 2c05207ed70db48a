"""The user's cache: made once, bounded, and nobody else's."""

import os
import tempfile
from pathlib import Path

import pytest

from hwflow.errors import ToolError, UserError
from hwflow.tool import cache as module
from hwflow.tool.cache import VARIABLE, cache_folder, digest_of, kept


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


class Make:
    def __init__(self, size: int = 3) -> None:
        self.calls, self.size = 0, size

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "made").write_bytes(bytes(self.size))


def test_it_is_made_once(place: Path) -> None:
    make = Make()
    assert kept("a", make) == kept("a", make) == place / "a"
    assert make.calls == 1 and (place / "a" / "made").read_bytes() == bytes(3)
    assert place.stat().st_mode & 0o777 == 0o700


def test_what_fails_leaves_nothing(place: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ToolError("no")

    with pytest.raises(ToolError):
        kept("a", fail)
    assert list(place.iterdir()) == []


def test_what_was_not_used_for_longest_goes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    make = Make(40)
    for age, name in enumerate(("a", "b")):
        os.utime(kept(name, make), (age, age))
    kept("a", make)  # used last
    kept("c", make)
    assert sorted(path.name for path in place.iterdir()) == ["a", "c"]
    kept("large", Make(1000))
    assert sorted(path.name for path in place.iterdir()) == ["large"]


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_what_others_can_write_is_refused(place: Path, mode: int) -> None:
    kept("a", Make())
    place.chmod(mode)
    with pytest.raises(
        UserError, match="Others can write to .*cache.*; remove it, or name another folder in HWFLOW_CACHE"
    ):
        kept("a", Make())


def test_a_link_to_elsewhere_is_refused(place: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="Others can write"):
        kept("a", Make())


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_the_folder_of_another_user_is_refused(place: Path) -> None:
    place.mkdir(mode=0o700)
    os.chown(place, 12345, 12345)
    with pytest.raises(UserError, match="Others can write"):
        kept("a", Make())


def test_by_default_it_is_in_the_users_folder_for_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "hwflow" / "made"
    (tmp_path / "xdg" / "hwflow").chmod(0o775)  # by a umask that trusts the group
    cache_folder()
    assert (tmp_path / "xdg" / "hwflow").stat().st_mode & 0o777 == 0o755
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert cache_folder() == tmp_path / f"hwflow-{os.getuid()}" / "made"


def test_a_cache_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/proc/nowhere/cache")
    with pytest.raises(UserError, match="/proc/nowhere/cache cannot be used"):
        cache_folder()


def test_a_digest_knows_where_parts_end() -> None:
    assert digest_of(["ab", "c"]) != digest_of(["a", "bc"]) and digest_of(["ab"]) == digest_of([b"ab"])
