"""SuperNeuroMAT's files on the core: the golden model against a transcription of SuperNeuroMAT's tick."""

import json
from base64 import b64encode, b85encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import load, superneuromat
from hwflow.spiking.frontend.floats import run_floats
from hwflow.spiking.frontend.model import SpikingModel
from hwflow.spiking.frontend.superneuromat_file import MAX_FILE_BYTES, File
from hwflow.spiking.reference import Rules, initial, run

Array = NDArray[Any]
INFINITE = float("inf")


def document(**changes: Any) -> dict[str, Any]:
    """A net of 4 neurons, as `SNN.to_json` of superneuromat 3.5 writes it."""
    data = {
        "neuron_thresholds": [0.0, 0.0, 1.5, 0.5],
        "neuron_leaks": [INFINITE, INFINITE, 0.0, 0.25],
        "neuron_reset_states": [0.0, 0.0, 0.0, 0.25],
        "neuron_refractory_periods": [0, 2, 0, 0],
        "neuron_states": [0.0, 0.0, 0.5, 0.5],
        "neuron_refractory_periods_state": [0.0, 0.0, 0.0, 0.0],
        "pre_synaptic_neuron_ids": [0, 1, 0, 2],
        "post_synaptic_neuron_ids": [2, 2, 3, 3],
        "synaptic_weights": [0.75, -0.25, 0.5, 0.25],
        "synaptic_delays": [1, 1, 1, 1],
        "enable_stdp": [1, 0, 0, 0],
        "input_spikes": {"0": {"nids": [0, 1], "values": [1.0, 1.0]}, "3": {"nids": [0], "values": [1.0]}},
        "stdp": True,
        "apos": [],
        "aneg": [],
        "stdp_positive_update": True,
        "stdp_negative_update": True,
        "num_neurons": 4,
        "num_synapses": 4,
        "spike_train": [],
        "default_dtype": "float64",
        "_backend": "auto",
    }
    meta = {"array_representation": "json-native", "format": "snm", "format_version": "0.1", "type": "SNN",
            "from": {"module": "superneuromat", "version": "3.5.0"}}  # fmt: skip
    return {"$schema": "snn.json", "version": "0.1", "networks": [{"meta": meta, "data": data | changes}]}


def written(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(json.dumps(content))
    return path


def simulated(data: dict[str, Any], x: Array) -> Array:
    """`SNN.simulate_cpu` of superneuromat 3.5, transcribed, with spikes [ticks, neurons] of value 1 put in."""
    leak, rest, threshold = (np.array(data[f"neuron_{name}"], dtype=float)
                             for name in ("leaks", "reset_states", "thresholds"))  # fmt: skip
    v, left = (
        np.array(data["neuron_states"], dtype=float),
        np.array(data["neuron_refractory_periods_state"], dtype=float),
    )
    weights = np.zeros((len(v), len(v)))
    weights[data["pre_synaptic_neuron_ids"], data["post_synaptic_neuron_ids"]] = data["synaptic_weights"]
    fired, out = np.zeros(len(v)), []
    for row in x:
        above, below = v > rest, v < rest
        v[above] = np.maximum(v[above] - leak[above], rest[above])
        v[below] = np.minimum(v[below] + leak[below], rest[below])
        v += row + weights.T @ fired
        fired = (v > threshold).astype(float)
        held = left > 0
        fired[held] = 0
        left[held] -= 1
        mask = fired.astype(bool)
        left[mask] = np.array(data["neuron_refractory_periods"], dtype=float)[mask]
        v[mask] = rest[mask]
        out.append(mask)
    return np.array(out)


def golden(model: SpikingModel, x: Array) -> Array:
    core = core_for(model.network)
    return run(Rules(model.network, core), initial(model.network), x.astype(bool)).spikes


@pytest.mark.slow
def test_a_file_spikes_as_superneuromat_does(tmp_path: Path) -> None:
    content = document()
    model = superneuromat.load(written(tmp_path / "net.snn.json", content))
    x = np.random.default_rng(0).random((300, 2)) < 0.5
    expected = simulated(content["networks"][0]["data"], np.pad(x, [(0, 0), (0, 2)]).astype(float))
    assert expected.any(axis=0).all() and np.array_equal(golden(model, x), expected)
    assert model.network.name == "net" and model.network.outputs.tolist() == [3]
    assert model.network.plastic.sum() == 1 and model.network.plastic[2 + 0, 2]
    assert model.network.neurons.leak.tolist() == [65535, 65535, 0, 1]


@pytest.mark.slow
def test_a_file_is_tried_on_its_own_input_beside_the_published_tick(tmp_path: Path) -> None:
    content = document(input_spikes={str(t): {"nids": [t % 2], "values": [1.0]} for t in range(0, 60, 3)})
    path = written(tmp_path / "net.snn.json", content)
    fidelity = load(path).info.fidelity
    assert fidelity is not None and (fidelity.source, fidelity.ticks) == ("the file's input spikes", 58)
    x = superneuromat.stimulus(path)
    expected = simulated(content["networks"][0]["data"], np.pad(x, [(0, 0), (0, 2)]).astype(float))
    assert fidelity.spikes_float == expected.sum() > 20 and fidelity.differing == 0
    other = load(path, samples=np.ones((20, 2))).info.fidelity
    assert other is not None and (other.source, other.ticks) == ("the samples given", 20)


def test_random_nets_beside_the_published_tick() -> None:
    rng = np.random.default_rng(8)
    pairs = [(i, j) for i in range(4) for j in range(4)]
    content = document(
        pre_synaptic_neuron_ids=[i for i, _ in pairs], post_synaptic_neuron_ids=[j for _, j in pairs],
        synaptic_weights=rng.integers(-4, 5, 16).tolist(), synaptic_delays=[1] * 16, enable_stdp=[0] * 16,
        neuron_leaks=[INFINITE, INFINITE, 0.0, 1.0], num_synapses=16,
    )  # fmt: skip
    model = superneuromat.from_file(File.model_validate(content), Path("net.json"))
    x = rng.random((3, 200, 2)) < 0.4
    assert model.floats is not None
    expected = [simulated(content["networks"][0]["data"], np.pad(row, [(0, 0), (0, 2)]).astype(float)) for row in x]
    assert np.array_equal(run_floats(model.floats, x).spikes, expected)


@pytest.mark.slow
def test_the_stimulus_of_a_file(tmp_path: Path) -> None:
    path = written(tmp_path / "net.snn.json", document())
    assert superneuromat.stimulus(path).astype(int).tolist() == [[1, 1], [0, 0], [0, 0], [1, 0]]


@pytest.mark.slow
def test_inputs_and_outputs_that_are_named(tmp_path: Path) -> None:
    content = document() | {"extra": {"input_indices": [1, 0], "output_indices": [2, 3], "period": 3}}
    model = superneuromat.load(written(tmp_path / "net.snn.json", content))
    assert model.network.weight[:2, :2].astype(bool).tolist() == [[False, True], [True, False]]
    assert model.network.outputs.tolist() == [2, 3]


@pytest.mark.slow
@pytest.mark.parametrize(("key", "encode"), [("base85", b85encode), ("base64", b64encode)])
def test_arrays_in_base_64_and_85(tmp_path: Path, key: str, encode: Callable[[bytes], bytes]) -> None:
    content = document()
    plain = superneuromat.load(written(tmp_path / "net.snn.json", content))
    data = content["networks"][0]["data"]
    for name, kind in (
        ("neuron_leaks", "<d"),
        ("synaptic_weights", "<d"),
        ("enable_stdp", "|?"),
        ("synaptic_delays", "<d"),
    ):
        array = np.array(data[name], dtype=kind)
        data[name] = {"dtype": kind, "original_type": "list", key: encode(array.tobytes()).decode()}
    model = superneuromat.load(written(tmp_path / "net.snn.json", content))
    assert model.network.digest == plain.network.digest


@pytest.mark.slow
def test_delays(tmp_path: Path) -> None:
    delayed = superneuromat.load(written(tmp_path / "net.snn.json", document(synaptic_delays=[1, 1, 3, -4])))
    assert delayed.info.relays == 2  # a negative delay is one that the file made of neurons itself


def test_a_leak_so_small_that_weights_beside_it_are_beyond_any_integer() -> None:
    content = document(neuron_leaks=[INFINITE, INFINITE, 0.0, 1e-30])
    file = File.model_validate_json(json.dumps(content))
    with pytest.raises(UserError, match="weights of neuron 3 .* no multiples of its leak|too large beside its leak"):
        superneuromat.from_file(file, Path("net.json"))
    model = superneuromat.from_file(file, Path("net.json"), clip=True, allow_error=1.0)
    assert np.abs(model.network.weight).max() == 127


@st.composite
def nets(draw: st.DrawFn) -> tuple[dict[str, Any], Array]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 6))
    synapses = rng.random((count, count)) < 0.5
    pre, post = synapses.nonzero()
    unit = draw(st.sampled_from([1.0, 0.5, 0.1]))
    leaks = rng.choice([INFINITE, 0.0, unit], count)
    forgets = leaks == INFINITE
    return document(
        neuron_thresholds=(rng.integers(0, 12, count) * unit + unit / 4).tolist(),
        neuron_leaks=leaks.tolist(),
        neuron_reset_states=[0.0] * count,
        neuron_refractory_periods=np.where(forgets, rng.integers(0, 3, count), 0).tolist(),
        neuron_states=(rng.integers(-3, 4, count) * unit).tolist(),
        neuron_refractory_periods_state=[0] * count,
        pre_synaptic_neuron_ids=pre.tolist(),
        post_synaptic_neuron_ids=post.tolist(),
        synaptic_weights=(rng.integers(-9, 15, len(pre)) * unit).tolist(),
        synaptic_delays=[1] * len(pre),
        enable_stdp=[0] * len(pre),
        input_spikes={"0": {"nids": list(range(count)), "values": [6 * unit] * count}},
        num_neurons=count,
        num_synapses=len(pre),
    ), rng.random((40, count)) < 0.4


@pytest.mark.slow
@given(nets())
def test_exact_nets_spike_as_superneuromat_does(case: tuple[dict[str, Any], Array]) -> None:
    content, x = case
    data = content["networks"][0]["data"]
    model = superneuromat.from_file(File.model_validate_json(json.dumps(content)), Path("net.snn.json"))
    value = data["input_spikes"]["0"]["values"][0]
    assert np.array_equal(golden(model, x), simulated(data, x * value))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"neuron_refractory_periods": [0, 0, 2, 0]}, "Neuron 2 of .* adds up its input while it is refractory"),
        ({"neuron_refractory_periods": [300, 0, 0, 0]}, "Neuron 0 of .* refractory period of 300 ticks, which is not 0 to 255"),
        ({"neuron_refractory_periods": [0, INFINITE, 0, 0]}, "Neuron 1 of .* refractory period of inf ticks"),
        ({"neuron_leaks": [-1, 0, 0, 0]}, "Neuron 0 of .* has a leak below 0"),
        ({"neuron_leaks": [INFINITE, INFINITE, 0.0, 0.3]}, "weights of neuron 3 of node 'neurons' .* no multiples of its leak"),
        ({"neuron_leaks": [INFINITE, INFINITE, 0.0, 1 / 1024]}, "or threshold are too large beside its leak"),
        ({"apos": [1.0, 0.5], "aneg": [-0.1, -0.1]}, r"The STDP of .* \(apos, aneg\) moves every plastic weight"),
        ({"synaptic_delays": [4, 1, 1, 1]}, "Synapse 0 of .* is plastic and has a delay of 4 ticks"),
        ({"input_spikes": {"0": {"nids": [0], "values": [1.0]}, "2": {"nids": [0], "values": [2.0]}}},
         "Neuron 0 of .* has input spikes of 1 and 2"),
        ({"neuron_leaks": [0.0]}, "neuron_leaks has 1 numbers for 4 neurons"),
        ({"synaptic_weights": [1.0, 1.0, 1.0, "much"]}, r"networks.0.data.synaptic_weights.3: Input should be a valid number"),
        ({"synaptic_weights": [1.0, 1.0, 1.0, INFINITE]}, "a threshold, state or weight is infinite"),
        ({"neuron_states": [0, 0, 1e308, 0]}, "it holds numbers that float32 does not"),
        ({"synaptic_weights": [0.75, -1e-320, 0.5, 0.25]}, "it holds numbers that float32 does not"),
        ({"input_spikes": {"0": {"nids": [0], "values": [INFINITE]}}}, "it holds numbers that float32 does not"),
        ({"post_synaptic_neuron_ids": [2, 2, 3, 4]}, "is of neuron 4 of 4"),
        ({"num_neurons": 5}, "num_neurons or num_synapses is not that of 4 neurons"),
        ({"neuron_leaks": {"dtype": "object", "base64": "AAAA"}}, "is not a whole SuperNeuroMAT file"),
        ({"neuron_leaks": {"dtype": "<d", "base64": "AAAA"}}, "is not a whole SuperNeuroMAT file"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_refusals(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        superneuromat.load(written(tmp_path / "net.snn.json", document(**changes)))
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[" * 100_000, b"null", b'{"networks": []}', b'{"networks": [{}]}', b"\xff\xfe", b"\x89HDF"]
)
@pytest.mark.slow
def test_damaged_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match="is not a whole SuperNeuroMAT file") as caught:
        superneuromat.load(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400 + len(str(path))


def test_not_there_or_large(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Cannot read the model .*No such file"):
        superneuromat.load(tmp_path / "net.json")
    with (tmp_path / "net.json").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(UserError, match="is larger than 32 MiB"):
        superneuromat.load(tmp_path / "net.json")
