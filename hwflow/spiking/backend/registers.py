"""Where the model of a spiking core keeps its registers: rtl/sim/spiking.cpp reads them there, without a cycle.

As in rtl/spiking/: in each lane a memory for each field of the neurons and one for the traces, neuron i and source j in
lane i mod LANES at word i / LANES; w[j, i] in bank (i XOR j) mod LANES at the word that hwf_blocks and hwf_weights say, or, by entries,
lane l of entry e in bank (l XOR e) mod LANES at word e; the fired neurons
in a memory of LANES bits a word, of which the halves change places with every tick.
"""

from collections.abc import Callable

import numpy as np

from hwflow.ints import IntArray
from hwflow.spiking.blocks import rows, stretches
from hwflow.spiking.entries import Entries
from hwflow.spiking.network import Core

# For Verilator: what must be there to be read.
VISIBLE = """`verilator_config
public_flat_rd -module "hwf_ram" -var "memory"
public_flat_rd -module "hwf_bank" -var "memory"
public_flat_rd -module "hwf_fields" -var "early"
public_flat_rd -module "hwf_fields" -var "late"
public_flat_rd -module "hwf_who_fired" -var "newest"
public_flat_rd -module "hwf_random" -var "state"
"""
_PLACE = np.dtype(
    [("memory", "<u4"), ("element", "<u4"), ("turned", "<u4"), ("bit", "<u2"), ("width", "u1"), ("signed", "u1")]
)
_MANY = 1 << 22  # weights
_ABSENT = 0xFFFFFFFF  # which holds in element n the number n, to 255


class _Map:
    """Memories by name, and places in them."""

    def __init__(self, path: str, lanes: int) -> None:
        self._path, self._lanes = path, lanes
        self._names = [f"{path}.population.who_fired/newest"]
        self._places: list[bytes] = []

    def memories(self, count: int, path: Callable[[int], str]) -> int:
        """The first of `count` memories, whose paths in the core are given."""
        self._names += [
            f"{self._path}.{p}" if "/" in (p := path(i)) else f"{self._path}.{p}/memory" for i in range(count)
        ]
        return len(self._names) - count

    def add(self, memory: IntArray | int, element: IntArray, width: int, *, signed: bool, bit: IntArray | int = 0,
            turned: IntArray | None = None) -> None:  # fmt: skip
        """Registers in a row. turned: in place of `element` while `newest` is 1."""
        part = np.zeros(len(element), _PLACE)
        part["memory"], part["element"], part["turned"] = memory, element, element if turned is None else turned
        part["bit"], part["width"], part["signed"] = bit, width, signed
        self._places.append(part.tobytes())

    def in_lanes(self, count: int, path: str | None, width: int, *, signed: bool = False) -> None:
        """`count` values dealt to the lanes, in the memory `path` of each, {} being the lane; None: they are zero."""
        index = np.arange(count)
        if path is None:
            self.add(_ABSENT, 0 * index, 1, signed=False)
        else:
            first = self.memories(self._lanes, path.format)
            self.add(first + index % self._lanes, index // self._lanes, width, signed=signed)

    def to_bytes(self) -> bytes:
        """As rtl/sim/spiking.cpp reads it."""
        names = [name.encode() for name in self._names]
        head = [len(names).to_bytes(4, "little"), *(len(name).to_bytes(2, "little") + name for name in names)]
        return b"".join([*head, *self._places])


def register_map(core: Core, path: str, entries: Entries | None = None) -> bytes:
    """The registers in the order of a record; path: of the instance of hwf_spiking, from the model's top; entries: that it holds, if it
    is a core of such."""
    lanes, map_, learns = core.lanes, _Map(path, core.lanes), core.learning
    units, state = min(lanes, 2), core.state_bits
    neurons = np.arange(core.neurons)
    early = map_.memories(units, "population.unit[{}].neurons.fields/early".format)
    late = map_.memories(units, "population.unit[{}].neurons.fields/late".format)
    map_.add(early + neurons % units, neurons // units, state, signed=True)
    map_.add(early + neurons % units, neurons // units, state, signed=True, bit=state + 0 * neurons)
    if core.adaptation:
        map_.add(late + neurons % units, neurons // units, state - 1, signed=False, bit=3 * state + 17 + 0 * neurons)
    else:
        map_.in_lanes(core.neurons, None, 1)
    map_.add(late + neurons % units, neurons // units, 8, signed=False, bit=3 * state + 8 + 0 * neurons)
    traces = "plastic.learning.traces.lane[{}]"
    map_.in_lanes(core.neurons, f"{traces}.ys" if learns else None, core.trace_bits)
    fired, words = map_.memories(1, lambda _: "population.who_fired.kept"), neurons // lanes
    half = 1 << max(int(words[-1]).bit_length(), 1)
    map_.add(fired, words, 1, signed=False, bit=neurons % lanes, turned=words + half)
    if core.modulation:
        factors = map_.memories(units, "modulating.modulation.unit[{}].of_unit.factors".format)
        map_.add(factors + neurons % units, neurons // units, state, signed=True)
    else:
        map_.in_lanes(core.neurons, None, 1)
    map_.in_lanes(core.sources, f"{traces}.xs" if learns else None, core.trace_bits)
    random = map_.memories(1, lambda _: "plastic.learning.drawing.draws/state") if core.stochastic else _ABSENT
    map_.add(random, np.zeros(2, np.int64), 32, signed=False, bit=np.array([0, 32]))
    _add_weights(map_, core, entries)
    return map_.to_bytes()


def compared(core: Core) -> list[tuple[int, int]]:
    """The weights that a record has, as stretches of [sources, neurons]: of a large core those that it stores."""
    return stretches(core.blocks if core.sources * core.neurons > _MANY else (), core.sources, core.neurons)


def _add_weights(map_: _Map, core: Core, entries: Entries | None) -> None:
    lanes = core.lanes
    scope = "one_port" if core.single_port else "two_ports"
    where = "several.bank[{}].weights" if lanes > 1 else "alone.weights"
    bank = map_.memories(lanes, lambda b: f"weights.{where.format(b)}.{scope}")
    if entries is not None:
        place, lane = (part.reshape(-1) for part in np.indices(entries.weight.shape))
        element, bit = _in_word(place, core)
        map_.add(bank + (lane ^ place) % lanes, element, core.weight_bits, signed=True, bit=bit)
        return
    begins = rows(core.blocks, core.sources, core.neurons, lanes)
    for begin, end in compared(core):
        j, i = divmod(np.arange(begin, end), core.neurons)
        place = (begins[j] + i // lanes) * lanes + j % lanes
        element, bit = _in_word(place, core)
        kept = core.kept.reshape(-1)[begin:end]
        memory = np.where(kept, bank + (i ^ j) % lanes, _ABSENT)
        element, bit = np.where(
            kept, [element, bit], [core.constant.reshape(-1)[begin:end].astype(np.int64) & 0xFF, 0 * place]
        )
        map_.add(memory, element, core.weight_bits, signed=True, bit=bit)


def _in_word(place: IntArray, core: Core) -> tuple[IntArray, IntArray]:
    """Element and bit: with one port two weights share a word."""
    return (place // 2, place % 2 * 8) if core.single_port else (place, 0 * place)
