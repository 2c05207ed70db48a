"""The demo as a user runs it, on scikit-learn's real digits and the simulated board alone.

`make demo` is another, for each push; that a stage is done once is in tests/apps/ too.
"""

import json
from pathlib import Path

import pytest
from commandline import Hwflow


@pytest.mark.slow
@pytest.mark.long
def test_the_demo_does_everything_once(hwflow: Hwflow, tmp_path: Path) -> None:
    words = ["demo", "digits", "--board", "sim", "--out", "a user's demo", "--json"]
    done = hwflow(*words)
    assert done.status == 0, done.err
    names = [stage["name"] for stage in done.json["stages"]]
    assert names == ["train", "check", "compile sim", "simulate sim", "run sim"]
    assert all(stage["right"] for stage in done.json["stages"])
    assert done.json["failed"] == []
    out = tmp_path / "a user's demo"
    for made in ("model.onnx", "vectors.npz", "training.json", "check.json", "report.html", "report.json"):
        assert (out / made).is_file()
    for made in ("rtl/hwf_top.sv", "simulation.json", "run.json"):
        assert (out / "sim" / made).is_file()

    again = hwflow(*words)
    assert again.status == 0
    assert [stage["kept"] for stage in again.json["stages"]] == [True, True, False, True, True]

    (out / "sim/run.json").unlink()
    once_more = hwflow(*words).json
    assert [stage["name"] for stage in once_more["stages"] if not stage["kept"]] == ["compile sim", "run sim"]
    assert json.loads((out / "report.json").read_text())["failed"] == []


@pytest.mark.slow
@pytest.mark.long
def test_the_demo_on_the_log_of_a_real_car(hwflow: Hwflow, shared: Path, tmp_path: Path) -> None:
    log = shared / "data/can/savvycan_candump.log"
    done = hwflow("demo", "can-ids", "--data", f"normal={log}", "--board", "sim", "--out", "demo", "--json")
    assert done.status == 0, done.err
    assert done.json["failed"] == []
    assert "12974 frames" in done.json["stages"][0]["said"]
    trained = json.loads((tmp_path / "demo/training.json").read_text())
    assert trained["quantised"]["accuracy"] >= 0.995
    ran = json.loads((tmp_path / "demo/sim/run.json").read_text())
    assert (ran["vectors"], ran["mismatches"]) == (2000, 0)
    assert ran["evaluation"]["class_names"] == trained["quantised"]["class_names"]
