"""FINN on the command line, where it is not set up: what is missing, and the command that brings it."""

from pathlib import Path

import pytest
from commandline import Hwflow


@pytest.mark.slow
def test_without_finn_the_status_is_3_and_nothing_is_left(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    done = hwflow("compile", tiny_model, "--backend", "finn", "--board", "zcu104", "--out", "p", "--json")
    assert done.status == 3
    assert f"FINN is not set up in {tmp_path}/.local/share/hwflow/finn-plus-1.6.1" in done.json["error"]
    assert "`hwflow finn setup`" in done.json["error"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--board", "zcu104", "--argmax"], "without --argmax"),
        (["--board", "icebreaker"], "icebreaker is none; take one of kv260"),
        (["--board", "zcu104", "--baud", "9600"], "--baud"),
        (["--board", "zcu104", "--folding", "f.json"], "PE 4, which does not divide its 6"),
    ],
)
def test_faults_of_the_user(hwflow: Hwflow, tiny_model: Path, tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "f.json").write_text('{"dense0": {"PE": 4, "SIMD": 2}, "dense1": {"PE": 1, "SIMD": 1}}')
    done = hwflow("compile", tiny_model, "--backend", "finn", "--out", "p", *options, "--json")
    assert done.status == 2
    assert said in done.json["error"]
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]


@pytest.mark.slow
def test_doctor_and_help_name_finn(hwflow: Hwflow) -> None:
    missing = {tool["name"]: tool for tool in hwflow("doctor", "--json").json["tools"]}
    assert missing["finn-plus"]["version"] is None and missing["finn-plus"]["install"] == "hwflow finn setup"
    assert "setup" in hwflow("finn", "--help").out
    assert "HWFLOW_FINN" in hwflow("finn", "setup", "--help").out


@pytest.mark.slow
def test_finns_folding_file_folds_our_own_rtl(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text('{"Defaults": {}, "MVAU_rtl_0": {"PE": 3, "SIMD": 2}, "MVAU_rtl_1": {"SIMD": 6}}')
    done = hwflow("compile", tiny_model, "--board", "sim", "--out", "p", "--folding", "f.json", "--json")
    assert [(layer["pe"], layer["simd"]) for layer in done.json["layers"]] == [(3, 2), (1, 6)]
    assert (tmp_path / "p/finn_folding.json").is_file()
