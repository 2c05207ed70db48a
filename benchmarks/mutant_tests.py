"""Runs tests again and again, each time in a copy of a process that has read them.

A process of this file is begun for some files of tests, in the folder of a copy of the project. It reads a request a line and
writes what came of it in a line (`Server.run`). A test may take as much processor time as it is told, and not as much time by
the clock, since others may use the machine.
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
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import pytest
from mutant_simulators import Standing

# Not what reads the text of the RTL, nor what begins programs of its own or simulates nothing.
SELECTED = (
    "-q",
    "-s",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-o",
    "tmp_path_retention_policy=none",
    "-k",
    "not (lint or serve or boards)",
)
SLOWEST = 900.0  # seconds by the clock for one test, whatever it takes of the processor


@dataclass(frozen=True)
class Request:
    """Tests to begin with and tests not to run, seconds of processor time of each, by their names, and how to run them."""

    first: list[str]
    skip: list[str]
    limits: dict[str, float]
    stop: bool  # at the first that fails
    standing: bool  # with simulators that stay for the next request


@dataclass(frozen=True)
class Ran:
    """A test that was run, whether it passed, and the seconds of the processor that it took.

    Those of standing simulators are apart, and `builds` are the folders of these.
    """

    test: str
    passed: bool
    seconds: float
    simulated: float
    builds: list[str]


class Server:
    """The process that runs the tests of some files, in a copy of the project. Ended by `close`, or when this process ends."""

    def __init__(self, folder: Path, files: Sequence[str]) -> None:
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, (folder, folder / "tests"))),
            "COCOTB_MAX_FAILURES": "1",
            "COCOTB_REWRITE_ASSERTION_FILES": "",  # for which each simulation would load all of pytest
            # As if it were one of several processes of pytest, which keep what they compile in a folder beside their own.
            "PYTEST_XDIST_WORKER": "mutants",
        }
        self._told = " ".join(map(str, files))
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).resolve(), folder / "build" / "scratch", *files],
            cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, request: Request) -> list[Ran]:
        """The tests that were run. Raises RuntimeError where the files cannot be read, or there is no test in them."""
        assert self._process.stdin and self._process.stdout
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asdict(request)) + "\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._told} cannot be run")
        return [Ran(*one) for one in json.loads(answer)]

    def close(self) -> None:
        with suppress(BrokenPipeError), self._process:  # closes its pipes, and waits
            self._process.terminate()


class _Serving:
    """In the place of pytest's loop: answers each request by a copy of this process, which runs the tests."""

    def __init__(self, answers: IO[str]) -> None:
        self.answers = answers
        self.standing = Standing()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:  # some file could not be read
            return True
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began this process ends it
        for line in sys.stdin:
            found = self._one(session, Request(**json.loads(line)))
            self.answers.write(json.dumps(found) + "\n")
            self.answers.flush()
        return True

    def _one(self, session: pytest.Session, request: Request) -> list[tuple[str, bool, float, float, list[str]]]:
        """What the copy says of the tests; one that it began and did not end has failed."""
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            _in_the_copy(session, request, writes, self.standing)
        os.close(writes)
        found = []
        running = ""
        try:
            with os.fdopen(reads) as lines:
                for line in lines:
                    first, *rest = json.loads(line)
                    running = rest[0] if first == "begins" else ""
                    found += [(first, *rest)] if first != "begins" else []
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return [*found, (running, False, 0.0, 0.0, [])] if running else found


def _in_the_copy(session: pytest.Session, request: Request, writes: int, standing: Standing) -> None:
    try:
        os.setsid()  # so that all that the tests begin can be ended with it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if request.standing:
            standing.use()
        with os.fdopen(writes, "w") as told:
            told_by = _Telling(request, told, standing)
            session.config.pluginmanager.register(told_by)
            place = {name: number for number, name in enumerate(request.first)}
            wanted = (item for item in session.items if item.nodeid not in request.skip)
            items = sorted(wanted, key=lambda item: place.get(item.nodeid, len(place)))
            for item, after in zip(items, [*items[1:], None], strict=True):
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if request.stop and told_by.failed:
                    break
    finally:
        sys.stdout.flush()
        os._exit(0)


class _Telling:
    """Limits the tests, and writes each one's outcome to `told`."""

    def __init__(self, request: Request, told: IO[str], standing: Standing) -> None:
        self.request = request
        self.told = told
        self.standing = standing
        self.failed = False
        self.before = (0.0, 0.0)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._tell("begins", item.nodeid)
        self.before = self._used()
        self.standing.builds.clear()
        limit = self.request.limits.get(item.nodeid, SLOWEST)
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + limit), most))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.when == "call":
            seconds, simulated = (now - before for now, before in zip(self._used(), self.before, strict=True))
            self._tell(report.nodeid, report.passed, seconds, simulated, sorted(self.standing.builds))
            self.failed = self.failed or report.failed

    def _used(self) -> tuple[float, float]:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + ended.ru_utime + ended.ru_stime, self.standing.seconds

    def _tell(self, *told: object) -> None:
        self.told.write(json.dumps(told) + "\n")
        self.told.flush()


def main() -> None:
    scratch, *files = sys.argv[1:]
    Path(scratch).mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    answers = os.fdopen(os.dup(1), "w")
    log = os.open(f"{scratch}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    arguments = [*SELECTED, "-o", f"timeout={SLOWEST}", f"--basetemp={scratch}/tests", *files]
    pytest.main(arguments, plugins=[_Serving(answers)])


if __name__ == "__main__":
    main()
