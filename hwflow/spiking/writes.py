"""The WRITEs by which a net and its state come into a core (docs/neuron.md), as commands."""

import struct
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation
from hwflow.ints import IntArray, WeightArray
from hwflow.spiking.blocks import stretches
from hwflow.spiking.entries import entries_of
from hwflow.spiking.map import (
    FEATURE,
    STATE,
    Field,
    Setting,
    entry_weight_address,
    field_address,
    first_address,
    parameters_of,
    plastic_address,
    random_words,
    setting_address,
    settings_of,
    target_address,
    trace_address,
    weight_address,
)
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import State, initial

COUNTS = {"ticks": Setting.TICK, "spikes": Setting.SPIKES, "events": Setting.EVENTS,
          "saturations": Setting.SATURATIONS}  # fmt: skip
_APART = 24  # bytes that are not stored, fewer than a request takes beside its payload


def loading(core: Core, padded: SpikingNetwork) -> list[Command]:
    """A net that has the core's sizes (`hwflow.spiking.fit.pad`), at the start, with learning off; all but its plastic bits."""
    commands = [*configuration(padded), *state_writes(core, initial(padded)), *weight_writes(core, padded.weight)]
    return commands + setting_writes({Setting.LEARN: 0, Setting.COUNTING: 0, Setting.BUSY_CYCLES: 0})


def configuration(padded: SpikingNetwork) -> list[Command]:
    """Settings, and the neurons' parameters."""
    commands = setting_writes(settings_of(padded))
    for field, values in parameters_of(padded).items():
        commands += _word_writes(field_address(field), values)
    return commands


def state_writes(core: Core, state: State) -> list[Command]:
    """All of the state but the weights."""
    counts = setting_writes({setting: getattr(state, name) for name, setting in COUNTS.items()})
    return [*counts, *field_writes(core, state), *trace_writes(core, state.x), *random_writes(core, state)]


def random_writes(core: Core, state: State) -> list[Command]:
    """The state of the draws."""
    if not core.stochastic:
        return []
    words = random_words(state.random).items()
    return [Command(Operation.WRITE, field_address(field), struct.pack("<I", word)) for field, word in words]


def field_writes(core: Core, state: State, without: tuple[Field, ...] = ()) -> Iterator[Command]:
    """What the neurons have."""
    for field, name in fields_of(core):
        if field not in without:
            yield from _word_writes(field_address(field), getattr(state, name))


def fields_of(core: Core) -> list[tuple[Field, str]]:
    """What the core keeps of the neurons' state, and its name in State."""
    return [(field, name) for field, name in STATE.items() if getattr(core, FEATURE.get(field, ""), True)]


def trace_writes(core: Core, traces: IntArray) -> list[Command]:
    """The traces of the sources."""
    return list(_word_writes(trace_address(0), traces)) if core.learning else []


def weight_writes(core: Core, weight: WeightArray) -> list[Command]:
    """Of those that are stored. weight: [A + N, N]."""
    if core.entries:
        return list(_entry_writes(core, weight))
    return list(_byte_writes(core, weight_address, weight.astype(np.int8, copy=False).tobytes()))


def plastic_bytes(core: Core, padded: SpikingNetwork) -> bytes:
    """A byte, 0 or 1, for each synapse, [A + N, N]; none in a core that has no such bits."""
    return padded.plastic.astype(np.uint8).tobytes() if core.synapse_mask else b""


def plastic_writes(core: Core, plastic: bytes) -> list[Command]:
    """Of the synapses whose weights are stored. plastic: as `plastic_bytes` gives them."""
    return list(_byte_writes(core, plastic_address, plastic)) if plastic else []


def pieces(core: Core) -> Iterator[tuple[int, int]]:
    """Places of stored weights in [A + N, N], row after row, as requests take them: from each first one to behind the last."""
    for begin, end in stretches(core.blocks, core.sources, core.neurons, _APART):
        for at in range(begin, end, PAYLOAD_LIMIT):
            yield at, min(at + PAYLOAD_LIMIT, end)


def setting_writes(settings: Mapping[Setting, int]) -> list[Command]:
    """Each setting by itself."""
    return [
        Command(Operation.WRITE, setting_address(setting), struct.pack("<I", value & 0xFFFFFFFF))
        for setting, value in settings.items()
    ]


def _word_writes(address: int, values: NDArray[np.int64] | NDArray[np.bool_]) -> Iterator[Command]:
    data = values.astype("<i8").astype("<i4").tobytes()
    for at in range(0, len(data), PAYLOAD_LIMIT):
        yield Command(Operation.WRITE, address + at, data[at : at + PAYLOAD_LIMIT])


def _entry_writes(core: Core, weight: WeightArray) -> Iterator[Command]:
    """Rows of entries, and where they begin."""
    entries = entries_of(weight, core.lanes)
    yield from _word_writes(first_address(0), entries.first)
    yield from _word_writes(target_address(0), entries.words)
    data = entries.weight.tobytes()
    for at in range(0, len(data), PAYLOAD_LIMIT):
        yield Command(Operation.WRITE, entry_weight_address(at), data[at : at + PAYLOAD_LIMIT])


def _byte_writes(core: Core, address: Callable[[int, int], int], data: bytes) -> Iterator[Command]:
    """data: a byte for each synapse, [A + N, N]."""
    for begin, end in pieces(core):
        yield Command(Operation.WRITE, address(*divmod(begin, core.neurons)), data[begin:end])
