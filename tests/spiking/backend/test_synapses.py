"""The form in which a core stores synapses: chosen by bits where all do not fit, or asked for."""

from dataclasses import replace

import numpy as np
import pytest

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.spiking.backend.core import SpikingOptions, choose_core, compile_spiking
from hwflow.spiking.backend.estimate import estimate_core, memories, synapse_bits
from hwflow.spiking.backend.synapses import Forms
from hwflow.spiking.fit import misfits
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Neurons, SpikingNetwork


def net_of(axons: int, neurons: int, density: float, seed: int = 0) -> SpikingNetwork:
    rng = np.random.default_rng(seed)
    shape = (axons + neurons, neurons)
    weight = rng.integers(-40, 90, shape) * (rng.random(shape) < density)
    return SpikingNetwork(f"sparse {density}", weight, Neurons.of(neurons, threshold=100), np.zeros(shape, np.bool_))


SPARSE = net_of(800, 800, 0.01)


def test_what_takes_fewest_bits_is_taken_where_all_do_not_fit() -> None:
    board = find_board("ulx3s-85f")
    core = choose_core(SPARSE, board)
    assert core.entries and not core.blocks and core.lanes == 8 and not core.learning
    assert not misfits(SPARSE, core)
    layered = replace(SPARSE, weight=np.where(np.arange(1600)[:, None] < 800, np.where(np.arange(800) < 400, 1, 0), 0))
    blocks = choose_core(layered, board)
    assert blocks.blocks and not blocks.entries
    small = net_of(80, 80, 0.01)
    assert choose_core(small, board) == Core(80, 80, 8)  # for any net of its size


def test_it_is_told_what_others_would_have_taken() -> None:
    project = compile_spiking(SPARSE, find_board("ulx3s-85f"))
    core = choose_core(SPARSE, find_board("ulx3s-85f"))
    bits = Forms(SPARSE).bits(core)
    held = memories(core)
    counted = sum(np.prod(held[name]) for name in ("weights", "targets", "first entries"))
    assert (bits.form, bits.entries, bits.matrix) == ("entries", counted, 1600 * 800 * 8)
    assert bits.blocks is not None and counted < bits.blocks < bits.matrix
    assert (
        bits.words
        == f"synapses: in rows of entries, {counted:,} bits; a matrix would take 10,240,000; blocks would take {bits.blocks:,}"
    )
    assert b'"form": "entries"' in project.files["design.json"] and b'"left_out": []' in project.files["design.json"]
    matrix = Forms(SPARSE).bits(Core(800, 800, 8))
    assert matrix.words.startswith(f"synapses: all of them, 10,240,000 bits; blocks would take {bits.blocks:,}; rows")
    assert matrix.entries == counted == synapse_bits(core)


def test_a_form_can_be_asked_for() -> None:
    board, small = find_board("sim"), net_of(80, 80, 0.02)
    cores = [choose_core(small, board, SpikingOptions(lanes=2, synapses=form)) for form in (None, "matrix", "entries")]
    assert cores[0] == cores[1] == Core(80, 80, 2)
    assert (
        cores[2].entries == 256
        and b".ENTRIES(256)"
        in compile_spiking(small, board, SpikingOptions(lanes=2, synapses="entries")).files["rtl/hwf_top.sv"]
    )
    with pytest.raises(UserError, match="Blocks save no synapses of sparse 0.02; ask for a matrix"):
        choose_core(replace(small, weight=np.ones_like(small.weight)), board, SpikingOptions(synapses="blocks"))
    layered = small.weight.copy()
    layered[80:] = 0
    assert choose_core(replace(small, weight=layered), board, SpikingOptions(synapses="blocks")).blocks


def test_a_net_that_learns_has_no_entries() -> None:
    learns = replace(SPARSE, plastic=SPARSE.weight != 0, learning=Learning(potentiation=9))
    with pytest.raises(
        UserError, match="needs learning and synapse mask, and a core with rows of entries does not learn"
    ):
        choose_core(learns, find_board("sim"), SpikingOptions(synapses="entries"))
    core = Core(800, 800, 8)
    assert Forms(learns).bits(core).entries is None and not any(made.entries for made in Forms(learns).cores(core))


@pytest.mark.parametrize(
    ("lanes", "entries", "counted"), [(8, 5120, (2681, 1774, 50, 8)), (4, 6144, (2295, 1650, 35, 8))]
)
def test_the_estimate_of_entries_is_above_what_yosys_counts(
    lanes: int, entries: int, counted: tuple[int, int, int, int]
) -> None:
    """counted: tables, flip-flops, block RAMs and multipliers of the device for ECP5, to which the link comes, of 4 block RAMs."""
    neurons = -(-586 // lanes) * lanes
    core = Core(288, neurons, lanes, learning=False, synapse_mask=False, normalisation=False, entries=entries)
    need = estimate_core(core, find_board("ulx3s-85f"))
    luts, ffs, brams, dsps = counted
    assert need.resources.luts > luts and need.resources.ffs > ffs
    assert (need.resources.brams, need.dsps) == (brams + 4, dsps)
