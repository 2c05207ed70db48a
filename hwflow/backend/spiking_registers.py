"""Where the model of a spiking core keeps its registers: rtl/sim/spiking.cpp reads them there, without a cycle.

As in rtl/spiking/: in each lane a memory for each field of the neurons and one for the traces, neuron i and source j in
lane i mod LANES at word i / LANES; w[j, i] in bank (i + j) mod LANES at word j · NEURONS / LANES + i / LANES; the fired neurons
in two memories of LANES bits a word, which change places with every tick.
"""

from collections.abc import Callable

import numpy as np

from hwflow.ints import IntArray
from hwflow.spiking import Core

# For Verilator: what must be there to be read.
VISIBLE = """`verilator_config
public_flat_rd -module "hwf_ram" -var "memory"
public_flat_rd -module "hwf_bank" -var "words"
public_flat_rd -module "hwf_spiking" -var "newest"
"""
_PLACE = np.dtype(
    [("memory", "<u4"), ("other", "<u4"), ("element", "<u4"), ("bit", "<u2"), ("width", "u1"), ("signed", "u1")]
)
_ABSENT = 0xFFFFFFFF


class _Map:
    """Memories by name, and places in them."""

    def __init__(self, path: str, lanes: int) -> None:
        self._path, self._lanes = path, lanes
        self._names = [f"{path}/newest"]
        self._places: list[bytes] = []

    def memories(self, count: int, path: Callable[[int], str]) -> int:
        """The first of `count` memories, whose paths in the core, as SCOPE/VARIABLE, are given."""
        self._names += [f"{self._path}.{path(i)}" for i in range(count)]
        return len(self._names) - count

    def add(self, memory: IntArray | int, element: IntArray, width: int, *, signed: bool, bit: IntArray | int = 0,
            other: IntArray | int | None = None) -> None:  # fmt: skip
        """Registers in a row. other: the memory in place of `memory` while `newest` is 1."""
        part = np.zeros(len(element), _PLACE)
        part["memory"], part["other"] = memory, memory if other is None else other
        part["element"], part["bit"], part["width"], part["signed"] = element, bit, width, signed
        self._places.append(part.tobytes())

    def in_lanes(self, count: int, path: str | None, width: int, *, signed: bool = False) -> None:
        """`count` values dealt to the lanes, in the memory `path` of each, {} being the lane; None: they are zero."""
        index = np.arange(count)
        if path is None:
            self.add(_ABSENT, 0 * index, 1, signed=False)
        else:
            first = self.memories(self._lanes, lambda lane: f"{path.format(lane)}/memory")
            self.add(first + index % self._lanes, index // self._lanes, width, signed=signed)

    def to_bytes(self) -> bytes:
        """As rtl/sim/spiking.cpp reads it."""
        names = [name.encode() for name in self._names]
        head = [len(names).to_bytes(4, "little"), *(len(name).to_bytes(2, "little") + name for name in names)]
        return b"".join([*head, *self._places])


def register_map(core: Core, path: str) -> bytes:
    """The registers in the order of a record; path: of the instance of hwf_spiking, from the model's top."""
    lanes, words, map_ = core.lanes, core.neurons // core.lanes, _Map(path, core.lanes)
    lane, learns = "lane[{}].neurons", core.learning
    map_.in_lanes(core.neurons, f"{lane}.membranes", core.state_bits, signed=True)
    map_.in_lanes(core.neurons, f"{lane}.currents", core.state_bits, signed=True)
    map_.in_lanes(core.neurons, f"{lane}.adapts.adaptations" if core.adaptation else None, core.state_bits - 1)
    map_.in_lanes(core.neurons, f"{lane}.lefts", 8)
    map_.in_lanes(core.neurons, "learning.lane[{}].ys" if learns else None, core.trace_bits)
    neurons = np.arange(core.neurons)
    fired = map_.memories(2, "fired_memory[{}].words/memory".format)
    map_.add(fired, neurons // lanes, 1, signed=False, bit=neurons % lanes, other=fired + 1)
    map_.in_lanes(core.sources, "learning.lane[{}].xs" if learns else None, core.trace_bits)
    j, i = (index.reshape(-1) for index in np.indices((core.sources, core.neurons)))
    place = j * words + i // lanes
    scope = "one_port" if core.single_port else "two_ports"
    bank = map_.memories(lanes, lambda b: f"weights.bank[{b}].weights.{scope}/words")
    # With one port two weights share a word.
    element, bit = (place // 2, place % 2 * 8) if core.single_port else (place, 0 * place)
    map_.add(bank + (i + j) % lanes, element, core.weight_bits, signed=True, bit=bit)
    return map_.to_bytes()
