"""What is said of a spiking model."""

from dataclasses import replace
from pathlib import Path

import nir
import numpy as np
import pytest

from hwflow.errors import UserError
from hwflow.family import family_of_model
from hwflow.spiking.frontend import load as load_spiking
from hwflow.spiking.frontend import model as spiking_model
from hwflow.spiking.frontend.builder import SpikingBuilder
from hwflow.spiking.frontend.inspection import inspect, inspection_of, rounding_in_words


def graph(tau: float = 1.0) -> nir.NIRGraph:
    lif = nir.LIF(*(np.full(3, value) for value in (tau, 1.0, 0.0, 1.0)))
    out = nir.LI(*(np.full(2, value) for value in (4.0, 1.0, 0.0)))
    return nir.NIRGraph.from_list(nir.Linear(np.full((3, 2), 0.7)), lif, nir.Linear(np.full((2, 3), 0.3)), out)


@pytest.mark.slow
def test_a_nir_file(tmp_path: Path) -> None:
    nir.write(tmp_path / "net.nir", graph(tau=3.0))
    record = inspect(tmp_path / "net.nir", dt=1.0)
    assert (record.family, record.axons, record.neurons, record.outputs, record.latency) == ("spiking", 2, 5, 2, 1)
    assert [(x.name, x.kind, x.shape, x.output_type) for x in record.layers] == [
        ("lif", "LIF", (3,), "SPIKE"), ("li", "LI", (2,), "INT16")]  # fmt: skip
    assert record.rounding is not None and 0 < record.rounding.time_constant < 1e-4
    assert rounding_in_words(record.rounding).startswith("rounded, at most: time constants 0.00%")
    assert record.saturation is not None and record.fidelity is not None and record.fidelity.ticks == 1000
    assert record.assumptions[0].startswith("A spike sets the membrane to the file's v_reset")
    subtracts = inspect(tmp_path / "net.nir", dt=1.0, reset="subtract").assumptions
    assert "as --reset subtract says" in subtracts[0]


def test_what_the_axons_take_and_of_whom_the_host_is_told() -> None:
    net = SpikingBuilder("graded", graded=True)
    shown, hidden, outputs = net.axons(4), net.neurons(3, threshold=2), net.neurons(2, threshold=2)
    net.connect(shown, hidden, 1)
    network = net.build(outputs=[outputs], told=[outputs])
    first = inspection_of(spiking_model.from_network(network)).words()[0]
    assert "4 axons with values of 0 … 255, 5 neurons (the host is told of the last 2), digest" in str(first)
    plain = inspection_of(spiking_model.from_network(replace(network, graded=False, told=0))).words()[0]
    assert "4 axons, 5 neurons, digest" in str(plain)


@pytest.mark.slow
def test_all_that_is_refused_is_named(tmp_path: Path) -> None:
    nir.write(tmp_path / "net.nir", graph(tau=0.5))
    record = inspect(tmp_path / "net.nir", dt=1.0)
    assert len(record.refused) == 1 and record.layers == ()
    assert "Node 'lif' (LIF)" in record.refused[0]
    nir.write(tmp_path / "net.nir", graph(tau=5.0))
    assert [s.split(" cannot")[0] for s in inspect(tmp_path / "net.nir", dt=8.0).refused] == [
        "Node 'li' (LI)", "Node 'lif' (LIF)"]  # fmt: skip
    with pytest.raises(UserError, match="give the seconds of a tick with --dt"):
        inspect(tmp_path / "net.nir")


def test_a_net_of_integers_and_a_folder(tmp_path: Path) -> None:
    net = SpikingBuilder("hand")
    net.connect(net.axons(2), net.neurons(3, threshold=4), 1, plastic=True)
    network = net.build()
    record = inspection_of(spiking_model.from_network(network))
    assert (record.axons, record.neurons, record.synapses, record.plastic) == (2, 3, 6, 6)
    assert rounding_in_words(record.rounding) == "the model is made of integers: nothing was rounded"
    for name, content in network.to_files().items():
        (tmp_path / name).write_bytes(content)
    assert inspect(tmp_path) == record
    with pytest.raises(UserError, match="counts its time in ticks; leave out --dt"):
        load_spiking(tmp_path, dt=1.0)


def test_families(tmp_path: Path) -> None:
    assert [family_of_model(Path(name)).name for name in ("a.onnx", "a.NIR", "a.snn.json")] == [
        "quantised",
        "spiking",
        "spiking",
    ]
    assert family_of_model(tmp_path).name == "spiking"
    with pytest.raises(UserError, match="is not a model hwflow reads"):
        family_of_model(Path("a.pt"))


def test_fidelity_in_words() -> None:
    fidelity = spiking_model.Fidelity("mine", 4, 100, 30, 20, 15, 0.3, 0.1, 0.1, 12, 5, 0.75, 8, 0.04)
    assert fidelity.words() == (
        "30.0% of the spikes differ from the model's in floats (20 and 30 spikes in 100 ticks, mine)",
        "the same output is largest in 75% of 4 samples",
        "a sum was clipped in 4.0% of all neurons and ticks: give a wider state (--state-bits), or samples to choose the "
        "ranges by (--vectors)",
    )
    silent = replace(fidelity, output_spikes_integer=0, class_agreement=None, saturated=0)
    assert silent.words()[1:] == ("no output fires in these ticks; the model's in floats fires 12 times",)
    both = replace(silent, output_spikes_float=0)
    assert both.words()[1:] == ("no output fires in these ticks; nor does the model in floats",)
