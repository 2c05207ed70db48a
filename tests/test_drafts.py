"""Drafts: those of the living stay, those of the dead go, and what was set aside comes back."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hwflow import drafts
from hwflow.drafts import NEW, PREFIX, draft_in, put, remove_whole, sweep

DIE = """
import os, signal, sys
from pathlib import Path
from hwflow.drafts import draft_in, lock
parent = Path(sys.argv[1])
lock(parent / ".hwflow-0.lock", wait=False, create=True)
with draft_in(parent) as draft:
    (draft / "new").mkdir()
    for name in sys.argv[2:]:
        (draft / "old" / name).mkdir(parents=True)
        (draft / "old" / name / "kept").touch()
    print("ready", flush=True)
    sys.stdin.read()
"""


def owner(folder: Path, *aside: str) -> "subprocess.Popen[bytes]":
    root = Path(__file__).resolve().parents[1]
    process = subprocess.Popen([sys.executable, "-c", DIE, str(folder), *aside], cwd=root, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return process


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_drafts_and_locks_of_the_dead_go(tmp_path: Path) -> None:
    living = owner(tmp_path)
    before = names(tmp_path)
    sweep(tmp_path)
    assert names(tmp_path) == before and len(before) == 2
    kill(living)
    assert names(tmp_path) == before
    sweep(tmp_path)
    assert names(tmp_path) == []


def test_what_was_set_aside_comes_back_unless_it_was_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    kill(owner(tmp_path, "there", "missing"))
    sweep(tmp_path)
    assert names(tmp_path) == ["missing", "there"]
    assert (names(tmp_path / "missing"), names(tmp_path / "there")) == (["kept"], [])


def test_nothing_is_taken_from_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "treasure").touch()
    (tmp_path / "here" / f"{PREFIX}x").mkdir(parents=True)
    (tmp_path / "here" / f"{PREFIX}x" / "old").symlink_to(tmp_path / "mine")
    (tmp_path / "here" / f"{PREFIX}y").symlink_to(tmp_path / "mine")
    sweep(tmp_path / "here")
    assert names(tmp_path / "mine") == ["treasure"]
    assert names(tmp_path / "here") == [f"{PREFIX}y"]


@pytest.mark.parametrize("exchange", [True, False])
def test_a_folder_takes_the_place_of_another(tmp_path: Path, exchange: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not exchange:
        monkeypatch.setattr(drafts, "_exchange", lambda *_: False)
    (tmp_path / "p" / "before").mkdir(parents=True)
    with draft_in(tmp_path) as draft:
        (draft / NEW / "after").mkdir(parents=True)
        put(draft, tmp_path / "p")
        assert names(tmp_path / "p") == ["after"]
    assert names(tmp_path) == ["p"]


def test_the_first_is_put_back_if_the_second_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "_exchange", lambda *_: False)
    (tmp_path / "p" / "before").mkdir(parents=True)
    with pytest.raises(FileNotFoundError), draft_in(tmp_path) as draft:
        put(draft, tmp_path / "p")  # there is no `new`
    assert (names(tmp_path), names(tmp_path / "p")) == (["p"], ["before"])


def test_a_folder_goes_whole(tmp_path: Path) -> None:
    (tmp_path / "p" / "q").mkdir(parents=True)
    remove_whole(tmp_path / "p")
    assert names(tmp_path) == []


def test_a_draft_swept_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, made = drafts.lock, list[Path]()

    def late(path: Path, *, wait: bool) -> int | None:
        if not made:
            path.rmdir()
        made.append(path)
        return real(path, wait=wait)

    monkeypatch.setattr(drafts, "lock", late)
    with draft_in(tmp_path) as draft:
        assert draft.is_dir() and draft == made[1] != made[0]
