"""Where the values of a spiking core are: its settings, the fields of its neurons, and addresses (docs/neuron.md)."""

from enum import IntEnum

import numpy as np

from hwflow.ints import IntArray
from hwflow.spiking.network import LARGEST, SpikingNetwork

SETTINGS, WEIGHTS, PLASTIC = 0x0000_0100, 0x1000_0000, 0x2000_0000
FIELDS, TRACES = 0x3000_0000, 0x4000_0000
TARGETS, FIRSTS = 0x5000_0000, 0x6000_0000


class Setting(IntEnum):
    """Numbers of the settings, at SETTINGS + 4 · number."""

    TICK = 0
    LEARN = 1
    WEIGHT_SHIFT = 2
    RULE = 3
    POTENTIATION = 4
    DEPRESSION = 5
    PRE_DECAY = 6
    POST_DECAY = 7
    PRE_STEP = 8
    POST_STEP = 9
    WEIGHT_MIN = 10
    WEIGHT_MAX = 11
    ADAPTATION_DECAY = 12
    ADAPTATION_STEP = 13
    TARGET = 14
    NORMALISE = 15
    SPIKES = 16
    EVENTS = 17
    SATURATIONS = 18
    BUSY_CYCLES = 19
    MODULATING_AXONS = 20
    MODULATING_NEURONS = 21
    CLOSING = 22
    GATED = 23
    RATE = 24
    FREE_RATE = 25
    NEAR_SHIFT = 26
    LEAST = 27
    MOST = 28
    TOLD = 29
    COUNTING = 30


def normalise_word(neuron: int | None = None) -> int:
    """What, written to NORMALISE, normalises the weights to all neurons, or to one alone."""
    return 1 if neuron is None else neuron << 16 | 3


def neuron_alone(word: int) -> int | None:
    """The neuron of a word of `normalise_word`."""
    return word >> 16 & LARGEST - 1 if word & 2 else None


class Field(IntEnum):
    """Numbers of what each neuron has, at FIELDS + 65536 · number + 4 · neuron; the names are those of State, Neurons."""

    MEMBRANE = 0
    CURRENT = 1
    ADAPTATION = 2
    REFRACTORY_LEFT = 3
    Y = 4
    FIRED = 5
    RANDOM_LOW = 6  # of the core, whatever the neuron
    RANDOM_HIGH = 7
    THRESHOLD = 8
    LEAK = 9
    DECAY = 10
    BIAS = 11
    RESET = 12
    REFRACTORY = 13
    SUBTRACT = 14
    FACTOR = 15


STATE = {  # field to its name in hwflow.spiking.reference.State
    Field.MEMBRANE: "membrane",
    Field.CURRENT: "current",
    Field.ADAPTATION: "adaptation",
    Field.REFRACTORY_LEFT: "refractory",
    Field.Y: "y",
    Field.FIRED: "fired",
    Field.FACTOR: "factor",
}
FEATURE = {  # the feature of a core without which a field is not kept
    Field.ADAPTATION: "adaptation",
    Field.Y: "learning",
    Field.FACTOR: "modulation",
}
PARAMETERS = tuple(field for field in Field if Field.THRESHOLD <= field <= Field.SUBTRACT)
MODULATION = tuple(setting for setting in Setting if Setting.MODULATING_AXONS <= setting <= Setting.MOST)


def setting_address(setting: Setting) -> int:
    return SETTINGS + 4 * setting


def weight_address(source: int, neuron: int = 0) -> int:
    return WEIGHTS + LARGEST * source + neuron


def plastic_address(source: int, neuron: int = 0) -> int:
    return PLASTIC + LARGEST * source + neuron


def field_address(field: Field, neuron: int = 0) -> int:
    return FIELDS + 65536 * field + 4 * neuron


def trace_address(source: int) -> int:
    return TRACES + 4 * source


def entry_weight_address(number: int) -> int:
    """Of the weight of lane l of entry e, number e · lanes + l, in a core with rows of entries."""
    return WEIGHTS + number


def target_address(entry: int) -> int:
    """Of an entry's target, with 2^14 added in the last entry of a row."""
    return TARGETS + 4 * entry


def first_address(source: int) -> int:
    """Of the number of the first entry of a source's row."""
    return FIRSTS + 4 * source


def settings_of(network: SpikingNetwork) -> dict[Setting, int]:
    """The settings that a net is run with, those of a third factor if it has one; whether it learns is said with each run."""
    rule, third = network.learning, network.modulation
    flags = (
        rule.rectangular,
        rule.nearest,
        rule.plastic_axons,
        rule.plastic_neurons,
        rule.stochastic,
        third is not None,
    )
    named = (setting for setting in Setting if Setting.POTENTIATION <= setting <= Setting.TARGET)
    return {
        Setting.WEIGHT_SHIFT: network.weight_shift,
        Setting.RULE: sum(int(flag) << bit for bit, flag in enumerate(flags)),
        **{setting: int(getattr(rule, setting.name.lower())) for setting in named},
        **{setting: int(getattr(third, setting.name.lower())) for setting in (MODULATION if third else ())},
        Setting.TOLD: network.told,
    }


def random_words(state: int) -> dict[Field, int]:
    """The state of the draws as the core holds it."""
    return {Field.RANDOM_LOW: state & 0xFFFF_FFFF, Field.RANDOM_HIGH: state >> 32}


def parameters_of(network: SpikingNetwork) -> dict[Field, IntArray]:
    """The parameters of the neurons, field by field."""
    return {field: np.asarray(getattr(network.neurons, field.name.lower()), dtype=np.int64) for field in PARAMETERS}
