"""`run` and `serve` of spiking projects, as users run them: on the simulated board, a small core, and without a board."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commandline import ROOT, Hwflow
from spiking.nets import random_network, random_spikes, random_values

from hwflow.board import find_board
from hwflow.project import Project
from hwflow.shell.build_digest import sealed
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.network import Core, Neurons, SpikingNetwork

pytestmark = pytest.mark.slow
TICKS = 60


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random net of 8 axons and 8 neurons on a core of 2 lanes, in a folder whose name has a space and a quote."""
    network = random_network(np.random.default_rng(8), Core(8, 8, 2), extreme=False)
    out = tmp_path_factory.mktemp("a user's folder") / "the 'net"
    out.mkdir()
    compile_spiking(network, find_board("sim"), SpikingOptions(lanes=2)).save(out)
    return out


@pytest.fixture
def stimuli(tmp_path: Path) -> Path:
    path = tmp_path / "stimuli.npz"
    np.savez(path, x=random_spikes(np.random.default_rng(2), TICKS, 8).astype(np.float32))
    return path


def test_run(hwflow: Hwflow, project: Path, stimuli: Path, tmp_path: Path) -> None:
    command = ["run", project, "--vectors", stimuli, "--learn", "--json"]
    done = hwflow(*command, "--port", "sim", "--save", "learnt.npz")
    assert done.status == 0, done.err
    record = done.json
    assert record == json.loads((project / "run.json").read_text())
    assert (record["ticks"], record["source"], record["learn"]) == (TICKS, "stimuli.npz", True)
    assert (record["mismatches"], record["first_difference"]) == (0, None)
    assert record["values"] == TICKS * 8 + 7 * 8 + 16 + 16 * 8 + 5
    assert record["kind"] == "simulated board"
    assert record["spikes"] > 0
    assert record["cycles"] == record["predicted_cycles"]
    assert record["counters"]["frames_crc"] == record["counters"]["host_repeated"] == 0

    model = hwflow(*command, "--port", "model", "--save", "model.npz")
    assert model.status == 0
    assert (model.json["kind"], model.json["spikes"]) == ("golden model", record["spikes"])
    with np.load(tmp_path / "learnt.npz") as board, np.load(tmp_path / "model.npz") as golden:
        assert set(board) == set(golden) > {"raster", "weight", "membrane", "x"}
        for name in board:
            assert np.array_equal(board[name], golden[name]), name
        assert board["raster"].shape == (TICKS, 8)

    short = hwflow("run", project, "--port", "sim", "--ticks", "7")
    assert short.status == 0
    assert "7 ticks (random" in short.out
    assert "0 mismatches" in short.out


def test_more_neurons_than_twelve_bits_number(hwflow: Hwflow, tmp_path: Path) -> None:
    """5,000 neurons in three layers, of whose weights only the blocks are stored, loaded, and read back."""
    rng, axons, hidden, outputs = np.random.default_rng(12), 8, 4992, 8
    weight = np.zeros((axons + hidden + outputs, hidden + outputs), np.int8)
    weight[:axons, :hidden] = rng.integers(-30, 60, (axons, hidden))
    weight[axons : axons + hidden, hidden:] = rng.integers(-9, 12, (hidden, outputs))
    threshold = np.repeat([60, 400], [hidden, outputs])
    neurons = replace(Neurons.of(hidden + outputs, threshold=1, leak=9000), threshold=threshold)
    network = SpikingNetwork("large", weight, neurons, np.zeros(weight.shape, np.bool_))
    project = compile_spiking(network, find_board("sim"))
    project.save(tmp_path / "large")
    np.savez(tmp_path / "x.npz", x=rng.random((6, axons)) < 0.5)
    done = hwflow("run", "large", "--vectors", "x.npz", "--port", "sim", "--save", "end.npz", "--json")
    assert done.status == 0, done.err
    size, stored = hidden + outputs, axons * hidden + hidden * outputs
    assert (done.json["mismatches"], done.json["cycles"]) == (0, done.json["predicted_cycles"])
    assert done.json["values"] == 6 * size + 7 * size + axons + size + stored + 5
    with np.load(tmp_path / "end.npz") as end:
        fired = end["raster"].any(axis=0)
    assert fired[4096:hidden].mean() > 0.2 and fired[hidden:].mean() > 0.2


@pytest.mark.parametrize("lanes", [1, 8])
def test_rows_of_entries_as_a_user_has_them(hwflow: Hwflow, tmp_path: Path, lanes: int) -> None:
    """A sparse net with graded input in a core of entries: compiled with the option, run on the simulated board, gone on with, simulated."""
    rng, core = np.random.default_rng(5), Core(24, 40, 1, learning=False, synapse_mask=False, normalisation=False,
                                               graded=True, entries=300)  # fmt: skip
    network = replace(random_network(rng, core, extreme=False), graded=True, told=0, name="few")
    (tmp_path / "few").mkdir()
    for name, content in network.to_files().items():
        (tmp_path / "few" / name).write_bytes(content)
    words = ["--board", "sim", "--out", "net", "--lanes", str(lanes), "--synapses", "entries", "--counting"]
    made = hwflow("compile", "few", *words)
    assert made.status == 0, made.err
    assert "synapses: in rows of entries, " in made.out and "a matrix would take" in made.out
    np.savez(tmp_path / "x.npz", x=random_values(rng, TICKS, 24).astype(np.int64))
    command = ["run", "net", "--vectors", "x.npz", "--port", "sim", "--json"]
    done = hwflow(*command, "--save", "end.npz")
    assert done.status == 0, done.err
    assert done.json["mismatches"] == 0 and done.json["cycles"] == done.json["predicted_cycles"] and done.json["spikes"]
    again = hwflow(*command, "--load", "end.npz")
    assert again.json["mismatches"] == 0 and again.json["cycles"] == again.json["predicted_cycles"], again.err
    simulated = hwflow("simulate", "net", "--vectors", "x.npz", "--json")
    assert simulated.json["mismatches"] == simulated.json["unpredicted_ticks"] == 0, simulated.err


def test_values_and_told_neurons(hwflow: Hwflow, tmp_path: Path) -> None:
    """Graded input on the simulated board and in RTL, of a net that tells of its last three neurons alone."""
    rng, core = np.random.default_rng(31), Core(12, 8, 2, graded=True, stochastic=True, modulation=True)
    network = replace(random_network(rng, core, extreme=False), graded=True, told=5)
    compile_spiking(network, find_board("sim"), SpikingOptions(lanes=2)).save(tmp_path / "net")
    values = random_values(rng, TICKS, 12)
    np.savez(tmp_path / "x.npz", x=values.astype(np.int64))
    command = ["--vectors", "x.npz", "--learn", "--json"]
    done = hwflow("run", "net", *command, "--port", "sim", "--save", "end.npz")
    assert done.status == 0, done.err
    assert done.json["mismatches"] == 0 and done.json["cycles"] == done.json["predicted_cycles"]
    with np.load(tmp_path / "end.npz") as file:
        assert not file["raster"][:, :5].any() and file["raster"][:, 5:].any()
        assert np.count_nonzero(file["raster"]) == done.json["spikes"] < file["spikes"]
    simulated = hwflow("simulate", "net", *command)
    assert simulated.status == 0, simulated.err
    assert simulated.json["mismatches"] == simulated.json["unpredicted_ticks"] == 0

    np.savez(tmp_path / "x.npz", x=values.astype(np.int64) + 1)
    for verb in ("run", "simulate"):
        refused = hwflow(verb, "net", *command, *(["--port", "sim"] if verb == "run" else []))
        assert refused.status == 2 and "takes whole numbers of 0 … 255; scale and round it first" in refused.err


def test_a_run_that_goes_on_is_the_whole_run(hwflow: Hwflow, project: Path, stimuli: Path, tmp_path: Path) -> None:
    """60 learning ticks at once, and 23 and 37 with the state saved between, on the board as on the model."""
    with np.load(stimuli) as file:
        x = file["x"]
    np.savez(tmp_path / "second.npz", x=x[23:])
    command = ["run", project, "--learn", "--json"]
    whole = hwflow(*command, "--port", "model", "--vectors", stimuli, "--save", "whole.npz")
    first = hwflow(*command, "--port", "model", "--vectors", stimuli, "--ticks", "23", "--save", "first.npz")
    second = hwflow(*command, "--port", "sim", "--vectors", "second.npz", "--load", "first.npz", "--save", "end.npz")
    assert [done.status for done in (whole, first, second)] == [0, 0, 0], second.err
    assert (second.json["mismatches"], second.json["kind"]) == (0, "simulated board")
    assert second.json["cycles"] == second.json["predicted_cycles"]
    with np.load(tmp_path / "whole.npz") as right, np.load(tmp_path / "end.npz") as found:
        assert found["ticks"] == right["ticks"] == TICKS
        assert np.array_equal(found["raster"], right["raster"][23:])
        for name in set(right) - {"raster"}:
            assert np.array_equal(found[name], right[name]), name


def test_states_that_do_not_fit(hwflow: Hwflow, project: Path, stimuli: Path, tmp_path: Path) -> None:
    command = ["run", project, "--port", "model", "--vectors", stimuli, "--json"]
    assert hwflow(*command, "--save", "good.npz").status == 0
    with np.load(tmp_path / "good.npz") as file:
        good = dict(file)
    np.savez(tmp_path / "small.npz", **good | {"weight": good["weight"][1:]})
    np.savez(tmp_path / "float.npz", **good | {"weight": good["weight"] / 2})
    np.savez(tmp_path / "far.npz", **good | {"membrane": good["membrane"] + 2**20})
    (tmp_path / "cut.npz").write_bytes((tmp_path / "good.npz").read_bytes()[:-40])
    (tmp_path / "one.npz").write_bytes(b"")
    for name, said in (
        ("none.npz", "There is no file none.npz"),
        ("small.npz", "weight in small.npz is int64 of shape (15, 8), and "),
        ("float.npz", "weight in float.npz is float64"),
        ("far.npz", "membrane in far.npz is not within INT16"),
        ("cut.npz", "cannot be read as the state of a run"),
        ("one.npz", "cannot be read as the state of a run"),
        (stimuli, "cannot be read as the state of a run"),
    ):
        done = hwflow(*command, "--load", name)
        assert (done.status, list(done.json)) == (2, ["error"]), name
        assert said in done.json["error"], done.json
    assert "Traceback" not in hwflow(*command, "--load", "cut.npz").err


@pytest.mark.parametrize("tcp", [True, False])
def test_a_served_board(hwflow: Hwflow, project: Path, stimuli: Path, tcp: bool) -> None:
    words = [sys.executable, "-m", "hwflow", "serve", str(project), "--json", *(["--tcp", "0"] if tcp else [])]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        served = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
        runs = [hwflow("run", project, "--port", served["port"], "--vectors", stimuli, "--json") for _ in range(2)]
        server.send_signal(signal.SIGINT)
        rest, errors = server.communicate(timeout=30)
    assert served["baud"] == 2_000_000
    assert [(done.status, done.json["mismatches"]) for done in runs] == [(0, 0)] * 2
    assert (server.returncode, rest) == (0, "")
    assert "Traceback" not in errors


def test_hardware_that_is_wrong_is_status_1(hwflow: Hwflow, project: Path, tmp_path: Path) -> None:
    good = Project.load(project)
    path = "rtl/hwf_settings.sv"
    right, wrong = b"weight_shift <= written[3:0]", b"weight_shift <= ~written[3:0]"
    assert right in good.files[path]
    (tmp_path / "bad").mkdir()
    bad = replace(good, files=dict(good.files) | {path: good.files[path].replace(right, wrong)})
    sealed(bad).save(tmp_path / "bad")
    words = ["run", "bad", "--port", "sim", "--ticks", "30", "--json"]
    assert f"({path} and 1 more differ)" in hwflow(*words).json["error"]
    done = hwflow(*words, "--trust")
    assert done.status == 1
    assert done.json.get("mismatches"), done.json
    assert "differ from the golden model's: first, spike neuron" in done.json["error"]


def test_faults_of_the_user(hwflow: Hwflow, project: Path, stimuli: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "wide.npz", x=np.zeros((2, 9)))
    np.savez(tmp_path / "loud.npz", x=np.full((2, 8), 3))
    for words, said in (
        (["--port", "model", "--vectors", "wide.npz"], "takes ticks × 8 axons"),
        (["--port", "model", "--vectors", "loud.npz"], "and not 0 or 1, which say"),
        (["--port", "model", "--vectors", stimuli, "--ticks", "99"], "holds 60 ticks, not 99"),
        (["--port", "model", "--ticks", "0"], "--ticks 1 or more"),
        (["--port", "model", "--count", "3"], "--count means nothing for"),
        (["--port", "/dev/ttyNOWHERE"], "/dev/ttyNOWHERE"),
        (["--port", "socket://127.0.0.1:1"], "hwflow serve"),
    ):
        done = hwflow("run", project, *words, "--json")
        assert (done.status, list(done.json)) == (2, ["error"]), words
        assert said in done.json["error"], words


def test_a_board_built_for_another_core_is_refused(hwflow: Hwflow, project: Path, tmp_path: Path) -> None:
    network = random_network(np.random.default_rng(8), Core(8, 6, 2), extreme=False)
    (tmp_path / "other").mkdir()
    compile_spiking(network, find_board("sim"), SpikingOptions(lanes=2)).save(tmp_path / "other")
    words = [sys.executable, "-m", "hwflow", "serve", str(project), "--json"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        served = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
        done = hwflow("run", "other", "--port", served["port"], "--json")
        server.terminate()
    assert done.status == 2
    assert "has a core of 8 axons and 8 neurons, and the project's has 8 and 6" in done.json["error"]
