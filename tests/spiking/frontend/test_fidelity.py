"""The net in integers beside the net as it was trained."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import nir
import numpy as np
import pytest
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.project import put_beside
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import load
from hwflow.spiking.frontend import nir as frontend
from hwflow.spiking.frontend.fidelity import Stimuli, fidelity_of, random_stimuli, with_trial
from hwflow.spiking.frontend.float_file import FLOATS
from hwflow.spiking.frontend.model import (
    IMPORT,
    TRIAL,
    SpikingModel,
    beside,
    from_folder,
    from_network,
    import_file,
)
from hwflow.spiking.reference import Rules, initial, run

Array = NDArray[Any]
RNG = np.random.default_rng(4)
W1, W2 = RNG.integers(-8, 9, (5, 4)) / 8.0, RNG.integers(-8, 9, (3, 5)) / 8.0


def integrate(count: int) -> Any:
    return nir.IF(np.full(count, 1.0), np.full(count, 1.0), np.zeros(count))


def model_of(*nodes: Any, dt: float = 1.0, **options: Any) -> SpikingModel:
    return frontend.from_dict(nir.NIRGraph.from_list(*nodes).to_dict(), dt, "net", **options)


def exact(**options: Any) -> SpikingModel:
    return model_of(nir.Linear(W1), integrate(5), nir.Linear(W2), integrate(3), **options)


def test_a_net_that_is_exact_does_not_differ() -> None:
    model = with_trial(exact())
    fidelity = model.info.fidelity
    assert fidelity is not None and fidelity.samples == 10 and fidelity.ticks == 1000
    assert fidelity.spikes_float == fidelity.spikes_integer > 500
    assert (fidelity.differing, fidelity.differing_share, fidelity.saturated) == (0, 0.0, 0)
    assert fidelity.rate_float == fidelity.rate_integer == fidelity.spikes_float / (1000 * 8)
    assert fidelity.class_agreement == 1.0 and fidelity.output_spikes_float == fidelity.output_spikes_integer
    assert "10 samples of 100 ticks" in fidelity.source


def test_what_differs_is_counted() -> None:
    """A threshold that is off by a step in the integers: the counts are those of two plain runs."""
    model, stimuli = exact(), random_stimuli(4)
    neurons = model.network.neurons
    wrong = replace(model, network=replace(model.network, neurons=replace(neurons, threshold=neurons.threshold + 40)))
    fidelity = fidelity_of(wrong, stimuli)
    late = np.zeros((1, 4), np.bool_)
    rows: list[list[Array]] = [[], []]
    for sample in stimuli.spikes:
        for found, one in zip(rows, (model, wrong), strict=True):
            done = run(
                Rules(one.network, core_for(one.network)), initial(one.network), np.concatenate([sample, late])
            ).spikes
            found.append(np.concatenate([done[:-1, :5], done[1:, 5:]], axis=1))
    right, made = (np.array(found) for found in rows)
    assert fidelity.differing == (right != made).sum() > 0
    assert fidelity.differing_share == pytest.approx((right != made).sum() / (right | made).sum())
    assert (fidelity.spikes_float, fidelity.spikes_integer) == (right.sum(), made.sum())
    same = right[:, :, 5:].sum(axis=1).argmax(axis=1) == made[:, :, 5:].sum(axis=1).argmax(axis=1)
    assert fidelity.class_agreement == same.mean()


def test_a_board_is_compared_in_place_of_the_golden_model() -> None:
    model = exact()
    x = np.random.default_rng(1).random((50, 4)) < 0.4
    raster = run(Rules(model.network, core_for(model.network)), initial(model.network), x).spikes
    assert fidelity_of(model, Stimuli.of(x, "mine"), raster).differing == 0
    raster = raster.copy()
    raster[10, 0] ^= True
    fidelity = fidelity_of(model, Stimuli.of(x, "mine"), raster)
    assert (fidelity.differing, fidelity.samples, fidelity.ticks, fidelity.source) == (1, 1, 50, "mine")


def test_values_are_tried_as_values() -> None:
    model = with_trial(exact(graded=True, state_bits=22))
    fidelity = model.info.fidelity
    assert fidelity is not None and (fidelity.differing, fidelity.saturated) == (0, 0)
    assert fidelity.spikes_float > 500 and "seed 0, of values 1 to 255" in fidelity.source
    x = np.full((3, 4), 255)
    assert fidelity_of(model, Stimuli.of(x, "mine", graded=True)).spikes_float > 0
    with pytest.raises(
        UserError, match=r"whole numbers of 0 … 255, and not 256 at \[2, 0\]; scale and round them first"
    ):
        Stimuli.of(x + np.array([[0], [0], [1]]), "mine", graded=True)
    with pytest.raises(UserError, match=r"not 255 at \[0, 0\]; code them as spikes, or read the model as --graded"):
        Stimuli.of(x, "mine")


def test_neurons_that_the_host_is_not_told_of_are_the_golden_models() -> None:
    model = exact(told=True)
    x = np.random.default_rng(1).random((50, 4)) < 0.4
    raster = run(Rules(model.network, core_for(model.network)), initial(model.network), x).spikes
    assert model.network.told == 5 and raster[:, :5].any()
    seen = raster & (np.arange(8) >= 5)
    assert fidelity_of(model, Stimuli.of(x, "mine"), seen).differing == 0
    seen[20, 6] ^= True
    assert fidelity_of(model, Stimuli.of(x, "mine"), seen).differing == 1


def test_read_outs_agree_by_their_mean_potential() -> None:
    out = nir.LI(np.full(3, 4.0), np.full(3, 1.0), np.full(3, 0.5))
    fidelity = with_trial(model_of(nir.Linear(W1), integrate(5), nir.Linear(W2), out)).info.fidelity
    assert fidelity is not None and fidelity.output_spikes_float is None and fidelity.class_agreement is not None
    assert fidelity.class_agreement >= 0.9
    single = with_trial(model_of(nir.Linear(W1[:1]), integrate(1))).info.fidelity
    assert single is not None and single.class_agreement is None


def test_saturation_is_counted() -> None:
    """Eight bits of state, and inhibition without end: nearly every tick clips."""
    lif = nir.LIF(*(np.full(1, value) for value in (500.0, 500.0, 0.0, 1.0)))
    model = model_of(nir.Linear(np.array([[0.5, -2.0]])), lif, state_bits=8)
    x = np.zeros((200, 2), np.bool_)
    x[:, 1] = True
    fidelity = fidelity_of(model, Stimuli.of(x, "inhibition"))
    assert fidelity.saturated_share == fidelity.saturated / 200 > 0.4
    assert model.info.saturation is not None and model.info.saturation.can == 1


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4, 5), (0, 4)])
def test_stimuli_of_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match=r"are not \[ticks, axons\]"):
        Stimuli.of(np.zeros(shape, np.bool_), "x")


def test_stimuli_of_other_values() -> None:
    with pytest.raises(UserError, match=r"Stimuli are 0 and 1, a spike or none, and not 3 at \[0, 0\]; code them"):
        Stimuli.of(np.full((2, 2), 3), "x")
    with pytest.raises(UserError, match="Stimuli for 7 axons do not fit a model of 4"):
        fidelity_of(exact(), Stimuli.of(np.ones((5, 7)), "x"))


def test_a_trial_lies_beside_what_decides_a_project(tmp_path: Path) -> None:
    model = with_trial(exact())
    for name, content in model.network.to_files().items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / IMPORT).write_bytes(import_file(model.info))
    read = from_folder(tmp_path)
    assert import_file(read.info) == import_file(model.info) == import_file(exact().info)
    assert read.info.fidelity is None and read.info.assumptions == ()
    put_beside(tmp_path, beside(model))
    again = from_folder(tmp_path)
    assert again.info == model.info and with_trial(again).info == model.info  # the floats lie beside it as well
    (tmp_path / TRIAL).write_text("{}")
    with pytest.raises(UserError, match="does not hold a readable Remarks"):
        from_folder(tmp_path)
    put_beside(tmp_path, beside(model))
    (tmp_path / FLOATS).write_bytes(b"PK")
    with pytest.raises(UserError, match="does not hold a readable model in floats"):
        from_folder(tmp_path)


@pytest.mark.slow
def test_files_are_tried_when_they_are_read(tmp_path: Path) -> None:
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(nir.Linear(W1), integrate(5)))
    loaded = load(tmp_path / "net.nir", dt=1.0)
    assert loaded.info.fidelity is not None and loaded.info.fidelity.differing == 0
    mine = load(tmp_path / "net.nir", dt=1.0, samples=np.ones((7, 4))).info.fidelity
    assert mine is not None and (mine.source, mine.ticks) == ("the samples given", 7)


def test_a_net_of_integers_has_nothing_to_compare_with() -> None:
    model = from_network(exact().network)
    assert with_trial(model) is model and model.info.saturation is not None
    with pytest.raises(ValueError, match="no floats to compare it with"):
        fidelity_of(model, random_stimuli(4))
    assert IntType(16, signed=True).holds(model.network.neurons.threshold)
