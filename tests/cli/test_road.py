"""From a model file to a report, verb by verb, as a user goes; and what goes wrong on the way."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from commandline import ROOT, Hwflow

from hwflow.project import Project
from hwflow.shell.build_digest import sealed
from hwflow.tool.cache import VARIABLE
from hwflow.tool.verilator import LOG

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled project for the simulated board, in a folder whose name has a space and a quote."""
    out = tmp_path_factory.mktemp("a user's folder") / "the 'net"
    words = [sys.executable, "-m", "hwflow", "compile", tiny_model, "--board", "sim", "--argmax", "--out", out]
    subprocess.run(list(map(str, words)), cwd=ROOT, check=True, capture_output=True)
    return out


def save_vectors(folder: Path, count: int = 50) -> Path:
    rng = np.random.default_rng(1)
    np.savez(folder / "v.npz", x=rng.integers(0, 16, (count, 4)).astype(np.float32), y=rng.integers(0, 3, count))
    return folder / "v.npz"


def test_the_road(hwflow: Hwflow, project: Path, tmp_path: Path) -> None:
    vectors = save_vectors(tmp_path)
    simulated = hwflow("simulate", project, "--vectors", vectors, "--json")
    assert simulated.status == 0
    record = simulated.json
    assert (record["vectors"], record["mismatches"], record["source"]) == (50, 0, "v.npz")
    assert record["latency_cycles"] == record["predicted_latency_cycles"]
    assert record["initiation_interval_cycles"] == record["predicted_initiation_interval_cycles"]
    assert sum(map(sum, record["evaluation"]["confusion"])) == 50
    assert {boundary["node"] for boundary in record["boundaries"]} == {"dense0", "threshold0", "dense1", "argmax"}

    random = hwflow("simulate", project, "--json").json
    assert (random["vectors"], random["mismatches"], random["source"]) == (1000, 0, "random, seed 0")
    assert random["evaluation"] is None

    ran = hwflow("run", project, "--port", "sim", "--vectors", vectors, "--count", "20", "--json")
    assert ran.status == 0
    assert (ran.json["vectors"], ran.json["mismatches"], ran.json["kind"]) == (20, 0, "simulated board")
    assert ran.json["latency_cycles"] == ran.json["predicted_latency_cycles"]
    assert ran.json["counters"]["frames_crc"] == 0

    report = hwflow("report", project, "--out", "page.html", "--json")
    assert report.status == 0
    assert report.json["failed"] == []
    assert (tmp_path / "page.html").read_text().startswith("<!")
    assert json.loads((tmp_path / "page.json").read_text()) == report.json


@pytest.mark.parametrize("tcp", [True, False])
def test_a_served_board_is_driven_by_another_program(hwflow: Hwflow, project: Path, tcp: bool) -> None:
    words = [sys.executable, "-m", "hwflow", "serve", str(project), "--json", *(["--tcp", "0"] if tcp else [])]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        served = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
        done = hwflow("run", project, "--port", served["port"], "--count", "10", "--json")
        server.send_signal(signal.SIGINT)
        rest, errors = server.communicate(timeout=30)
    assert served["port"].startswith("socket://" if tcp else "/dev/")
    assert (done.status, done.json["mismatches"], done.json["kind"]) == (0, 0, "simulated board")
    assert (server.returncode, rest) == (0, "")
    assert "Traceback" not in errors


def test_a_board_built_for_another_model_is_refused(hwflow: Hwflow, project: Path, tiny_model: Path) -> None:
    hwflow("compile", tiny_model, "--board", "sim", "--out", "other")
    words = [sys.executable, "-m", "hwflow", "serve", str(project), "--json"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        served = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
        done = hwflow("run", "other", "--port", served["port"], "--json")
        server.terminate()
    assert done.status == 2
    assert "was built for the model" in done.json["error"]


def test_hardware_that_is_wrong_is_status_1(hwflow: Hwflow, project: Path, tmp_path: Path) -> None:
    good = Project.load(project)
    files = dict(good.files)
    weights = next(path for path in files if path.endswith("dense1_weights.hex"))
    files[weights] = files[weights].translate(bytes.maketrans(b"013", b"310"))
    bad = tmp_path / "bad"
    bad.mkdir()
    sealed(Project(files, good.top, good.board)).save(bad)
    for words in (["simulate", bad], ["run", bad, "--port", "sim"]):
        assert f"({weights} and 1 more differ)" in hwflow(*words, "--json").json["error"]
        done = hwflow(*words, "--trust", "--json")
        assert done.status == 1
        assert done.json["mismatches"] > 0
        assert "differ from the reference" in done.json["error"]


def test_faults_of_the_user(hwflow: Hwflow, project: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "wide.npz", x=np.zeros((2, 5)))
    (tmp_path / "empty").mkdir()
    for words, said in (
        (["simulate", "empty"], "hwflow compile"),
        (["simulate", project, "--vectors", "absent.npz"], "absent.npz"),
        (["simulate", project, "--vectors", "wide.npz"], "5 values"),
        (["simulate", project, "--count", "0"], "--count"),
        (["run", project], "--port"),
        (["run", project, "--port", "/dev/ttyNOWHERE"], "/dev/ttyNOWHERE"),
        (["run", project, "--port", "socket://127.0.0.1:1"], "hwflow serve"),
        (["run", "empty", "--port", "sim"], "hwflow compile"),
        (["build", project], "--port sim"),
        (["build", "empty"], "hwflow compile"),
        (["program", "empty"], "hwflow compile"),
        (["report", "empty"], "empty"),
        (["serve", project, "--tcp", "99999"], "--tcp"),
        (["boards", "arty"], "arty-a7-35t"),
        (["train", "can-idz", "--out", "m.onnx"], "can-ids"),
        (["demo", "mnist", "--out", "d"], "--data"),
        (["demo", "digits", "--board", "nowhere", "--out", "d"], "nowhere"),
    ):
        done = hwflow(*words, "--json")
        assert (done.status, list(done.json)) == (2, ["error"]), words
        assert said in done.json["error"], words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "wide.npz"]


def test_a_missing_tool_is_status_3(hwflow: Hwflow, project: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    Project.load(project).save(_made(bare))
    done = hwflow("simulate", bare, "--json", path=str(tmp_path))
    assert done.status == 3
    assert "apt-get install" in done.json["error"]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_an_interrupt_leaves_nothing_half_done(project: Path, tmp_path: Path) -> None:
    Project.load(project).save(_made(tmp_path / "p"))
    before = sorted((tmp_path / "p").rglob("*"))
    words = [sys.executable, "-m", "hwflow", "simulate", str(tmp_path / "p"), "--json"]
    own = os.environ | {VARIABLE: str(tmp_path / "cache")}  # where nothing was compiled
    with subprocess.Popen(
        words, cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "compiling the simulation\n"
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert set(json.loads(out)) == {"error"}
    assert errors == "Interrupted; nothing half done was left.\n"
    assert sorted((tmp_path / "p").rglob("*")) == before
    # The log is there if Verilator had begun to write it.
    assert {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()} <= {LOG}
