"""`inspect` and `compile` of spiking models, as users run them."""

from pathlib import Path

import nir
import numpy as np
import pytest
from commandline import Hwflow


@pytest.fixture(scope="module")
def spiking_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A NIR file: 4 inputs, 6 recurrent LIF, 3 LIF."""
    rng = np.random.default_rng(5)

    def lif(count: int) -> nir.LIF:
        return nir.LIF(*(np.full(count, value) for value in (0.01, 1.0, 0.0, 0.1)))

    nodes = {"input": nir.Input(np.array([4])), "fc1": nir.Linear(rng.normal(size=(6, 4))), "lif1": lif(6),
             "rec": nir.Linear(rng.normal(size=(6, 6))), "fc2": nir.Linear(rng.normal(size=(3, 6))), "lif2": lif(3),
             "output": nir.Output(np.array([3]))}  # fmt: skip
    edges = [("input", "fc1"), ("fc1", "lif1"), ("lif1", "rec"), ("rec", "lif1"), ("lif1", "fc2"), ("fc2", "lif2"),
             ("lif2", "output")]  # fmt: skip
    path = tmp_path_factory.mktemp("it's spiking") / "tiny net.nir"
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=edges))
    return path


@pytest.mark.slow
def test_inspect(hwflow: Hwflow, spiking_model: Path) -> None:
    done = hwflow("inspect", spiking_model, "--dt", "1e-3", "--json")
    assert (done.status, done.err) == (0, "")
    assert done.json["family"] == "spiking"
    assert [(x["name"], x["kind"], x["shape"]) for x in done.json["layers"]] == [
        ("lif1", "LIF", [6]),
        ("lif2", "LIF", [3]),
    ]
    assert 0 < done.json["rounding"]["weight"] < 1 / 64
    assert "rounded, at most: weights 0." in hwflow("inspect", spiking_model, "--dt", "1e-3").out


@pytest.mark.slow
def test_compile_leaves_a_project_with_what_was_rounded(hwflow: Hwflow, spiking_model: Path) -> None:
    command = ("compile", spiking_model, "--dt", "1e-3", "--board", "icebreaker", "--out", "a 'project", "--json")
    done = hwflow(*command)
    assert done.status == 0, done.err
    record = done.json
    assert record["board"] == "icebreaker" and record["project"] == "a 'project" and not record["kept"]
    assert [layer["name"] for layer in record["layers"]] == ["lif1", "lif2"]
    assert hwflow(*command).json == record | {"kept": True}
    again = hwflow("inspect", "a 'project", "--json")
    assert again.json == record["model"]
    wide = hwflow(*command, "--state-bits", "20", "--without", "learning", "--axons", "8", "--neurons", "16").json
    assert wide["digest"] != record["digest"] and wide["core"]["state_bits"] == 20
    assert (wide["core"]["axons"], wide["core"]["neurons"], wide["core"]["learning"]) == (8, 16, False)


@pytest.mark.slow
def test_a_run_is_compared_with_the_model_in_floats(hwflow: Hwflow, spiking_model: Path, tmp_path: Path) -> None:
    x = np.random.default_rng(3).random((200, 4)) < 0.3
    np.savez(tmp_path / "x.npz", x=x)
    command = ("compile", spiking_model, "--dt", "1e-3", "--board", "sim", "--out", "net", "--json")
    made = hwflow(*command)
    told = made.json["model"]
    assert told["fidelity"]["ticks"] == 1000 and sum(told["saturation"].values()) == 9
    assert "give --reset subtract" in told["assumptions"][0]
    ran = hwflow("run", "net", "--port", "model", "--vectors", "x.npz", "--json").json
    assert ran["saturations"] == 0 and ran["fidelity"]["source"] == "x.npz"
    assert ran["fidelity"]["differing_share"] < 0.2
    said = hwflow("run", "net", "--port", "model", "--vectors", "x.npz").out
    assert "0 sums of neurons saturated" in said and "of the spikes differ from the model's in floats" in said
    assert hwflow("run", "net", "--port", "model", "--learn", "--json").json["fidelity"] is None
    tried = hwflow(*command, "--vectors", "x.npz").json["model"]["fidelity"]
    assert (tried["source"], tried["ticks"]) == ("the samples given", 200)
    subtracts = hwflow(*command, "--reset", "subtract").json
    assert subtracts["digest"] != made.json["digest"]
    assert "as --reset subtract says" in subtracts["model"]["assumptions"][0]
    (tmp_path / "net" / "floats.npz").unlink()
    assert hwflow("run", "net", "--port", "model", "--json").json["fidelity"] is None


@pytest.mark.slow
def test_a_nir_net_takes_values(hwflow: Hwflow, spiking_model: Path, tmp_path: Path) -> None:
    """Graded input asked for on the command line: compiled, run on the simulated board and in RTL, tried beside the floats."""
    values = np.random.default_rng(3).integers(0, 256, (60, 4)) * (np.random.default_rng(4).random((60, 4)) < 0.1)
    np.savez(tmp_path / "x.npz", x=values.astype(np.float32))
    command = (
        "compile",
        spiking_model,
        "--dt",
        "1e-3",
        "--board",
        "sim",
        "--lanes",
        "2",
        "--state-bits",
        "22",
        "--out",
    )
    plain, graded = (
        hwflow(*command, "plain", "--json").json,
        hwflow(*command, "net", "--graded", "--told", "--json").json,
    )
    assert (plain["core"]["graded"], graded["core"]["graded"]) == (False, True)
    assert plain["model"]["told"] == 0 < graded["model"]["told"] and graded["model"]["graded"]
    assert graded["model"]["fidelity"]["source"].endswith("of values 1 to 255")
    ran = hwflow("run", "net", "--port", "sim", "--vectors", "x.npz", "--json").json
    assert (ran["mismatches"], ran["cycles"]) == (0, ran["predicted_cycles"])
    assert ran["spikes"] > 0 and ran["saturations"] == 0 and ran["fidelity"]["differing_share"] < 0.05
    done = hwflow("simulate", "net", "--vectors", "x.npz", "--json").json
    assert (done["mismatches"], done["unpredicted_ticks"]) == (0, 0)
    refused = hwflow("run", "plain", "--port", "model", "--vectors", "x.npz")
    assert refused.status == 2 and "and not 0 or 1, which say whether an axon has a spike" in refused.err
    checked = hwflow(
        "check", spiking_model, "--dt", "1e-3", "--graded", "--state-bits", "22", "--vectors", "x.npz", "--json"
    )
    assert checked.status == 0 and checked.json["fidelity"]["differing_share"] < 0.05


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["inspect", "MODEL"], "is continuous in time; give the seconds of a tick with --dt"),
        (["inspect", "MODEL", "--dt", "0.1"], "cannot be built as it is"),
        (["inspect", "MODEL", "--dt", "0.001", "--state-bits", "7"], "--state-bits 7 cannot be built; give 8 to 24"),
        (
            ["compile", "MODEL", "--dt", "0.1", "--board", "sim", "--out", "p"],
            "'lif1' (LIF) cannot be represented: its tau",
        ),
        (
            ["compile", "MODEL", "--dt", "0.001", "--board", "sim", "--out", "p", "--argmax"],
            "--argmax means nothing for",
        ),
        (["compile", "MODEL", "--dt", "0.001", "--board", "nowhere", "--out", "p"], "nowhere"),
        (
            ["compile", "MODEL", "--dt", "0.001", "--board", "sim", "--out", "p", "--without", "magic"],
            "no feature 'magic'",
        ),
        (
            ["compile", "MODEL", "--dt", "0.001", "--board", "sim", "--out", "p", "--lanes", "3"],
            "lanes are a power of two",
        ),
        (["compile", "BROKEN", "--dt", "0.001", "--board", "sim", "--out", "p"], "is not a whole NIR file"),
        (["compile", "net.json", "--board", "sim", "--out", "p"], "is not a whole SuperNeuroMAT file"),
        (["compile", "net.json", "--dt", "1", "--board", "sim", "--out", "p"], "counts its time in ticks"),
        (["inspect", "net.json", "--graded"], "what is told of it; leave out --graded, which is for NIR files"),
        (["compile", "net.json", "--told", "--board", "sim", "--out", "p"], "leave out --told"),
        (["inspect", "net.onnx", "--dt", "1"], "--dt means nothing for net.onnx, which is quantised"),
        (
            ["inspect", "MODEL", "--dt", "0.001", "--reset", "half"],
            "not reset by 'half'; give --reset zero or subtract",
        ),
        (["inspect", "MODEL", "--dt", "0.001", "--allow-error", "-1"], "is no share"),
        (["inspect", "MODEL", "--dt", "0.001", "--vectors", "net.json"], "no .npz that can be read"),
        (["inspect", "."], "holds no readable spiking network"),
    ],
)
def test_faults_end_in_a_sentence(
    hwflow: Hwflow, spiking_model: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "broken.nir").write_bytes(spiking_model.read_bytes()[:900])
    (tmp_path / "net.json").write_text('{"networks": 3}')
    (tmp_path / "net.onnx").write_bytes(b"")
    named = {"MODEL": spiking_model, "BROKEN": tmp_path / "broken.nir"}
    done = hwflow(*(named.get(word, word) for word in words))
    assert done.status == 2 and sentence in done.err
    assert not (tmp_path / "p").exists()
