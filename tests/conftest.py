"""For all tests: how properties are searched, interrupts, and the data beside the checkout."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from hwflow.errors import MissingTool
from hwflow.finn.environment import find_environment
from hwflow.tool.cache import VARIABLE

pytest_plugins = ["commandline", "quantised.records"]

# Machines are slow at times, and that is no failure; speed is measured by `make bench`.
settings.register_profile("hwflow", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=10)  # `make quick`
settings.load_profile("hwflow")

# A shell that runs the tests in the background lets them ignore interrupts, and so would the programs they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which `nohup` lets them ignore

# Begun first, since one that is begun last leaves the other workers idle (CONTRIBUTING.md): half a minute of processor and more.
LONGEST = (
    "tests/tool/test_boards.py",
    "tests/test_broken_off.py",
    "tests/spiking/test_run.py",
    "tests/tool/test_build.py",
    "tests/quantised/tool/test_simulate.py",
    "tests/cli/test_road.py",
    "tests/test_wheel.py",
    "tests/shell/test_pll_projects.py",
    "tests/test_tutorials.py",
    "tests/cli/test_build.py",
    "tests/spiking/tool/test_simulate.py",
)
ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and of small cases beside the checkout; a test that needs it is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared is not there")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What tests compile is made in this session, once for all its workers, and not taken from the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        base = tmp_path_factory.getbasetemp()
        folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
        folder.mkdir(mode=0o700, exist_ok=True)
        patch.setenv(VARIABLE, str(folder))
        yield folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first; what needs FINN is skipped, with the reason, where FINN is not set up."""
    first = {str(ROOT / path): place for place, path in enumerate(LONGEST)}
    items.sort(key=lambda item: first.get(str(item.path), len(first)))
    try:
        find_environment()
    except MissingTool as reason:
        for item in items:
            if item.get_closest_marker("finn"):
                item.add_marker(pytest.mark.skip(reason=str(reason)))
