"""A net of nine thousand neurons from NIR: every spike that of its equations, and the RTL's every register the golden model's."""

from pathlib import Path

import numpy as np
import pytest
from spiking.convolutional import AXONS, LAYERS, cnn
from spiking.nir_simulation import simulate

from hwflow.board import find_board
from hwflow.project import ProjectFolder
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.backend.schedule import tick_cycles
from hwflow.spiking.backend.synapses import Form
from hwflow.spiking.blocks import stored
from hwflow.spiking.entries import row_lengths
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import nir as frontend
from hwflow.spiking.frontend.model import SpikingModel
from hwflow.spiking.golden import run
from hwflow.spiking.reference import Rules, initial
from hwflow.spiking.tool.simulate import Stimulus, simulate_core

TICKS, RATE = 5, 0.15


@pytest.fixture(scope="module")
def model() -> SpikingModel:
    return frontend.from_dict(cnn().to_dict(), 1.0, "cnn", state_bits=18)


@pytest.fixture(scope="module")
def spikes() -> np.ndarray:
    return np.random.default_rng(1).random((TICKS, AXONS)) < RATE


@pytest.mark.slow
def test_every_spike_is_that_of_the_equations(model: SpikingModel, spikes: np.ndarray) -> None:
    assert model.info.rounding is not None and model.info.rounding.weight == 0 and model.info.latency == len(LAYERS) - 1
    late = np.zeros((model.info.latency, AXONS), np.bool_)
    rules = Rules(model.network, core_for(model.network, state_bits=18))
    done = run(rules, initial(model.network), np.concatenate([spikes, late]))
    expected = simulate(cnn(), spikes.reshape(TICKS, 2, 34, 34), 1.0)
    assert (
        np.array_equal(done.spikes[-TICKS:, model.network.outputs], expected.astype(bool)) and 0 < expected.mean() < 1
    )
    fired = np.split(done.spikes.any(axis=0), np.cumsum(LAYERS)[:-1])
    assert all(layer.mean() > 0.05 for layer in fired) and done.state.saturations == 0


def compiled(model: SpikingModel, synapses: Form | None = None) -> Compiled:
    project = compile_spiking(model.network, find_board("sim"), SpikingOptions(synapses=synapses))
    return Compiled.of(ProjectFolder(Path("cnn"), project))


@pytest.mark.slow
def test_only_what_leads_from_layer_to_layer_is_stored_in_blocks(model: SpikingModel) -> None:
    core = compiled(model, "blocks").design.core
    into = list(zip((AXONS, *LAYERS), (*LAYERS, 0), strict=False))
    assert 4 <= len(core.blocks) <= 8 and core.lanes == 8
    assert 0.9 < stored(core.blocks, core.sources, core.neurons) / sum(a * b for a, b in into) < 1.01


@pytest.mark.slow
def test_rows_of_entries_take_a_seventh_of_the_memory_and_less_of_the_time(model: SpikingModel) -> None:
    """A neuron of a convolution leads to a window of a few maps, and to no more."""
    design = compiled(model).design
    bits = design.synapses
    assert bits is not None and bits.blocks is not None and bits.entries is not None
    assert design.core.lanes == 8 and 400_000 < design.core.entries < 420_000
    assert (bits.form, 7 * bits.entries < bits.blocks, 25 * bits.entries < bits.matrix) == ("entries", True, True)
    longest = row_lengths(model.network.weight, 8).max()
    assert 2 * (longest + 2) < tick_cycles(compiled(model, "blocks").design.core).plain.row


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_every_register_is_that_of_the_golden_model(model: SpikingModel, spikes: np.ndarray, tmp_path: Path) -> None:
    compile_spiking(model.network, find_board("sim")).save(tmp_path)
    done = simulate_core(Compiled.of(ProjectFolder.read(tmp_path)), Stimulus.of(np.concatenate([spikes, spikes[:4]])))
    assert (done.mismatches, done.first, done.late) == (0, None, 0)
    fired = np.split(done.fired.any(axis=0)[: sum(LAYERS)], np.cumsum(LAYERS)[:-1])
    assert all(layer.mean() > 0.05 for layer in fired) and done.values > 30_000_000
