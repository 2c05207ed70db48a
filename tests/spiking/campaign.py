"""Random nets on random cores, RTL against golden model: what the test does in small and the benchmark at length."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from spiking.nets import random_core, random_network, random_state, random_stimuli

from hwflow.shell.library import rtl_library
from hwflow.spiking.blocks import Block
from hwflow.spiking.host.ticks import Order
from hwflow.spiking.network import Core
from hwflow.spiking.tool.simulate import SpikingBench, SpikingSimulation, Stimulus, build_spiking_bench

NETS_A_CORE = 6


def campaign_cores(*, drawn: bool = True) -> list[Core]:
    """One lane to eight, the narrowest and the widest, with everything and with nothing, and, if `drawn`, random ones."""
    cores = [
        Core(1, 1, 1, counting=True),
        Core(8, 8, 8, weight_bits=2, state_bits=8, trace_bits=4),
        Core(16, 24, 8, weight_bits=8, state_bits=24, trace_bits=16),
        Core(
            12,
            20,
            4,
            learning=False,
            synapse_mask=False,
            adaptation=False,
            normalisation=False,
            counters=False,
            counting=True,
        ),
        Core(40, 32, 8, stochastic=True),
        Core(9, 7, 1, stochastic=True, single_port=True, counting=True),
        Core(12, 16, 4, stochastic=True, modulation=True),
        Core(5, 6, 1, stochastic=True, single_port=True, modulation=True),
        Core(8, 8, 8, weight_bits=3, state_bits=8, trace_bits=5, modulation=True),
    ]
    cores += [
        Core(12, 16, 4, synapse_mask=False, stochastic=True, modulation=True,
             blocks=(Block(8, 0, 8, True), Block(4, 0, 16, False), Block(8, 8, 8, True), Block(8, 4, 12, False))),
        Core(5, 7, 1, single_port=True, modulation=True,
             blocks=(Block(3, 2, 4, True), Block(2, 0, 0, False), Block(7, 1, 5, True))),
        Core(16, 16, 8, blocks=(Block(16, 8, 8, True), Block(16, 0, 8, True))),
        Core(12, 16, 4, stochastic=True,
             blocks=(Block(8, 0, 16, True), Block(4, 8, 8, False, -100), Block(16, 0, 16, False, -128))),
        Core(5, 7, 1, single_port=True, modulation=True, graded=True,
             blocks=(Block(3, 2, 4, True), Block(2, 0, 3, False, -9), Block(4, 0, 5, False, -1), Block(3, 0, 7, True))),
        Core(12, 16, 4, stochastic=True, modulation=True, graded=True, counting=True),
        Core(7, 5, 1, single_port=True, graded=True),
        Core(16, 8, 8, weight_bits=5, state_bits=24, trace_bits=16, graded=True),
        Core(8, 12, 2, learning=False, synapse_mask=False, adaptation=False, normalisation=False, graded=True),
    ]  # fmt: skip
    cores += entry_cores()
    if not drawn:
        return cores
    rng = np.random.default_rng(0)
    cores += [random_core(rng, most=32, everything=True) for _ in range(2)]
    return cores + [random_core(rng, most=32) for _ in range(3)]


def entry_cores() -> list[Core]:
    """With rows of entries: with room for every synapse, and for a few."""
    plain: dict[str, Any] = {"learning": False, "synapse_mask": False, "normalisation": False}
    return [
        Core(1, 1, 1, **plain, entries=1),
        Core(9, 7, 1, **plain, single_port=True, counting=True, entries=30),
        Core(12, 20, 4, **plain, state_bits=24, weight_bits=5, counting=True, entries=160),
        Core(16, 24, 8, **plain, graded=True, adaptation=False, entries=40),
        Core(6, 10, 2, **plain, graded=True, counters=False, counting=True, entries=12),
    ]


@dataclass(frozen=True)
class Case:
    """A net on a core of the bench."""

    number: int
    seed: int
    ticks: int


def cases(cores: list[Core], ticks: int, nets: int = NETS_A_CORE) -> Iterator[Case]:
    """`nets` on each core, `ticks` in all, rounded up."""
    each = -(-ticks // (nets * len(cores)))
    for number in range(len(cores)):
        for net in range(nets):
            yield Case(number, 1000 * number + net, each)


def run_case(bench: SpikingBench, case: Case) -> SpikingSimulation:
    """Every other net begins in any state; learning comes and goes; now and then weights are normalised, all or of one neuron, the state is
    put to rest, and the host is told of spikes, one by one or counted."""
    core, rng = bench.cores[case.number], np.random.default_rng(case.seed)
    network = random_network(rng, core)
    state = random_state(rng, core) if case.seed % 2 else None
    learn = np.repeat(rng.random(-(-case.ticks // 50)) < 0.7, 50)[: case.ticks]
    alone = np.where(rng.random(case.ticks) < 0.5, rng.integers(core.neurons, size=case.ticks) << 16 | 3, 1)
    normalise = np.where(rng.random(case.ticks) < 0.03, alone, 0) * core.normalisation
    stimuli = random_stimuli(rng, network, case.ticks)
    rest = np.where(rng.random(case.ticks) < 0.03, Order.REST, 0)
    orders = rest | np.where(rng.random(case.ticks) < rng.choice([0.01, 0.2]), Order.GIVE, 0)
    return bench.run(
        case.number, network, Stimulus(stimuli, learn, normalise, orders, counting=bool(rng.random() < 0.7)), state
    )


def campaign_bench(cores: list[Core], *, optimise: bool = True) -> SpikingBench:
    return build_spiking_bench(cores, rtl_library("spiking"), optimise=optimise)
