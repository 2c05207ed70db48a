"""`compare`: what it prints, and what a user can get wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import ROOT, Hwflow

from hwflow.finn.environment import VARIABLE, find_environment


@pytest.mark.slow
def test_a_board_without_zynq_is_refused(hwflow: Hwflow, tiny_model: Path) -> None:
    done = hwflow("compare", tiny_model, "--board", "icebreaker")
    assert done.status == 2
    assert "FINN builds for Zynq, and icebreaker is none" in done.err


@pytest.mark.slow
def test_without_finn_it_is_named(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    done = hwflow("compare", tiny_model, "--board", "zcu104", "--json")
    assert done.status == 3
    assert "hwflow finn setup" in done.json["error"]
    assert not (tmp_path / f"{tiny_model.stem}-compare").exists()


@pytest.mark.finn
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_both_sides_in_one_object_and_in_one_table(tiny_model: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), VARIABLE: str(find_environment().place)}
    said = []
    for option in ([], ["--json"]):
        words = [
            sys.executable,
            "-m",
            "hwflow",
            "compare",
            str(tiny_model),
            "--board",
            "zcu104",
            "--out",
            "a 'c",
            *option,
        ]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert "LUTs, and of the part" in said[0] and "outputs that differ from qonnx" in said[0]
    record = json.loads(said[1])
    assert (record["finn"]["mismatches"], record["own"]["mismatches"]) == (0, 0)
    assert record["finn"]["values"] == record["own"]["values"] == 3000
    assert [layer["name"] for layer in record["layers"]] == ["dense0", "dense1"]
    assert record["finn"]["cells"]["dsps"] > 0 == record["own"]["cells"]["dsps"]
    for cycles in ("latency", "fill", "initiation_interval"):
        assert record["own"]["cycles"][cycles] <= record["finn"]["cycles"][cycles]
    assert all(layer["own_cycles"] == layer["finn_cycles"] for layer in record["layers"])
    assert (tmp_path / "a 'c" / "comparison.json").is_file()
