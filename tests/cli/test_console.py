"""What is told on standard error while work goes on."""

import sys
import threading

import pytest

from hwflow.cli.console import progress_on_stderr, tell_ended


def test_lines_of_several_threads_stay_whole(capsys: pytest.CaptureFixture[str]) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with progress_on_stderr() as progress:
            threads = [
                threading.Thread(target=lambda name=name: [progress(f"{name} {i}") for i in range(500)])
                for name in ("one", "two")
            ]
            for thread in threads:
                thread.start()
            for i in range(500):
                tell_ended(f"three {i}", 1.0, True, "all of it")
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    lines = capsys.readouterr().err.splitlines()
    for name in ("one", "two"):
        assert [line for line in lines if line.startswith(name)] == [f"{name} {i}" for i in range(500)]
    assert len(lines) == 1500 and sum(line.endswith("1.0 s  all of it") for line in lines) == 500
