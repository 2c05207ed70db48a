"""Nets and cores as values: what is out of range is refused, what is saved comes back."""

import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spiking.nets import random_core, random_network

from hwflow.errors import UserError
from hwflow.family import family_of_net
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import LARGEST, Core, Neurons, SpikingNetwork, Start


def some_network(seed: int = 0) -> SpikingNetwork:
    rng = np.random.default_rng(seed)
    core = random_core(rng, everything=True)
    return replace(random_network(rng, core), outputs=np.array([0]), dt=1e-3, source="made")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"axons": 0}, "at least 1 of its axons, not 0"),
        ({"neurons": LARGEST - 7}, "16,384 axons and neurons at most, not 16,385"),
        ({"lanes": 3}, "power of two"),
        ({"axons": 6, "lanes": 4}, "divides 6 and 8"),
        ({"weight_bits": 9}, "2 to 8 bits, not 9"),
        ({"state_bits": 7}, "8 to 24"),
        ({"trace_bits": 17}, "4 to 16"),
        ({"learning": False, "normalisation": False}, "neither synapse_mask nor normalisation"),
    ],
)
def test_a_core_that_cannot_be_built(wrong: dict[str, int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Core(**({"axons": 8, "neurons": 8} | wrong))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"potentiation": 32768}, "potentiation lies in -32768 … 32767, and 32768 does not"),
        ({"pre_decay": -1}, "pre_decay lies in 0 … 65535"),
        ({"weight_min": 5, "weight_max": 4}, "5 > 4"),
        ({"weight_max": 128}, "weight_max"),
        ({"target": 1 << 20}, "target"),
        ({"post_step": 65536}, "post_step"),
        ({"adaptation_step": 1 << 23}, "adaptation_step"),
    ],
)
def test_a_rule_out_of_range(wrong: dict[str, int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Learning(**wrong)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("leak", 65536, "neurons' leak lies in 0 … 65535, and 65536"),
        ("refractory", 256, "refractory lies in 0 … 255"),
        ("threshold", 1 << 23, "threshold"),
        ("bias", 0.5, "integers, not of float64"),
    ],
)
def test_a_neuron_out_of_range(name: str, value: float, says: str) -> None:
    neurons = Neurons.of(3, threshold=1)
    with pytest.raises(ValueError, match=says):
        replace(neurons, **{name: np.array([0, value, 0])})
    with pytest.raises(ValueError, match="one length"):
        replace(neurons, leak=np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="made of bools"):
        replace(neurons, subtract=np.zeros(3, np.int64))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weight": np.zeros((1, 2), np.int64)}, r"\[axons \+ 2, 2\], not \(1, 2\)"),
        ({"weight": np.full((3, 2), 128)}, "the weight lies in -128 … 127, and 128 does not"),
        ({"plastic": np.ones((2, 3), np.bool_)}, "of the shape of the weights"),
        ({"outputs": np.array([2])}, "0 … 1"),
        ({"weight_shift": 16}, "weight_shift"),
        ({"start": Start.zero(3)}, "3 neurons, not of 2"),
    ],
)
def test_a_net_that_does_not_hang_together(wrong: dict[str, Any], says: str) -> None:
    weight = np.zeros((3, 2), np.int64)
    network = SpikingNetwork("n", weight, Neurons.of(2, threshold=1), np.ones(weight.shape, np.bool_))
    with pytest.raises(ValueError, match=says):
        replace(network, **wrong)


@pytest.mark.parametrize("start", [True, False])
def test_a_net_comes_back_from_its_files(tmp_path: Path, start: bool) -> None:
    network = some_network()
    if not start:
        network = replace(network, start=None)
    files = network.to_files()
    assert files == network.to_files()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    back = SpikingNetwork.from_folder(tmp_path)
    assert back.digest == network.digest and back.source == "made" and back.name == network.name and back.dt == 1e-3
    assert np.array_equal(back.weight, network.weight) and back.weight.dtype == np.int8
    assert asdict(back.learning) == asdict(network.learning) and (back.start is None) == (not start)
    assert family_of_net(network.to_files()).name == "spiking" and family_of_net({}).name == "quantised"
    assert family_of_net({"network.json": b"[" * 100_000}).name == "quantised"


def test_a_damaged_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no readable spiking network"):
        SpikingNetwork.from_folder(tmp_path)
    files = some_network().to_files()
    document = json.loads(files["network.json"])
    buffer, floats = io.BytesIO(), io.BytesIO()
    np.savez(buffer, weight=np.array([object()]))
    with np.load(io.BytesIO(files["network.npz"])) as arrays:
        np.savez(floats, **{**arrays, "weight": np.full(arrays["weight"].shape, np.nan)})
    rule = document["learning"]
    kinds = ({"learning": rule | {"plastic_axons": {}}}, {"learning": rule | {"more": 1}}, {"name": 7}, {"dt": "1"}, {"dt": 0.0},
             {"weight_shift": True})  # fmt: skip
    wrong = [
        files | {"network.npz": files["network.npz"][:200]},
        files | {"network.npz": buffer.getvalue()},
        files | {"network.json": b"[]"},
        files | {"network.json": b"[" * 100_000},
        files | {"network.json": json.dumps(document | {"family": "quantised"}).encode()},
        files | {"network.json": json.dumps(document | {"weight_shift": 99}).encode()},
        files | {"network.npz": floats.getvalue()},
        *(files | {"network.json": json.dumps(document | other).encode()} for other in kinds),
    ]
    for damaged in wrong:
        for name, content in damaged.items():
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match="no readable spiking network"):
            SpikingNetwork.from_folder(tmp_path)


def test_a_digest_is_of_what_decides_a_spike() -> None:
    network = some_network()
    assert replace(network, name="other", source="elsewhere").digest == network.digest
    others = [replace(network, weight_shift=network.weight_shift ^ 1), replace(network, start=None)]
    others.append(replace(network, weight=network.weight ^ 1))
    others.append(replace(network, learning=replace(network.learning, target=7)))
    digests = {network.digest, *(other.digest for other in others)}
    assert len(digests) == 5
    core = Core(8, 8)
    changed = [replace(core, axons=16), replace(core, lanes=2), replace(core, adaptation=False)]
    assert len({core.digest, *(one.digest for one in changed)}) == 4


def test_graded_input_and_told_neurons_come_back_and_are_nothing_where_there_are_none(tmp_path: Path) -> None:
    network = replace(some_network(), graded=True, told=1)
    for name, content in network.to_files().items():
        (tmp_path / name).write_bytes(content)
    back = SpikingNetwork.from_folder(tmp_path)
    assert (back.graded, back.told, back.digest) == (True, 1, network.digest)
    plain = replace(network, graded=False, told=0)
    assert len({network.digest, plain.digest, replace(plain, graded=True).digest, replace(plain, told=1).digest}) == 4
    assert not {"graded", "told"} & set(json.loads(plain.to_files()["network.json"]))
    with pytest.raises(ValueError, match=r"the neurons that are told begin with one of 0 … \d+, and -1 is none"):
        replace(network, told=-1)


def test_what_a_net_needs_of_a_core() -> None:
    weight = np.zeros((6, 2), np.int64)
    network = SpikingNetwork("n", weight, Neurons.of(2, threshold=1), np.ones(weight.shape, np.bool_))
    assert network.needs == () and network.axons == 4 and network.size == 2
    learning = Learning(potentiation=1)
    assert replace(network, learning=learning).needs == ("learning",)
    some = np.zeros(weight.shape, np.bool_)
    assert replace(network, learning=learning, plastic=some).needs == ()
    some = some.copy()
    some[0] = True
    assert replace(network, learning=learning, plastic=some).needs == ("learning", "synapse_mask")
    all_of_axons = np.arange(6)[:, None] * np.ones(2) < 4
    assert replace(network, learning=learning, plastic=all_of_axons).needs == ("learning",)
    both = replace(learning, plastic_neurons=True, adaptation_step=1, target=9)
    assert replace(network, learning=Learning(target=9)).needs == ("learning", "normalisation")
    assert replace(network, learning=both).needs == ("learning", "adaptation", "normalisation")
