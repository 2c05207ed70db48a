"""A convolutional net of the NIR paper's size: the shape of its `cnn_sinabs`, for N-MNIST, with random weights."""

import itertools
from typing import Any

import nir
import numpy as np

AXONS, LAYERS = 2 * 34 * 34, (4096, 4096, 512, 256, 10)


def cnn(seed: int = 0) -> nir.NIRGraph:
    """2 x 34 x 34 inputs, three convolutions with two pools behind them, and two linear layers, of IF neurons, whose weights are multiples
    of 1/64, so that rounding takes nothing off them."""
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> Any:
        return rng.integers(-20, 27, shape) / 64

    def conv(size: int, inputs: int, outputs: int, kernel: int, stride: int) -> Any:
        return nir.Conv2d((size, size), some(outputs, inputs, kernel, kernel), stride, 1, 1, 1, np.zeros(outputs))

    def fires(*shape: int) -> Any:
        return nir.IF(*(np.full(shape, value) for value in (1.0, 2.0, 0.0)))

    def pool() -> Any:
        return nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0]))

    nodes = {"input": nir.Input(np.array([2, 34, 34])), "conv1": conv(34, 2, 16, 5, 2), "if1": fires(16, 16, 16),
             "conv2": conv(16, 16, 16, 3, 1), "if2": fires(16, 16, 16), "pool2": pool(),
             "conv3": conv(8, 16, 8, 3, 1), "if3": fires(8, 8, 8), "pool3": pool(),
             "flat": nir.Flatten({"input": np.array([8, 4, 4])}, 0, -1), "linear4": nir.Linear(some(256, 128)),
             "if4": fires(256), "linear5": nir.Linear(some(10, 256)), "if5": fires(10),
             "output": nir.Output(np.array([10]))}  # fmt: skip
    return nir.NIRGraph(nodes=nodes, edges=list(itertools.pairwise(nodes)), type_check=False)
