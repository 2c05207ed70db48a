"""FINN's environment: where it is, which one is refused, and set-up that can be taken up again."""

import re
import sys
from pathlib import Path

import pytest

from hwflow.errors import MissingTool, ToolError
from hwflow.finn import environment
from hwflow.finn.environment import (
    REQUIREMENTS,
    VERSION,
    Environment,
    find_environment,
    fingerprint,
    is_ready,
    place,
    set_up,
)
from hwflow.finn.worker.job import PINNED


def make(where: Path, version: str = VERSION) -> Path:
    """What an environment looks like from outside."""
    (where / f"lib/python3.11/site-packages/finn_plus-{version}.dist-info").mkdir(parents=True)
    (where / "bin").mkdir()
    (where / "bin/python").write_text("#!/bin/sh\n")
    (where / "bin/python").chmod(0o755)
    return where


def test_the_place_is_the_users_data_folder_or_what_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HWFLOW_FINN", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert place() == tmp_path / "hwflow/finn-plus-1.6.1"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place() == tmp_path / ".local/share/hwflow/finn-plus-1.6.1"
    monkeypatch.setenv("HWFLOW_FINN", str(tmp_path / "my finn"))
    assert place() == tmp_path / "my finn"


def test_none_is_missing_with_the_command_that_makes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(tmp_path / "none"))
    with pytest.raises(MissingTool, match="hwflow finn setup"):
        find_environment()


@pytest.mark.parametrize("version", ["1.6.0", "1.7.0", "1.6.10"])
def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(make(tmp_path / "finn", version)))
    with pytest.raises(MissingTool, match=re.escape(f"holds finn-plus {version}, and hwflow works with 1.6.1 only")):
        find_environment()


def test_one_of_the_users_own_needs_no_stamp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HWFLOW_FINN", str(make(tmp_path / "finn")))
    assert find_environment() == Environment(tmp_path / "finn")


def test_one_of_ours_that_was_left_half_done_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HWFLOW_FINN", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    make(place())
    with pytest.raises(MissingTool, match="not set up"):
        find_environment()
    (place() / "hwflow-finn").write_text(fingerprint(place()))
    assert find_environment().place == place()


def test_the_pins_agree() -> None:
    pins = dict(line.split("==") for line in REQUIREMENTS.read_text().splitlines() if not line.startswith("#"))
    assert pins["finn-plus"] == VERSION == PINNED
    assert all(re.fullmatch(r"[\w.]+", pin) for pin in pins.values())
    assert not {"torch", "brevitas"} & set(pins)


def failing(environment: Environment) -> None:
    raise ToolError("the small net failed")


def test_set_up_goes_on_where_it_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pip is a stand-in here; `make finn` runs the real one."""
    commands: list[tuple[str, ...]] = []

    def pretend(command: list[str], log: Path, **_: object) -> None:
        commands.append(tuple(command))
        if "venv" in command:
            make(tmp_path / "finn", "0")
            (tmp_path / "finn/bin/pip").touch()
            settings = f"version = {'.'.join(map(str, sys.version_info[:3]))}\n"
            (tmp_path / "finn/pyvenv.cfg").write_text(settings)
        if "--requirement" in command:
            old = tmp_path / "finn/lib/python3.11/site-packages/finn_plus-0.dist-info"
            if old.exists():
                old.rename(old.with_name("finn_plus-1.6.1.dist-info"))

    monkeypatch.setattr(environment, "run_tool", pretend)
    told: list[str] = []
    with pytest.raises(ToolError, match="the small net failed"):
        set_up(tmp_path / "finn", told.append, failing)
    assert [command[1:3] for command in commands] == [("-m", "venv"), ("-m", "pip")]
    assert not is_ready(tmp_path / "finn")
    tested: list[Environment] = []
    assert set_up(tmp_path / "finn", told.append, tested.append)
    assert [command[1:3] for command in commands[2:]] == [("-m", "pip")]
    assert tested == [Environment(tmp_path / "finn")]
    assert is_ready(tmp_path / "finn")
    assert not set_up(tmp_path / "finn", told.append, failing)
    assert "installing FINN's packages" in told


def test_set_up_that_brings_another_version_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "run_tool", lambda *_, **__: None)
    with pytest.raises(ToolError, match="holds no finn-plus 1.6.1"):
        set_up(make(tmp_path / "finn", "1.5.0"), lambda _: None, failing)
