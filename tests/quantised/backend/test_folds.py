"""The folds that a layer may have."""

import numpy as np

from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold
from hwflow.quantised.backend.folds import folds_of
from hwflow.quantised.network import INPUT, Dense, Network, Node


def square(size: int) -> Network:
    layer = Dense(np.random.default_rng(1).integers(-1, 2, (size, size)), IntType(2, True))
    return Network("square", size, IntType(2, True), (Node("dense0", layer, (INPUT,)),))


def test_folds_are_divisors() -> None:
    folds = folds_of(square(6), "dense0", "ecp5", loaded=False, large=False)
    hardwired = Fold(6, 6, 3, chain="ccu2c")
    assert set(folds) == {Fold(pe, simd) for pe in (1, 2, 3, 6) for simd in (1, 2, 3, 6)} | {hardwired}


def test_loaded_weights_are_in_no_hardwired_layer() -> None:
    folds = folds_of(square(6), "dense0", "ecp5", loaded=True, large=False)
    assert len(folds) == 16 and all(fold.loaded and fold.levels is None for fold in folds)


def test_deep_memories_may_lie_in_large_rams() -> None:
    folds = folds_of(square(32), "dense0", "ice40", loaded=False, large=True)
    large = {(fold.pe, fold.simd) for fold in folds if fold.large}
    assert large == {(pe, simd) for pe in (1, 2, 4) for simd in (1, 2, 4) if pe * simd <= 4}


def levels(family: str, clock_hz: int, apart: bool) -> list[int]:
    folds = folds_of(square(6), "dense0", family, loaded=False, large=False, clock_hz=clock_hz, apart=apart)
    return [fold.levels for fold in folds if fold.levels is not None]


def test_a_slow_clock_asks_for_fewer_registers() -> None:
    assert levels("ecp5", 25_000_000, True) == [3, 10] and levels("ecp5", 25_000_000, False) == [3]
    assert levels("ice40", 12_000_000, True) == [2, 10] and levels("gowin", 27_000_000, True) == [3]
    assert levels("ecp5", 100_000, True) == [3, 99]


def test_a_fast_clock_asks_for_closer_registers() -> None:
    found = [levels("ecp5", mhz * 1_000_000, False) for mhz in (100, 112, 150, 300, 999)]
    assert found == [[3], [2], [2], [1], [1]]
    assert levels("ecp5", 112_000_000, True) == [2] and levels("xilinx", 300_000_000, False) == [3]
