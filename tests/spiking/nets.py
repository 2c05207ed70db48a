"""Random spiking nets, over all that docs/neuron.md allows, its corners included."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray, IntType
from hwflow.spiking.entries import entry_count
from hwflow.spiking.fit import misfits
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.learning import DECAY, Learning, Modulation
from hwflow.spiking.network import FEATURES, Core, Neurons, SpikingNetwork, Start
from hwflow.spiking.reference import State


def random_core(rng: np.random.Generator, *, most: int = 40, everything: bool = False) -> Core:
    """A core of at most `most` axons and neurons; with every feature, or with each at random."""
    lanes = 1 << int(rng.integers(0, 4))
    axons, neurons = (int(rng.integers(1, max(2, most // lanes + 1))) * lanes for _ in range(2))
    widths = {"weight_bits": rng.integers(2, 9), "state_bits": rng.integers(8, 25), "trace_bits": rng.integers(4, 17)}
    if rng.random() < 0.5:
        widths = {"weight_bits": 8, "state_bits": 16, "trace_bits": 8}
    features = {name: everything or bool(rng.random() < 0.75) for name in FEATURES}
    features |= {name: features[name] and features["learning"] for name in ("synapse_mask", "normalisation")}
    features["single_port"] = bool(rng.random() < 0.25)
    features["stochastic"] = features["learning"] and bool(rng.random() < 0.5)
    features["modulation"] = features["learning"] and bool(rng.random() < 0.5)
    features["graded"] = bool(rng.random() < 0.5)
    features["counting"] = (
        everything or (axons + neurons) % 3 == 0
    )  # no draw, since tests choose cores by what follows from a seed
    return Core(axons, neurons, lanes, **{name: int(bits) for name, bits in widths.items()}, **features)


def random_network(rng: np.random.Generator, core: Core, *, extreme: bool | None = None) -> SpikingNetwork:
    """A net of the core's size; `extreme`: anything goes, so that sums saturate; else parameters make it lively."""
    if extreme is None:
        extreme = bool(rng.random() < 0.3)
    shape = (core.sources, core.neurons)
    learning = random_learning(rng, core, extreme=extreme)
    plastic = np.ones(shape, np.bool_)
    if core.synapse_mask:
        plastic = rng.random(shape) < rng.choice([0.0, 0.5, 1.0], p=[0.1, 0.5, 0.4])
    plastic = np.asarray(plastic & core.kept) if core.synapse_mask or not core.blocks else core.may_change.copy()
    weight = integers(rng, core.weight, shape) * core.kept
    if not extreme:
        weight = weight * (rng.random(shape) < rng.choice([0.2, 0.6, 1.0]))
    weight = sparse_enough(rng, weight + core.constant, core)
    network = SpikingNetwork(
        name=f"{core.axons}x{core.neurons}",
        weight=weight,
        neurons=_neurons(rng, core, extreme),
        plastic=plastic,
        weight_shift=int(rng.integers(0, 16 if extreme else min(16, max(1, core.state_bits - core.weight_bits - 2)))),
        learning=learning,
        start=Start(
            integers(rng, core.state, (core.neurons,)),
            integers(rng, core.state, (core.neurons,)),
            rng.integers(0, 9, core.neurons),
        ),
        modulation=random_modulation(rng, core, extreme=extreme) if core.modulation and rng.random() < 0.8 else None,
        graded=core.graded and bool(rng.random() < 0.8),
        told=_told(learning.seed + int(weight.sum()), core),
    )
    assert not misfits(network, core)
    return network


def _told(seed: int, core: Core) -> int:
    """By draws of its own, since tests choose nets by what follows from a seed."""
    rng = np.random.default_rng(abs(seed))
    return int(rng.integers(0, core.neurons + 1)) if rng.random() < 0.3 else 0


def random_learning(rng: np.random.Generator, core: Core, *, extreme: bool) -> Learning:
    """A rule, of all those there are, as far as the core has the features."""
    low, high = sorted(int(value) for value in integers(rng, core.weight, (2,)))
    if rng.random() < 0.5:
        low, high = core.weight.min, core.weight.max
    learning = Learning(
        rectangular=bool(rng.random() < 0.3),
        nearest=bool(rng.random() < 0.5),
        plastic_axons=bool(rng.random() < 0.9),
        plastic_neurons=bool(rng.random() < 0.6),
        weight_min=low,
        weight_max=high,
    )
    if core.learning:
        gain = 32768 if extreme else 60
        learning = replace(
            learning,
            potentiation=int(rng.integers(-gain, gain)),
            depression=int(rng.integers(-gain, gain)),
            pre_decay=_decay(rng),
            post_decay=_decay(rng),
            pre_step=int(rng.integers(0, core.trace.max + 1)),
            post_step=int(rng.integers(0, core.trace.max + 1)),
        )
    if core.stochastic and rng.random() < 0.8:
        gain = 32768 if extreme else min(32768, 1 << 20 - core.trace_bits)
        learning = replace(
            learning,
            stochastic=True,
            seed=int(rng.integers(0, 1 << 32)),
            potentiation=int(rng.integers(-gain, gain)),
            depression=int(rng.integers(-gain, gain)),
        )
    if core.adaptation:
        step = core.adapted.max if extreme else max(1, core.adapted.max >> 4)
        learning = replace(learning, adaptation_decay=_decay(rng), adaptation_step=int(rng.integers(0, step + 1)))
    if core.normalisation:
        learning = replace(
            learning,
            target=int(rng.integers(0, 1 << 20 if extreme else min(core.weight.max * core.axons + 1, 1 << 20))),
        )
    return learning


def random_modulation(rng: np.random.Generator, core: Core, *, extreme: bool) -> Modulation:
    """A third factor that is applied now and then: the axon that ends a presentation is one like others."""
    least, most = sorted(int(value) for value in integers(rng, core.trace, (2,)))
    rate = 65535 if extreme or rng.random() < 0.3 else 2000
    return Modulation(
        modulating_axons=int(rng.integers(0, core.axons + 1)),
        modulating_neurons=int(rng.integers(0, core.neurons + 1)),
        closing=int(rng.integers(0, core.axons)),
        gated=int(rng.integers(0, core.neurons + 1)),
        rate=int(rng.integers(0, rate + 1)),
        free_rate=int(rng.integers(0, rate + 1)),
        near_shift=int(rng.integers(0, 16)),
        least=least,
        most=most,
    )


def random_state(rng: np.random.Generator, core: Core) -> State:
    """Any state of a core, as a host may write it."""
    count, sources = core.neurons, core.sources
    return State(
        membrane=integers(rng, core.state, (count,)),
        current=integers(rng, core.state, (count,)),
        adaptation=integers(rng, core.adapted, (count,)) * core.adaptation,
        refractory=rng.integers(0, 5, count),
        y=integers(rng, core.trace, (count,)) * core.learning,
        fired=rng.random(count) < 0.3,
        factor=integers(rng, core.state, (count,)) * core.modulation,
        x=integers(rng, core.trace, (sources,)) * core.learning,
        weight=sparse_enough(rng, integers(rng, core.weight, (sources, count)) * core.kept + core.constant, core),
        random=int(rng.integers(0, 1 << 63)) * core.stochastic,
    )


def sparse_enough(rng: np.random.Generator, weight: IntArray, core: Core) -> IntArray:
    """With words of zeros as many as a core of entries asks for; the same for another."""
    while core.entries and entry_count(weight, core.lanes) > core.entries:
        kept = rng.random((core.sources, core.neurons // core.lanes)) < rng.choice([0.5, 0.9])
        weight = weight * np.repeat(kept, core.lanes, axis=1)
    return weight


def random_spikes(rng: np.random.Generator, ticks: int, axons: int) -> NDArray[np.bool_]:
    """bool [ticks, axons] of many densities, with silences, and ticks in which all axons spike."""
    density = rng.choice([0.0, 0.02, 0.1, 0.5, 1.0], size=(ticks, 1), p=[0.25, 0.3, 0.3, 0.1, 0.05])
    return np.asarray(rng.random((ticks, axons)) < density)


def random_stimuli(rng: np.random.Generator, network: SpikingNetwork, ticks: int) -> AxonSpikes:
    """What a net takes: spikes, or, where it is graded, values."""
    return random_values(rng, ticks, network.axons) if network.graded else random_spikes(rng, ticks, network.axons)


def random_values(rng: np.random.Generator, ticks: int, axons: int) -> NDArray[np.uint8]:
    """uint8 [ticks, axons], in ticks as those of `random_spikes`: of spikes alone, of small values, and of any."""
    spikes = random_spikes(rng, ticks, axons)
    most = rng.choice([1, 2, 40, 255], size=(ticks, 1))
    values = np.where(rng.random(spikes.shape) < 0.2, most, rng.integers(1, most, spikes.shape, endpoint=True))
    return (values * spikes).astype(np.uint8)


def integers(rng: np.random.Generator, kind: IntType, shape: tuple[int, ...]) -> IntArray:
    """Integers of the whole range of a type, more of them at its ends and at zero than elsewhere."""
    values = rng.integers(kind.min, kind.max, size=shape, endpoint=True)
    corner = rng.choice([kind.min, kind.max, 0], size=shape)
    return np.where(rng.random(shape) < 0.1, corner, values)


def _neurons(rng: np.random.Generator, core: Core, extreme: bool) -> Neurons:
    count, kind = core.neurons, core.state
    narrow = IntType(max(2, core.state_bits // 2), signed=True)
    threshold = integers(rng, kind, (count,)) if extreme else rng.integers(0, kind.max // 2 + 1, count)
    decays = [np.array([_decay(rng) for _ in range(count)]) for _ in range(2)]
    return Neurons(
        threshold=threshold,
        leak=decays[0],
        decay=decays[1],
        bias=integers(rng, kind if extreme else narrow, (count,)),
        reset=integers(rng, kind if extreme else narrow, (count,)),
        refractory=rng.integers(0, 256 if extreme else 4, count),
        subtract=rng.random(count) < 0.5,
    )


def _decay(rng: np.random.Generator) -> int:
    corner = rng.random() < 0.25
    return int(rng.choice([0, 1, DECAY.max])) if corner else int(rng.integers(0, 1 << int(rng.integers(8, 17))))
