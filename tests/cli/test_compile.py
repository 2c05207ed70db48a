"""`inspect` and `compile`: what they print, and everything a user can get wrong."""

import json
from pathlib import Path

import onnx
import pytest
from commandline import Hwflow


@pytest.mark.slow
def test_inspect_names_layers_shapes_and_types(hwflow: Hwflow, tiny_model: Path) -> None:
    done = hwflow("inspect", tiny_model, "--argmax", "--json")
    assert (done.status, done.err) == (0, "")
    record = done.json
    assert record["family"] == "quantised"
    assert [layer["kind"] for layer in record["layers"]] == ["Dense", "Threshold", "Dense", "ArgMax"]
    assert record["layers"][0]["shape"] == [6, 4]
    assert record["layers"][0]["weight_type"] == "INT2"
    assert record["layers"][0]["input_type"] == "UINT4"


@pytest.mark.slow
def test_compile_leaves_a_project_and_does_it_once(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    done = hwflow("compile", tiny_model, "--board", "icebreaker", "--out", "a 'project", "--json")
    assert done.status == 0
    record = done.json
    assert record["board"] == "icebreaker"
    assert record["project"] == "a 'project"
    assert [layer["name"] for layer in record["layers"]] == ["dense0", "dense1"]
    assert json.loads((tmp_path / "a 'project/project.json").read_text())["digest"] == record["digest"]
    (tmp_path / "a 'project/simulation.json").write_text("{}")
    again = hwflow("compile", tiny_model, "--board", "icebreaker", "--out", "a 'project", "--json").json
    assert again == record | {"kept": True}
    assert (tmp_path / "a 'project/simulation.json").exists()
    other = hwflow("compile", tiny_model, "--board", "icebreaker", "--out", "a 'project", "--argmax", "--json").json
    assert not other["kept"]
    assert other["digest"] != record["digest"]
    assert not (tmp_path / "a 'project/simulation.json").exists()


@pytest.mark.slow
def test_a_folding_of_ones_own(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text('{"dense0": {"PE": 3, "SIMD": 2}, "dense1": {"PE": 1, "SIMD": 6}}')
    done = hwflow("compile", tiny_model, "--board", "sim", "--out", "p", "--folding", "f.json", "--json")
    assert [(layer["pe"], layer["simd"]) for layer in done.json["layers"]] == [(3, 2), (1, 6)]
    assert done.json["prediction"]["initiation_interval"] == 4


def refused(name: str, folder: Path, model: Path) -> list[str]:
    """The model file, or options, of a fault by name."""
    (folder / "broken.onnx").write_bytes(model.read_bytes()[:200])
    (folder / "folding.json").write_text('{"dense7": {"PE": 1, "SIMD": 1}}')
    (folder / "full").mkdir()
    (folder / "full/letter.txt").write_text("mine")
    board = ["--board", "sim"]
    return {
        "no such model": ["absent.onnx", *board],
        "not a model": ["full/letter.txt", *board],
        "truncated model": ["broken.onnx", *board],
        "unknown board": [str(model), "--board", "icebraker"],
        "no board": [str(model)],
        "unknown backend": [str(model), *board, "--backend", "magic"],
        "clash": [str(model), *board, "--folding", "folding.json", "--target-fps", "10"],
        "folding of no layer": [str(model), *board, "--folding", "folding.json"],
        "no folding": [str(model), *board, "--folding", "absent.json"],
        "no such rate": [str(model), *board, "--target-fps", "-1"],
        "rate is no number": [str(model), *board, "--target-fps", "fast"],
        "too fast": [str(model), "--board", "icebreaker", "--target-fps", "1e9"],
        "no such baud": [str(model), "--board", "icebreaker", "--baud", "7000000"],
        "no such clock": [str(model), "--board", "icebreaker", "--clock", "100"],
        "auto without a build": [str(model), *board, "--clock", "auto"],
        "no clock": [str(model), *board, "--clock", "fast"],
        "a clock for FINN": [str(model), "--board", "pynq-z2", "--backend", "finn", "--clock", "75"],
        "too slow for the rate": [str(model), "--board", "tangnano9k", "--clock", "4.5"],
        "no such type": [str(model), *board, "--input-type", "FLOAT32"],
        "folder of something else": [str(model), *board, "--out", "full"],
        "folder is a file": [str(model), *board, "--out", "folding.json"],
    }[name]


FAULTS = {
    "no such model": "absent.onnx",
    "not a model": "onnx",
    "truncated model": "broken.onnx",
    "unknown board": "did you mean icebreaker",
    "no board": "--board",
    "unknown backend": "magic",
    "clash": "--folding and --target-fps",
    "folding of no layer": "dense7",
    "no folding": "absent.json",
    "no such rate": "--target-fps",
    "rate is no number": "valid number",
    "too fast": "icebreaker",
    "no such baud": "7000000 baud",
    "no such clock": "the nearest that it can are 99 and 100.5",
    "auto without a build": "no open tool builds for sim",
    "no clock": "'fast' is no clock",
    "a clock for FINN": "leave --clock out",
    "too slow for the rate": "1000000 baud cannot be made from the 4.5 MHz clock of tangnano9k",
    "no such type": "FLOAT32",
    "folder of something else": "full",
    "folder is a file": "folding.json",
}


@pytest.mark.slow
@pytest.mark.long
def test_the_clock_that_auto_finds_is_met_when_it_is_built_again(
    hwflow: Hwflow, tiny_model: Path, tmp_path: Path
) -> None:
    done = hwflow("compile", tiny_model, "--board", "icebreaker", "--clock", "auto", "--out", "p", "--json")
    assert done.status == 0, done.err
    record, search = done.json, done.json["clock_search"]
    assert record["clock_hz"] == search["clock_hz"] > record["oscillator_hz"] == 12_000_000
    (chosen,) = [trial for trial in search["trials"] if trial["clock_hz"] == record["clock_hz"]]
    assert chosen["met"] and search["trials"][0]["clock_hz"] == 12_000_000
    assert json.loads((tmp_path / "p/clock.json").read_text()) == search
    built = hwflow("build", "p", "--json").json
    assert built["timing_met"] and built["clock_mhz"] * 1e6 == record["clock_hz"]
    assert built["fmax_mhz"] == chosen["fmax_mhz"]


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_the_user(hwflow: Hwflow, tiny_model: Path, tmp_path: Path, fault: str) -> None:
    words = refused(fault, tmp_path, tiny_model)
    out = [] if "--out" in words else ["--out", "out"]
    before = sorted(tmp_path.iterdir())
    done = hwflow("compile", *words, *out, "--json")
    assert done.status == 2
    assert set(done.json) == {"error"}
    assert FAULTS[fault] in done.json["error"]
    assert done.err.endswith(f"{done.json['error']}\n")
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "full/letter.txt").read_text() == "mine"


@pytest.mark.slow
def test_an_operator_that_cannot_be_built_is_named(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    model = onnx.load(tiny_model)
    model.graph.node[-1].op_type = "Hardmax"
    model.graph.node[-1].input.pop()
    onnx.save(model, tmp_path / "hardmax.onnx")
    done = hwflow("inspect", "hardmax.onnx", "--json")
    assert done.status == 2
    assert any("'scale'" in sentence and "Hardmax" in sentence for sentence in done.json["refused"])
    assert hwflow("compile", "hardmax.onnx", "--board", "sim", "--out", "p").status == 2
    assert not (tmp_path / "p").exists()


@pytest.mark.slow
def test_what_does_not_fit_is_said_by_how_much(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    import numpy as np
    from onnx import numpy_helper

    model = onnx.load(tiny_model)
    for tensor in model.graph.initializer:
        if tensor.name == "w0":
            tensor.CopyFrom(numpy_helper.from_array(np.ones((4, 400), dtype=np.float32), "w0"))
        elif tensor.name == "w1":
            tensor.CopyFrom(numpy_helper.from_array(np.ones((400, 400), dtype=np.float32), "w1"))
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 400
    onnx.save(model, tmp_path / "large.onnx")
    done = hwflow("compile", "large.onnx", "--board", "ice40-hx8k-breakout", "--out", "p", "--json")
    assert done.status == 2
    assert "of 32" in done.json["error"]
    assert not (tmp_path / "p").exists()
