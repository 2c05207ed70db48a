"""The lock: every package at one version, each within its range, and the ranges have ends to try."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock_script", ROOT / "scripts/lock.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked(lock: ModuleType) -> dict[str, str]:
    lines = [line for line in lock.LOCK.read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[\w.]+", line) for line in lines)
    assert lines == sorted(lines, key=str.lower)
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def test_what_is_locked_lies_in_the_ranges(lock: ModuleType) -> None:
    frozen = locked(lock)
    for line in lock.requirements():
        wanted = Requirement(line)
        assert wanted.specifier.contains(frozen[canonicalize_name(wanted.name)]), line


def test_each_range_has_a_lower_end_that_lies_in_it(lock: ModuleType) -> None:
    lines = lock.requirements()
    assert len(lines) > 20
    for line, end in zip(lines, lock.lowest(lines), strict=True):
        name, version = end.split("==")
        assert Requirement(line).name == name and Requirement(line).specifier.contains(version)


@pytest.mark.parametrize("line", ["numpy", "numpy<3", "numpy~=2.0", "numpy>2,<3"])
def test_a_requirement_without_a_lower_end_is_refused(lock: ModuleType, line: str) -> None:
    with pytest.raises(ValueError, match="is no range"):
        lock.lowest([line])
