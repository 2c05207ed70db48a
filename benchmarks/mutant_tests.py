"""Runs the tests of chosen files again and again, each time in a copy of this process, which has imported what they need.

A process of this file is begun once, in the folder of a copy of the project: `python mutant_tests.py`. It reads a request a line
and writes what came of it in a line (`Server.run`). A test may take as much processor time as it is told, and not as
much time by the clock, since others may use the machine.
"""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import pytest
from mutant_simulators import Standing

SELECTED = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not lint")
SLOWEST = 900.0  # seconds by the clock for one test, whatever it takes of the processor


@dataclass(frozen=True)
class Request:
    """Test files, the tests to begin with, the seconds of processor time of each, by their names, and whether to stop."""

    files: list[str]
    first: list[str]
    limits: dict[str, float]
    stop: bool  # at the first that fails
    standing: bool = False  # simulators stay, for the next request of these files


@dataclass(frozen=True)
class Ran:
    """A test that was run, whether it passed, and the seconds of the processor that it took, those of standing simulators apart."""

    test: str
    passed: bool
    seconds: float
    simulated: float


class Server:
    """The process in which tests are run, in a copy of the project. Closed by `close`, or when this process ends."""

    def __init__(self, folder: Path) -> None:
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, (folder, folder / "tests"))),
            "COCOTB_MAX_FAILURES": "1",
            "COCOTB_REWRITE_ASSERTION_FILES": "",  # for which each simulation would load all of pytest
            # As if it were one of several processes of pytest, which keep what they compile in a folder beside their own.
            "PYTEST_XDIST_WORKER": "mutants",
        }
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).resolve(), folder / "build" / "scratch"],
            cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, request: Request) -> list[Ran]:
        """The tests that were run. Empty where the files could not even be read, or there is none in them."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(asdict(request)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the process that runs the tests ended")
        return [Ran(*one) for one in json.loads(answer)]

    def close(self) -> None:
        with self._process:  # closes its pipes, and waits
            self._process.terminate()


class _Plugin:
    """Puts tests in order, limits them, and writes each one's outcome to `told`."""

    def __init__(self, request: Request, told: IO[str], standing: Standing) -> None:
        self.request = request
        self.told = told
        self.standing = standing
        self.before = (0.0, 0.0)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        first = {name: place for place, name in enumerate(self.request.first)}
        items.sort(key=lambda item: first.get(item.nodeid, len(first)))
        for item in items:
            item.add_marker(pytest.mark.timeout(SLOWEST), append=False)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._tell("begins", item.nodeid)
        self.before = self._used()
        limit = self.request.limits.get(item.nodeid, SLOWEST)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + limit), most))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.when == "call":
            seconds, simulated = (now - before for now, before in zip(self._used(), self.before, strict=True))
            self._tell(report.nodeid, report.passed, seconds, simulated)

    def _used(self) -> tuple[float, float]:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + ended.ru_utime + ended.ru_stime, self.standing.seconds

    def _tell(self, *told: object) -> None:
        self.told.write(json.dumps(told) + "\n")
        self.told.flush()


def _one(request: Request, scratch: str, standing: Standing) -> list[tuple[str, bool, float, float]]:
    """What a copy of this process says of the tests; one that it began and did not end has failed."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        _in_the_copy(request, scratch, writes, standing)
    os.close(writes)
    found = []
    running = ""
    try:
        with os.fdopen(reads) as lines:
            for line in lines:
                first, *rest = json.loads(line)
                if first == "begins":
                    running = rest[0]
                else:
                    found.append((first, *rest))
                    running = ""
    finally:
        _end(child)
    return [*found, (running, False, 0.0, 0.0)] if running else found


def _in_the_copy(request: Request, scratch: str, writes: int, standing: Standing) -> None:
    try:
        os.setsid()  # so that all that the tests begin can be ended with it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        log = os.open(f"{scratch}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number, stream in enumerate((nothing, log, log)):
            os.dup2(stream, number)
        if request.standing:
            standing.use()
        with os.fdopen(writes, "w") as told:
            arguments = [*SELECTED, f"--basetemp={scratch}/tests", *(["-x"] if request.stop else []), *request.files]
            pytest.main(arguments, plugins=[_Plugin(request, told, standing)])
    finally:
        os._exit(0)


def _end(child: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _import(files: Sequence[str], scratch: str) -> None:
    """Have in this process what reading these files imports, and so in each copy."""
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        pytest.main([*SELECTED, "--collect-only", f"--basetemp={scratch}/tests", *files])


def main() -> None:
    scratch = sys.argv[1]
    Path(scratch).mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began this process ends it
    answers = os.fdopen(os.dup(1), "w")
    known: set[str] = set()
    standing, last = Standing(), []
    for line in sys.stdin:
        request = Request(**json.loads(line))
        if new := sorted({*request.files} - known):
            _import(new, scratch)
            known |= {*new}
        if request.files != last:
            standing.end()
            last = request.files
        answers.write(json.dumps(_one(request, scratch, standing)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
