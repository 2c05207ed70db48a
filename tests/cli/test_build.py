"""`hwflow build` of several projects: side by side, each told as it ends, none stopped by another, all by an interruption."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from commandline import ROOT, Hwflow
from quantised.qonnx_graphs import Graph

from hwflow.tool.cache import VARIABLE

BEGUN = "synthesis (log: "


def start(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """The command under way in a folder, with its standard error to be read while it is."""
    command = [sys.executable, "-m", "hwflow", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: os.environ[VARIABLE]}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def at_work(folder: Path) -> Iterator[int]:
    """The processes of this machine that work in a folder or below it."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                here = (entry / "cwd").readlink()
            except OSError:  # it has just ended, or is another user's
                continue
            if here.is_relative_to(folder.resolve()):
                yield int(entry.name)


@pytest.fixture
def projects(hwflow: Hwflow, tiny_model: Path) -> None:
    """`arty`, soon estimated, `ice`, which is placed and routed too, and `sim`, which needs no bitstream."""
    for name, board in (("arty", "arty-a7-35t"), ("ice", "icebreaker"), ("sim", "sim")):
        assert hwflow("compile", tiny_model, "--board", board, "--out", name).status == 0


def test_faults_of_all_are_told_and_listed(hwflow: Hwflow, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = hwflow("build", "none", "empty", "--json")
    assert done.status == 2
    assert [one["folder"] for one in done.json] == ["none", "empty"]
    assert all("hwflow compile" in one["error"] for one in done.json)
    assert done.err.count("WRONG: ") == 2 and "2 of 2 are not as they must be: none, empty." in done.err


def test_what_effort_is_not_for_is_refused(hwflow: Hwflow, tiny_model: Path) -> None:
    assert "--effort is for one project at a time; name one folder." in hwflow("build", "p", "q", "--effort", "9").err
    for board, seconds, sentence in (
        ("sim", "9", "no open tool builds for sim"),
        ("pynq-z2", "9", "no open tool builds for pynq-z2"),
        ("icebreaker", "0", "--effort 0 is no time to build in; give seconds above 0."),
    ):
        assert hwflow("compile", tiny_model, "--board", board, "--out", board).status == 0
        done = hwflow("build", board, "--effort", seconds)
        assert (done.status, done.out) == (2, "") and sentence in done.err


def test_a_project_is_named_once(hwflow: Hwflow, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("p")
    assert "link is named twice; name each project once." in hwflow("build", "p", "q", "link").err
    assert hwflow("build").status == 2


@pytest.mark.slow
@pytest.mark.usefixtures("projects")
def test_what_they_would_do_is_printed_of_each(hwflow: Hwflow) -> None:
    one, other = (
        hwflow("build", "arty", "--dry-run", "--json").json,
        hwflow("build", "ice", "--dry-run", "--json").json,
    )
    assert hwflow("build", "arty", "ice", "--dry-run", "--json").json == [one, other]
    words = hwflow("build", "arty", "ice", "--dry-run").out
    assert words.index("# in arty") < words.index("# in ice") and "nextpnr-ice40" in words


@pytest.mark.slow
@pytest.mark.usefixtures("projects")
def test_each_is_told_as_it_ends_and_none_stops_another(hwflow: Hwflow, tmp_path: Path) -> None:
    with start(tmp_path, "build", "ice", "sim", "arty", "--json") as process:
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            if line.startswith(("ice ", "arty ", "sim ")):
                told.append((line.split()[0], {path.parent.name for path in tmp_path.glob("*/build.json")}))
        assert process.wait() == 2
    (first, none), (second, one), (third, both) = told
    assert (first, none) == ("sim", set()) and one == {second} and both == {second, third} == {"ice", "arty"}

    done = hwflow("build", "ice", "sim", "arty", "--json")
    placed, refused, estimated = done.json
    assert done.status == 2 and refused == {"folder": "sim", "error": refused["error"]}
    assert "needs no bitstream" in refused["error"]
    assert placed["bitstream"] == "ice/build/hwf_top.bin" and (tmp_path / placed["bitstream"]).is_file()
    assert estimated["estimate"] and estimated["bitstream"] is None
    alone = hwflow("build", "ice", "--json").json
    assert {"folder": "ice", **alone} == placed and BEGUN not in done.err
    words = hwflow("build", "ice", "arty")
    assert words.status == 0 and words.out.index("ice:") < words.out.index("arty:")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interruption_ends_them_all(hwflow: Hwflow, tmp_path: Path) -> None:
    """Of two whose synthesis takes seconds, so that neither has ended before both have begun."""
    graph = Graph((1, 64))
    weights = np.random.default_rng(0).integers(-1, 2, (64, 48)).astype(np.float64)
    graph.save(tmp_path / "net.onnx", graph.node("MatMul", graph.quant("x", 1.0, 4), graph.weights(weights, 1.0, 2)))
    for name, board in (("arty", "arty-a7-35t"), ("ulx", "ulx3s-85f")):
        assert hwflow("compile", "net.onnx", "--no-check", "--board", board, "--out", name).status == 0
    with start(tmp_path, "build", "arty", "ulx") as process:
        assert process.stderr is not None
        begun: list[str] = []
        while len(begun) < 2:
            line = process.stderr.readline()
            assert line, "it ended before both had begun"
            begun += [line] if line.startswith(BEGUN) else []
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "") and "Interrupted" in err and "WRONG" not in err
    assert not list(at_work(tmp_path))
    assert not list(tmp_path.glob("*/build.json"))
    assert {path.name for path in tmp_path.glob("*/build/*")} == {"steps.json", "synthesis.log"}
