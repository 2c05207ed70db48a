"""Killed at any moment, hwflow leaves what was there, and the next run is right, leaves no litter, and nothing runs on.

The environment variable HWFLOW_KILLS says how often simulations, builds and demos are killed, and has `compile` killed at
every third change; else it is once, and at every 19th.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KILLS = int(os.environ.get("HWFLOW_KILLS", "1"))
STEP = 3 if KILLS > 1 else 19
MARK = "HWFLOW_TEST_MARK"
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

VARYING = ("stages.json", "report.json")  # of a demo: which stages a run found done, and how long they took

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder; hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Place:
    """Folders of a test: `work`, in which commands run, `tmp` for temporary files, and `cache`."""

    root: Path
    mark: str

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def environment(self) -> dict[str, str]:
        own = {"TMPDIR": str(self.root / "tmp"), "HWFLOW_CACHE": str(self.root / "cache"), MARK: self.mark}
        return os.environ | own | {"PYTHONPATH": str(ROOT)}

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen([sys.executable, "-m", "hwflow", *words], cwd=self.work, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip

    def run(self, *words: str) -> str:
        with self.start(*words) as process:
            out, errors = process.communicate()
        assert process.returncode == 0, errors
        return out

    def running(self) -> list[str]:
        """The commands of processes that were started from here, however indirectly, and have not ended."""
        found = []
        for process in Path("/proc").iterdir():
            try:
                if f"{MARK}={self.mark}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_text())
            except (OSError, ValueError):
                continue
        return found

    def litter(self) -> list[str]:
        """What is hidden, or temporary."""
        hidden = [str(path) for path in self.root.rglob(".*")]
        return hidden + [str(path) for path in (self.root / "tmp").iterdir()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("work", "tmp", "cache"):
        (tmp_path / name).mkdir(mode=0o700)
    return Place(tmp_path, uuid.uuid4().hex)


@dataclass(frozen=True)
class Killer:
    """A command line that is killed before its nth change of the file system (killing.py)."""

    process: "subprocess.Popen[str]"

    def run(self, nth: int) -> tuple[int, int]:
        """The exit status, and how many changes there were."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{nth}\n")
        self.process.stdin.flush()
        status, changes = self.process.stdout.readline().split()
        return int(status), int(changes)


@pytest.fixture(params=["", "--without-exchange"])
def killer(place: Place, tiny_model: Path, request: pytest.FixtureRequest) -> Iterator[Killer]:
    words = [request.param] * bool(request.param) + ["compile", str(tiny_model), "--board", "sim", "--out", "out/p"]
    command = [sys.executable, str(Path(__file__).with_name("killing.py")), str(place.root), *words]
    with subprocess.Popen(command, cwd=place.work, env=place.environment, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # fmt: skip
        yield Killer(process)


@pytest.mark.parametrize("old", [False, True])
def test_compile_is_whole_after_a_kill_at_any_change(place: Place, killer: Killer, tiny_model: Path, old: bool) -> None:
    out = place.work / "out"
    if old:
        place.run("compile", str(tiny_model), "--board", "sim", "--argmax", "--out", "out/p")
        (out / "p" / "simulation.json").write_text("{}")
        shutil.copytree(out, place.root / "before")
    before = content(out)
    status, changes = killer.run(0)
    wanted = content(out)
    assert (status, place.litter()) == (0, []) and changes > 30 and before != wanted and "p/project.json" in wanted

    for nth in range(1, changes + 1, STEP):
        shutil.rmtree(out)
        if old:
            shutil.copytree(place.root / "before", out)
        ended = killer.run(nth)
        if nth > changes - 2 and ended[0] == 0:
            break  # the first run made one change more: the mark of who compiled the project stays in the cache
        assert ended == (-signal.SIGKILL, nth)
        left = {path: value for path, value in content(place.work).items() if not path.startswith("out/.hwflow-")}
        left = {path.removeprefix("out/"): value for path, value in left.items()}
        set_aside = bool(list(out.glob(".hwflow-*/old/p")))
        assert left in (before, wanted) or (left == {} and set_aside), nth
        assert killer.run(0)[0] == 0, nth
        assert (content(out), place.litter()) == (wanted, []), nth


def killed(place: Place, words: list[str], seconds: float, chance: random.Random) -> bool:
    """Start a command, end it by a signal at some moment, and see that nothing runs on; whether it had not ended by itself."""
    number = chance.choice(SIGNALS)
    with place.start(*words) as process:
        time.sleep(chance.uniform(0, seconds))
        process.send_signal(number)
        out, errors = process.communicate(timeout=30)
    if process.returncode not in (-number, 0):  # else it was too early for a handler, or too late
        assert process.returncode == 128 + number
        assert "nothing half done was left" in json.loads(out)["error"] and len(errors.splitlines()[-1:]) == 1
    deadline = time.monotonic() + 20  # of a compiler that waits for a busy disk
    while place.running() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert place.running() == []
    return process.returncode != 0


def cached(place: Place) -> set[str]:
    """What a simulation leaves in the cache; the mark of who compiled the project is `compile`'s."""
    return {name for name in content(place.root / "cache") if not name.startswith("own-")}


def lasting(record: str) -> dict[str, object]:
    """A record without what differs each time."""
    varying = ("steps", "counters")  # the device's counters run on while the host thinks
    return {key: value for key, value in json.loads(record).items() if "second" not in key and key not in varying}


def lasting_files(folder: Path) -> dict[str, object]:
    """Every file of a demo: projects, models and pictures byte for byte, records without what differs each time, of pages the name."""

    def seen(path: Path) -> object:
        if path.suffix == ".html" or path.name in VARYING:
            return None
        return lasting(path.read_text()) if path.suffix == ".json" and path.parent.name != "rtl" else path.read_bytes()

    return {str(path.relative_to(folder)): seen(path) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.long
def test_simulate_is_right_after_kills(place: Place, tiny_model: Path) -> None:
    place.run("compile", str(tiny_model), "--board", "sim", "--out", "p")
    begun = time.monotonic()
    wanted = lasting(place.run("simulate", "p", "--json"))
    seconds = time.monotonic() - begun
    files, kept = set(content(place.work)), cached(place)
    chance = random.Random(1)
    for _ in range(KILLS):
        shutil.rmtree(place.root / "cache")
        killed(place, ["simulate", "p", "--json"], seconds, chance)
        assert lasting(place.run("simulate", "p", "--json")) == wanted
        assert (set(content(place.work)), cached(place), place.litter()) == (files, kept, [])


@pytest.mark.long
def test_build_is_right_after_kills(place: Place, tiny_model: Path) -> None:
    place.run("compile", str(tiny_model), "--board", "icebreaker", "--out", "p")
    shutil.copytree(place.work / "p", place.root / "before")
    begun = time.monotonic()
    wanted = lasting(place.run("build", "p", "--json"))
    seconds = time.monotonic() - begun
    files = set(content(place.work))
    bitstream = (place.work / str(wanted["bitstream"])).read_bytes()
    chance = random.Random(2)
    for _ in range(KILLS):
        shutil.rmtree(place.work / "p")
        shutil.copytree(place.root / "before", place.work / "p")
        killed(place, ["build", "p", "--json"], seconds, chance)
        assert lasting(place.run("build", "p", "--json")) == wanted
        assert (place.work / str(wanted["bitstream"])).read_bytes() == bitstream
        assert (set(content(place.work)), place.litter()) == (files, [])


@pytest.mark.long
@pytest.mark.timeout(240 + 60 * KILLS)
def test_demo_is_right_after_kills(place: Place) -> None:
    pytest.importorskip("brevitas")
    words = ["demo", "digits", "--board", "sim", "--out", "d", "--json"]
    begun = time.monotonic()
    place.run(*words)
    seconds = time.monotonic() - begun
    wanted = lasting_files(place.work)
    chance = random.Random(3)
    kills = 0
    while kills < KILLS:
        shutil.rmtree(place.work / "d")
        shutil.rmtree(place.root / "cache")
        while kills < KILLS and killed(place, words, seconds / 2, chance):
            kills += 1
        place.run(*words)  # whatever was done before is kept
        left = lasting_files(place.work)
        assert [name for name in left | wanted if left.get(name) != wanted.get(name)] == [] and place.litter() == []
