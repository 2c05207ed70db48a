"""What rtl/sim/spiking.cpp is told to do with a core: a net, a state, ticks, and what is read at the end."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.backend.registers import compared
from hwflow.spiking.blocks import stretches
from hwflow.spiking.entries import Entries, entries_of
from hwflow.spiking.host.ticks import Order
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.map import FEATURE, STATE, Setting, parameters_of, random_words, settings_of
from hwflow.spiking.network import LARGEST, Core, SpikingNetwork
from hwflow.spiking.reference import State

_WEIGHT, _PLASTIC, _FIELD, _TRACE, _TARGET, _FIRST = range(6)  # regions of the core's host port
_WRITE = np.dtype([("op", "S1"), ("region", "u1"), ("row", "<u2"), ("column", "<u2"), ("value", "<i4")])
_READ = np.dtype([("region", "u1"), ("row", "<u2"), ("column", "<u2")])
_AXON = np.dtype([("number", "<u2"), ("value", "u1")])
_SETTING = struct.Struct("<cBi")


@dataclass(frozen=True, eq=False)
class Stimulus:
    """axon_spikes: bool [ticks, A], or uint8, values; learn: bool [ticks], whether a tick learns; normalise: int [ticks], what comes
    after it: 0, or as `normalise_word`; orders: int [ticks], of Order, what comes after that, but for whether it learns; counting: whether
    spikes are counted, in a core that can."""

    axon_spikes: AxonSpikes
    learn: NDArray[np.bool_]
    normalise: IntArray
    orders: IntArray
    counting: bool = False

    @staticmethod
    def of(axon_spikes: AxonSpikes, *, learn: bool = False) -> "Stimulus":
        """All ticks alike, with nothing between them."""
        nothing = np.zeros(len(axon_spikes), np.int64)
        return Stimulus(axon_spikes, np.full(len(axon_spikes), learn), nothing, nothing)


def load_script(core: Core, network: SpikingNetwork, state: State) -> bytes:
    """Settings, parameters and a state, through the core's host port."""
    parts = [_SETTING.pack(b"S", setting, value) for setting, value in settings_of(network).items()]
    for region, values in ((_WEIGHT, state.weight), *(((_PLASTIC, network.plastic),) if core.synapse_mask else ())):
        for begin, end in () if core.entries else stretches(core.blocks, core.sources, core.neurons):
            parts.append(_writes(region, *divmod(np.arange(begin, end), core.neurons), values.reshape(-1)[begin:end]))
    if core.entries:
        parts += _entry_writes(entries_of(state.weight, core.lanes))
    neurons = np.arange(core.neurons)
    kept = {field: getattr(state, name) for field, name in STATE.items() if getattr(core, FEATURE.get(field, ""), True)}
    fields = kept | parameters_of(network)
    parts += [_writes(_FIELD, np.full(len(neurons), field), neurons, values) for field, values in fields.items()]
    if core.learning:
        parts.append(_writes(_TRACE, np.arange(core.sources), np.zeros(core.sources, np.int64), state.x))
    if core.stochastic:
        for field, word in random_words(state.random).items():
            parts.append(
                _writes(_FIELD, np.array([field]), np.zeros(1, np.int64), np.array([word - (word >> 31 << 32)]))
            )
    return b"".join(parts)


def tick_script(core: Core, stimulus: Stimulus, entries: Entries | None = None) -> bytes:
    """Ticks, what is done between them, and reading everything at the end, weights as far as they are compared. entries: that it holds, if
    it is a core of such."""
    parts: list[bytes] = []
    before = None
    parts.append(_SETTING.pack(b"S", Setting.COUNTING, int(stimulus.counting)))
    for row, learn, then, order in zip(
        stimulus.axon_spikes, stimulus.learn, stimulus.normalise, stimulus.orders, strict=True
    ):
        if learn != before:
            parts.append(_SETTING.pack(b"S", Setting.LEARN, int(learn)))
            before = learn
        axons = np.zeros(np.count_nonzero(row), _AXON)
        axons["number"], axons["value"] = row.nonzero()[0], row[row.nonzero()]
        parts.append(b"T" + np.uint16(len(axons)).tobytes() + axons.tobytes())
        if then:
            parts.append(b"N" + np.uint32(then).tobytes())
        parts.append(b"P" * bool(order & Order.REST) + b"G" * bool(order & Order.GIVE))
    asked = np.array([(0, entries.weight.size)] if entries else compared(core), "<u4")
    width = LARGEST if entries else core.neurons
    tables = _tables(entries) if entries else np.zeros(0, _WRITE)
    sizes = (np.uint32(size).tobytes() for size in (len(asked), width, len(tables)))
    return b"".join(
        [*parts, b"R", *sizes, asked.tobytes(), tables[["region", "row", "column"]].astype(_READ).tobytes()]
    )


def _tables(entries: Entries) -> NDArray[np.void]:
    """What writes the tables by which entries are found."""
    script = np.zeros(len(entries.target) + len(entries.first), _WRITE)
    script["op"], script["value"] = b"W", np.concatenate([entries.words, entries.first])
    targets, firsts = script[: len(entries.target)], script[len(entries.target) :]
    targets["region"], firsts["region"] = _TARGET, _FIRST
    targets["row"], targets["column"] = divmod(np.arange(len(targets)), LARGEST)
    firsts["row"] = np.arange(len(firsts))
    return script


def _entry_writes(entries: Entries) -> list[bytes]:
    """Rows of entries, through the host port."""
    weights = entries.weight.reshape(-1)
    return [_tables(entries).tobytes(), _writes(_WEIGHT, *divmod(np.arange(len(weights)), LARGEST), weights)]


def _writes(region: int, rows: IntArray, columns: IntArray, values: NDArray[np.integer] | NDArray[np.bool_]) -> bytes:
    script = np.zeros(len(rows), _WRITE)
    script["op"], script["region"] = b"W", region
    script["row"], script["column"], script["value"] = rows, columns, values
    return script.tobytes()
