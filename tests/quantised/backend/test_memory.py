"""Memory images: read back word by word, they hold the weights and thresholds they were made from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantised.networks import random_folding, random_network

from hwflow.quantised.backend import memory
from hwflow.quantised.backend.argmax_unit import ArgMaxUnit
from hwflow.quantised.backend.units import DenseUnit, units_of


def lanes_of(word: str, bits: int, count: int) -> list[int]:
    value = int(word, 16)
    return [value >> (i * bits) & ((1 << bits) - 1) for i in range(count)]


def signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_weights_stand_where_the_header_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    for unit in units_of(network, random_folding(rng, network)):
        if not isinstance(unit, DenseUnit):
            continue
        pe, simd = unit.fold.pe, unit.fold.simd
        words = memory.weight_image(unit).decode().split()
        assert len(words) == unit.folds * unit.beats
        for row in range(unit.rows):
            for column in range(unit.columns):
                word = words[row // pe * unit.beats + column // simd]
                stored = lanes_of(word, unit.weight_bits, pe * simd)[row % pe * simd + column % simd]
                weight = 2 * stored - 1 if unit.bipolar else signed(stored, unit.weight_bits)
                assert weight == unit.matrix.weight[row, column]


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_a_search_through_the_images_counts_thresholds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    for unit in units_of(network, random_folding(rng, network)):
        if not isinstance(unit, DenseUnit) or unit.activation is None:
            continue
        low, high = network.ranges[unit.node.name]
        images = {name: image.decode().split() for name, image in memory.threshold_images(unit).items()}
        for row in range(unit.rows):
            x = int(rng.integers(low[row], high[row] + 1))
            path, fold = 0, row // unit.fold.pe
            for stage in range(unit.count_bits):
                word = int(images[f"_{row % unit.fold.pe:03d}_{stage}.hex"][(fold << stage) + path], 16)
                path = 2 * path + (x >= signed(word & ((1 << unit.sum.bits) - 1), unit.sum.bits))
            assert path == np.count_nonzero(x >= unit.activation.levels[row])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_argmax_constants_stand_where_the_header_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    last = units_of(network, random_folding(rng, network))[-1]
    if not isinstance(last, ArgMaxUnit):
        return
    gain_type, offset_type = memory.constant_type(last.layer.gain), memory.constant_type(last.layer.offset)
    words = memory.argmax_image(last, gains=True, offsets=True).decode().split()
    for row in range(last.rows):
        value = lanes_of(words[row // last.pe], gain_type.bits + offset_type.bits, last.pe)[row % last.pe]
        assert signed(value & ((1 << gain_type.bits) - 1), gain_type.bits) == last.layer.gain[row]
        assert signed(value >> gain_type.bits, offset_type.bits) == last.layer.offset[row]
