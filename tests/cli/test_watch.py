"""The verb `watch` as a user runs it, in processes of its own."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import can
import pytest
from apps.can_ids import watching as made
from commandline import ROOT, Hwflow
from reports.test_layout import QUIET, chromium  # noqa: F401  (a fixture)

pytestmark = pytest.mark.slow  # for their processes


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.project(tmp_path_factory.mktemp("it's a vehicle"))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return made.labelled(tmp_path / "a log.csv", made.attacked())


@contextmanager
def running(folder: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "hwflow", "watch", *map(str, words)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_lines(hwflow: Hwflow, project: Path, log: Path) -> None:
    done = hwflow("watch", project, "--bus", f"log:{log}", "--json")
    assert done.status == 0, done.err
    *alarms, end = json_lines(done.out)
    assert len(alarms) == 12 and end["classes"]["normal"] == end["frames"] - 12 == 200
    assert alarms[0] == {"time": 100.40125, "identifier": "000", "class": "dos", "why": [{"measure": "known", "value": 0}],
                         "label": "dos"}  # fmt: skip
    assert end["evaluation"]["confusion"][4] == [0, 0, 0, 0, 4]
    assert (end["by"], end["ended"], end["dropped"]) == ("reference", "end", 0)


def test_for_people(hwflow: Hwflow, project: Path, log: Path) -> None:
    done = hwflow("watch", project, "--bus", f"log:{log}")
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].split() == ["100.401250", "000", "dos", "known", "0", "(labelled", "dos)"]
    assert "gap/period 8" in lines[11] and lines[12].startswith(f"212 frames of log:{log} judged by reference")
    assert "100.000% of 212 labelled frames are right" in done.out


def test_an_interrupt_ends_it_with_what_was_seen(project: Path, log: Path, tmp_path: Path) -> None:
    with running(tmp_path, project, "--bus", f"log:{log}@0.1", "--json") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    *_, end = json_lines(out)
    assert first["identifier"] == "000" and process.returncode == 0, err
    assert end["ended"] == "interrupt" and 80 < end["frames"] < 212


def test_a_bus_of_another_process(project: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec("msgpack") is None:
        pytest.skip("udp_multicast needs msgpack, which is not installed")
    group = "239.74.163.77"
    with running(tmp_path, project, "--bus", f"udp_multicast:{group}", "--seconds", 3, "--json") as process:
        with can.Bus(group, interface="udp_multicast") as bus:
            assert process.stderr is not None
            process.stderr.readline()
            time.sleep(1.5)
            for _ in range(10):
                bus.send(can.Message(arbitration_id=0x7AB, is_extended_id=False, data=b"abc"))
        out, err = process.communicate(timeout=30)
    *alarms, end = json_lines(out)
    assert process.returncode == 0, err
    assert end["frames"] == len(alarms) == 10 and {alarm["class"] for alarm in alarms} == {"fuzzy"}


@pytest.mark.parametrize(
    ("bus", "said"),
    [
        ("can0", "'can0' names no bus; give --bus socketcan:can0, virtual:NAME, udp_multicast:GROUP or log:FILE."),
        ("log:no/such", "Cannot read no/such (No such file or directory); give a CAN log file."),
        (
            "socketcan:nosuch0",
            "There is no bus socketcan:nosuch0 that can be opened (",
        ),
        ("carrier:pigeon", "python-can has no interface 'carrier'; give socketcan:can0, "),
    ],
)
def test_no_such_bus(hwflow: Hwflow, project: Path, bus: str, said: str) -> None:
    done = hwflow("watch", project, "--bus", bus)
    assert done.status == 2 and said in done.err
    assert done.err.splitlines()[-1].startswith(said)


def test_nets_and_profiles_that_do_not_fit(hwflow: Hwflow, project: Path, log: Path, tmp_path: Path) -> None:
    other = made.project(tmp_path / "other", inputs=97)
    done = hwflow("watch", other, "--bus", f"log:{log}")
    assert done.status == 2 and "takes 97 inputs and not the 128 features of a CAN frame; compile one that" in done.err
    done = hwflow("watch", project, "--bus", f"log:{log}", "--profile", log)
    assert done.status == 2 and "is no profile of a bus" in done.err
    shutil.copytree(project, tmp_path / "alone")
    done = hwflow("watch", tmp_path / "alone", "--bus", f"log:{log}")
    assert done.status == 2 and "Neither" in done.err and "with --profile." in done.err


def test_the_live_page(chromium: str, project: Path, tmp_path: Path) -> None:  # noqa: F811
    log = made.labelled(tmp_path / "a log.csv", made.attacked(12_000))  # two minutes, however slowly a browser starts
    with running(tmp_path, project, "--bus", f"log:{log}@0.5", "--http", "0") as process:
        assert process.stderr is not None and process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", process.stderr.readline() + process.stderr.readline())
        assert address
        process.stdout.readline()  # the first alarm
        state = json.loads(urlopen(f"{address[0]}state.json").read())
        assert state["seen"]["bus"].endswith("a log.csv@0.5") and state["alarms"] > 0
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(address[0], headers={"Host": "evil.example"}))
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{address[0]}etc/passwd")
        options = (f"--user-data-dir={tmp_path / 'chromium'}", "--virtual-time-budget=3000", "--dump-dom")
        done = subprocess.run([chromium, *QUIET, *options, address[0]], capture_output=True, text=True, timeout=120)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    page = unescape(done.stdout)
    assert re.search(r'<b id="alarms">[1-9]', page) and "judged by reference" in page, done.stderr
    assert "<td>known 0</td>" in page and '<td class="number">000</td>' in page
    assert re.search(r'<td>dos</td><td class="number">0</td><td class="number right">[1-4]</td>', page)
    assert re.search(r'id="line" points="[\d., ]+"', page)


def test_no_place_for_the_page(hwflow: Hwflow, project: Path, log: Path) -> None:
    done = hwflow("watch", project, "--bus", f"log:{log}", "--http", "somewhere")
    assert done.status == 2 and "'somewhere' is no place for the page; give --http PORT" in done.err
