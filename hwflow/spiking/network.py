"""The spiking net in integers: what the core runs, the golden model executes, and the host loads.

The equations, ranges and the order of events are those of docs/neuron.md; the names are the same.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import ARRAYS, DOCUMENT, digest_of
from hwflow.ints import IntArray, IntType, WeightArray
from hwflow.paths import read_files
from hwflow.spiking.blocks import MOST, Block, constant, kept, may_change
from hwflow.spiking.learning import NUMBER, STATE_BITS, TRACE_BITS, WEIGHT_BITS, Learning, Modulation, check
from hwflow.spiking.network_file import FAMILY, from_files, to_document, to_files
from hwflow.spiking.neurons import PERIOD as PERIOD
from hwflow.spiking.neurons import Neurons as Neurons
from hwflow.spiking.neurons import Start as Start

SHIFT = IntType(4, signed=False)
LARGEST = NUMBER.max + 1  # sources of a core: its axons and its neurons
FEATURES = ("learning", "synapse_mask", "adaptation", "normalisation", "counters")
EXTRAS = (
    "stochastic",
    "modulation",
    "graded",
    "counting",
)  # features that a core has only where a net, or a user, asks for them
_WEIGHT = IntType(WEIGHT_BITS[1], signed=True)


@dataclass(frozen=True)
class Core:
    """The hardware: sizes, widths and features, which are fixed when it is built. Nets of other sizes are padded to it.

    lanes: weights handled in a clock cycle, a power of two that divides `axons` and `neurons` (at most LARGEST together).
    learning: the learning rules; synapse_mask: a plastic bit for each synapse, else for axons and neurons as wholes;
    adaptation: the adaptive threshold; normalisation: of weights; counters: of spikes, events and saturations; the mask
    and normalisation go with learning. single_port: the weights lie in a memory with one port, so that a change of a
    weight takes two cycles. stochastic: changes of weights can be rounded by draws; modulation: there is a third factor;
    both go with learning too. graded: spikes of axons have values. counting: spikes of neurons can be counted there. blocks: the synapses that there are, of all sources, axons and then neurons; none: all.
    entries: not 0: rows of so many entries at most (hwflow.spiking.entries) in place of a matrix or blocks, a multiple of the lanes, in a core without learning.
    """

    axons: int
    neurons: int
    lanes: int = 1
    weight_bits: int = 8
    state_bits: int = 16
    trace_bits: int = 8
    learning: bool = True
    synapse_mask: bool = True
    adaptation: bool = True
    normalisation: bool = True
    counters: bool = True
    single_port: bool = False
    stochastic: bool = False
    modulation: bool = False
    graded: bool = False
    counting: bool = False
    blocks: tuple[Block, ...] = ()
    entries: int = 0

    def __post_init__(self) -> None:
        for what, size in (("axons", self.axons), ("neurons", self.neurons)):
            if size < 1:
                raise ValueError(f"a core has at least 1 of its {what}, not {size}")
        if self.sources > LARGEST:
            raise ValueError(f"a core has {LARGEST:,} axons and neurons at most, not {self.sources:,}")
        if self.lanes < 1 or self.lanes & (self.lanes - 1) or self.axons % self.lanes or self.neurons % self.lanes:
            raise ValueError(f"lanes are a power of two that divides {self.axons} and {self.neurons}, not {self.lanes}")
        for what, (low, high) in (("weight", WEIGHT_BITS), ("state", STATE_BITS), ("trace", TRACE_BITS)):
            if not low <= (bits := getattr(self, f"{what}_bits")) <= high:
                raise ValueError(f"a {what} has {low} to {high} bits, not {bits}")
        if not self.learning and (self.synapse_mask or self.normalisation):
            raise ValueError("a core without learning has neither synapse_mask nor normalisation")
        if self.stochastic and not self.learning:
            raise ValueError("a core without learning has no stochastic rounding of what it learns")
        if self.modulation and not self.learning:
            raise ValueError("a core without learning has no third factor to learn by")
        self._check_blocks()
        self._check_entries()

    def _check_blocks(self) -> None:
        sizes = [size for block in self.blocks for size in (block.sources, block.first, block.neurons)]
        if any(size < 0 or size % self.lanes for size in sizes) or any(block.sources < 1 for block in self.blocks):
            raise ValueError(f"blocks are made of whole words of {self.lanes} sources and neurons")
        if any(block.first + block.neurons > self.neurons for block in self.blocks) or len(self.blocks) > MOST:
            raise ValueError(f"there are at most {MOST} blocks, each onto some of {self.neurons} neurons")
        if self.blocks and sum(block.sources for block in self.blocks) != self.sources:
            raise ValueError(f"the blocks have the {self.sources} sources between them")
        if any(block.level and (block.plastic or not self.weight.min <= block.level < 0) for block in self.blocks):
            raise ValueError(f"a level is a weight below zero, of {self.weight}, and does not change")

    def _check_entries(self) -> None:
        if not self.entries:
            return
        if self.learning or self.blocks:
            raise ValueError("a core with rows of entries has neither learning nor blocks")
        most = self.sources * (self.neurons // self.lanes)
        if not 0 < self.entries <= most or self.entries % self.lanes:
            raise ValueError(f"entries are a multiple of {self.lanes} and at most {most:,}, not {self.entries:,}")

    @property
    def sources(self) -> int:
        return self.axons + self.neurons

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """[sources, neurons], the synapses whose weights it stores, or can, by entries; the others are `constant` and never change."""
        return kept(self.blocks, self.sources, self.neurons)

    @cached_property
    def constant(self) -> NDArray[np.int8]:
        """[sources, neurons], the weights that it does not store, zero where there is no synapse; zero for the others."""
        return constant(self.blocks, self.sources, self.neurons)

    @cached_property
    def may_change(self) -> NDArray[np.bool_]:
        """[sources, neurons], those that can be plastic."""
        return may_change(self.blocks, self.sources, self.neurons)

    @property
    def weight(self) -> IntType:
        return IntType(self.weight_bits, signed=True)

    @property
    def state(self) -> IntType:
        """Of membrane, current, threshold, bias and reset."""
        return IntType(self.state_bits, signed=True)

    @property
    def adapted(self) -> IntType:
        """Of the adaptation h."""
        return IntType(self.state_bits - 1, signed=False)

    @property
    def trace(self) -> IntType:
        return IntType(self.trace_bits, signed=False)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the features that it is built without."""
        return tuple(name for name in (*FEATURES, *EXTRAS) if not getattr(self, name))

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of all of it: what HELLO tells, since nets come and go."""
        values = dataclasses.asdict(self)
        for name in (
            "modulation",
            "graded",
            "counting",
        ):  # cores without them are called what they were before there was any
            if not values[name]:
                del values[name]
        for block in values["blocks"]:  # as of blocks without levels
            if not block["level"]:
                del block["level"]
        for name in ("blocks", "entries"):
            if not values[name]:
                del values[name]
        document = json.dumps(values | {"sources": LARGEST}, sort_keys=True)  # by which a host finds addresses
        return hashlib.sha256(f"{FAMILY} {document}".encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class SpikingNetwork:
    """A spiking net in integers.

    weight: [A + N, N], from source j (axons, then neurons) to neuron i, integers of a byte's range and of any width; plastic: bool, of the same shape, which synapses
    may learn; outputs: the neurons that are the model's output, in its order; start: the state that the net begins in,
    and that a host writes before each sample, or None for zeros; dt: seconds of a tick, or None if the net has no time of
    its own; source: where it came from; modulation: the third factor by which it learns, None for STDP; graded: its axons take
    values of 0 … 255, where others take a spike or none; told: spikes of neurons from this number on are told to the host.
    """

    name: str
    weight: WeightArray
    neurons: Neurons
    plastic: NDArray[np.bool_]
    weight_shift: int = 0
    learning: Learning = field(default_factory=Learning)
    outputs: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    start: Start | None = None
    dt: float | None = None
    source: str = ""
    modulation: Modulation | None = None
    graded: bool = False
    told: int = 0

    def __post_init__(self) -> None:
        check("the weight", self.weight, _WEIGHT)
        check("weight_shift", self.weight_shift, SHIFT)
        size = self.size
        if self.weight.ndim != 2 or self.weight.shape[1] != size or len(self.weight) < size or size < 1:
            raise ValueError(f"the weights of {size} neurons are [axons + {size}, {size}], not {self.weight.shape}")
        if self.plastic.shape != self.weight.shape or self.plastic.dtype != np.bool_:
            raise ValueError("plastic is made of bools, of the shape of the weights")
        if self.outputs.ndim != 1 or np.any((self.outputs < 0) | (self.outputs >= size)):
            raise ValueError(f"an output is one of the neurons 0 … {size - 1}")
        if self.start is not None and len(self.start.membrane) != size:
            raise ValueError(f"the start gives the state of {len(self.start.membrane)} neurons, not of {size}")
        if not 0 <= self.told <= size:
            raise ValueError(f"the neurons that are told begin with one of 0 … {size}, and {self.told} is none")
        self._check_modulation()

    def _check_modulation(self) -> None:
        if (third := self.modulation) is None:
            return
        if third.closing >= self.axons:
            raise ValueError(f"the axon that closes a presentation is one of {self.axons}, and {third.closing} is not")
        for name, most in (("modulating_axons", self.axons), ("modulating_neurons", self.size), ("gated", self.size)):
            if (number := getattr(third, name)) > most:
                raise ValueError(f"{name} is at most {most}, and {number} is more")

    @property
    def size(self) -> int:
        """Neurons."""
        return len(self.neurons)

    @property
    def axons(self) -> int:
        return int(self.weight.shape[0]) - self.size

    @cached_property
    def learns(self) -> bool:
        """Whether a tick that learns can change a weight by more than clipping it."""
        third, rule = self.modulation, self.learning
        gains = (third.rate, third.free_rate) if third else (rule.potentiation, rule.depression)
        return any(gains) and bool(self.can_change.any())

    @cached_property
    def modulators(self) -> NDArray[np.bool_]:
        """[A + N], the sources that bring a third factor and no current."""
        first = (
            (self.modulation.modulating_axons, self.modulation.modulating_neurons)
            if self.modulation
            else (self.axons, self.size)
        )
        return np.concatenate([np.arange(self.axons) >= first[0], np.arange(self.size) >= first[1]])

    @cached_property
    def can_change(self) -> NDArray[np.bool_]:
        """[A + N, N], the synapses that are plastic: `plastic`, where plastic_axons and plastic_neurons allow it."""
        allowed = np.repeat([self.learning.plastic_axons, self.learning.plastic_neurons], [self.axons, self.size])
        return np.asarray(self.plastic & allowed[:, None])

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The features that a core must have to run it, of FEATURES."""
        uniform = all(part.all() or not part.any() for part in np.split(self.can_change, [self.axons]))
        wanted = {
            "learning": self.learns or self.learning.target > 0 or self.modulation is not None,
            "synapse_mask": (self.learns or self.learning.target > 0) and not uniform,
            "adaptation": self.learning.adaptation_step > 0,
            "normalisation": self.learning.target > 0,
            "stochastic": self.learning.stochastic and self.learns,
            "modulation": self.modulation is not None,
            "graded": self.graded,
        }
        return tuple(name for name in (*FEATURES, *EXTRAS) if wanted.get(name))

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of everything that decides a spike; names and `source` do not."""
        document, arrays = to_document(self)
        del document["name"], document["source"]
        return digest_of(document, arrays)

    def to_files(self) -> dict[str, bytes]:
        """`network.json` and `network.npz`, equal for equal networks."""
        return to_files(self)

    @staticmethod
    def from_files(files: Mapping[str, bytes], folder: Path) -> "SpikingNetwork":
        """Read what `to_files` gave. folder: where it lies, for errors. Raises UserError if it is missing or damaged."""
        return from_files(files, folder)

    @staticmethod
    def from_folder(folder: Path) -> "SpikingNetwork":
        """The same of the files in a folder."""
        return SpikingNetwork.from_files(read_files(folder, (DOCUMENT, ARRAYS)), folder)
