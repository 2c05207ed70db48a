"""What a simulated core wrote down after a tick, and how it compares with the golden model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray
from hwflow.spiking.backend.registers import compared
from hwflow.spiking.entries import Entries, synapses
from hwflow.spiking.map import FEATURE, PARAMETERS, STATE, parameters_of, random_words
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import State

_COUNTS = ("cycles", "events", "saturations", "spikes")


@dataclass(frozen=True)
class Difference:
    """A value that is not that of the golden model.

    tick: counted from 0, that after which it was seen; register: its name in docs/neuron.md, or what is counted, or `spike`, seen as it is sent;
    source, neuron: which one, None where the register has no such index.
    """

    tick: int
    register: str
    source: int | None
    neuron: int | None
    rtl: int
    model: int

    def __str__(self) -> str:
        places = [f"{what} {index}" for what, index in (("source", self.source), ("neuron", self.neuron))
                  if index is not None]  # fmt: skip
        return f"{' '.join([self.register, *places])} after tick {self.tick} is {self.rtl} and not {self.model}"


def record_type(core: Core, weights: int) -> np.dtype[np.void]:
    """A record of rtl/sim/spiking.cpp. weights: that are compared."""
    count, sources = core.neurons, core.sources
    return np.dtype([
        *((name, "<u4") for name in _COUNTS),
        ("seen", "u1", (count,)),
        ("fields", "<i4", (len(STATE), count)),
        ("x", "<i4", (sources,)),
        ("random", "<u4", (2,)),
        ("weight", "i1", (weights,)),
    ])  # fmt: skip


def readback_type(core: Core, weights: int, tables: int) -> np.dtype[np.void]:
    """Everything, as it is read through the host port. tables: values of those by which weights are found."""
    count, sources = core.neurons, core.sources
    return np.dtype([
        ("fields", "<i4", (len(STATE), count)),
        ("x", "<i4", (sources,)),
        ("random", "<u4", (2,)),
        ("weight", "i1", (weights,)),
        ("parameters", "<i4", (len(PARAMETERS), count)),
        ("plastic", "i1", (weights,)),
        ("tables", "<i4", (tables,)),
    ])  # fmt: skip


class Comparison:
    """Records of a core against states of the golden model, tick after tick.

    values: registers compared, over all ticks; mismatches: values of any kind that differ; first: the first of them; cycles: of all
    ticks; late: ticks, and normalisations, that took other cycles than they should have. told: the neuron from which on the host is told;
    counting: in counts, where the core can count; entries: that it holds, if it is a core of such.
    """

    def __init__(self, core: Core, told: int = 0, *, counting: bool = False, entries: Entries | None = None) -> None:
        self._neurons, self._synapses = core.neurons, [] if entries else compared(core)
        self._places = synapses(entries, core.neurons).reshape(-1) if entries else None
        self._tables = np.concatenate([entries.words, entries.first] if entries else [np.zeros(0, np.int64)])
        weights = entries.weight.size if entries else sum(end - begin for begin, end in self._synapses)
        self.kind = record_type(core, weights)
        self.values = self.mismatches = self.cycles = self.late = 0
        self.first: Difference | None = None
        self._expected = np.zeros((), self.kind)
        self.readback = readback_type(core, weights, len(self._tables))
        self._learning, self._counters, self._mask = core.learning, core.counters, core.synapse_mask
        self._told, self._counts, self._counting = told, core.counting, counting and core.counting
        self._heard: list[IntArray] = []  # neurons that fired since the host was told last
        self._absent = [row for row, field in enumerate(STATE) if not getattr(core, FEATURE.get(field, ""), True)]
        self._registers = sum(self._expected[name].size for name in ("fields", "x", "random", "weight"))

    def expect(self, state: State, events: int, saturations: int, fires: NDArray[np.bool_]) -> None:
        """What the registers of the next record must be, and what must have been counted."""
        expected = self._expected
        expected["events"], expected["saturations"] = events, saturations
        expected["spikes"], expected["seen"] = np.count_nonzero(fires), fires
        self._heard.append(fires.nonzero()[0])
        fields = expected["fields"]
        for row, name in enumerate(STATE.values()):
            fields[row] = getattr(state, name)
        expected["x"] = state.x
        expected["random"] = list(random_words(state.random).values())
        expected["weight"] = self._compared(state.weight)

    def _compared(self, of: NDArray[Any]) -> NDArray[Any]:
        """Of [sources, neurons] those synapses that are compared, in their order."""
        flat = of.reshape(-1)
        if self._places is not None:
            return np.asarray(flat[self._places])
        return np.concatenate([flat[begin:end] for begin, end in self._synapses])

    def _synapse(self, place: int) -> tuple[int, int]:
        """The source and the neuron of a synapse that is compared."""
        if self._places is not None:
            return divmod(int(self._places[place]), self._neurons)
        for begin, end in self._synapses:
            if place < end - begin:
                return divmod(begin + place, self._neurons)
            place -= end - begin
        raise IndexError(place)

    def take_readback(self, tick: int, record: bytes, network: SpikingNetwork) -> None:
        """Compare everything, as the host reads it after a tick, with what was expected and with the net that was loaded."""
        seen = np.frombuffer(bytearray(record), self.readback)[0]
        expected = np.zeros((), self.readback)
        for name in ("fields", "x", "random", "weight"):
            expected[name] = self._expected[name]
        for row, values in enumerate(parameters_of(network).values()):
            expected["parameters"][row] = values
        expected["tables"] = self._tables
        expected["plastic"] = self._compared(network.plastic) if self._mask else seen["plastic"]
        differences = [*self._registers_of(tick, seen, expected), *self._loaded(tick, seen, expected)]
        self.values += sum(seen[name].size for name in self.readback.names or ())
        self._note(differences)

    def take_told(self, tick: int, words: bytes) -> None:
        """Compare what the host was told since the last time with the spikes that were expected."""
        heard = np.concatenate([*self._heard, np.zeros(0, np.int64)])
        heard = heard[heard >= self._told]
        self._heard.clear()
        logged, counted = (heard[:0], heard) if self._counting else (heard, heard[:0])
        count = self._expected["seen"].size - self._told
        counts = np.bincount(counted - self._told, minlength=count + count % 2) if self._counts else counted
        expected = np.concatenate([logged.astype("<u4"), np.minimum(counts, 65535).astype("<u2").view("<u4")])
        seen = np.frombuffer(words, "<u4")
        self.values += len(expected)
        if len(seen) != len(expected):
            self._note([Difference(tick, "words told", None, None, len(seen), len(expected))])
        else:
            wrong = np.flatnonzero(seen != expected)
            self._note(Difference(tick, "word told", None, k, int(seen[k]), int(expected[k])) for k in wrong.tolist())

    def take(self, tick: int, record: bytes, cycles: int, *, counted: bool = True) -> NDArray[np.bool_]:
        """Compare a record with what was expected; which neurons fired in it.

        cycles: what it must have taken; counted: whether those are cycles of a tick.
        """
        seen = np.frombuffer(record, self.kind)[0]
        taken = int(seen["cycles"])
        self.cycles += taken if counted else 0
        self.late += taken != cycles
        self.values += self._registers
        self._expected["cycles"] = taken
        if record != self._expected.tobytes():
            self._note(self._differences(tick, seen.copy()))
        return np.asarray(seen["seen"], dtype=np.bool_)

    def _note(self, differences: Iterable[Difference]) -> None:
        for difference in differences:
            self.mismatches += 1
            self.first = self.first or difference

    def _differences(self, tick: int, seen: NDArray[np.void]) -> Iterator[Difference]:
        """All of a tick."""
        expected = self._expected
        for (i,) in np.argwhere(seen["seen"] != expected["seen"]).tolist():
            yield Difference(tick, "spike", None, i, int(seen["seen"][i]), int(expected["seen"][i]))
        yield from self._registers_of(tick, seen, expected)
        for name in _COUNTS[1:]:
            if seen[name] != expected[name] and (name != "saturations" or self._counters):
                yield Difference(tick, name, None, None, int(seen[name]), int(expected[name]))

    def _registers_of(self, tick: int, seen: NDArray[np.void], expected: NDArray[np.void]) -> Iterator[Difference]:
        """Of the registers; those of features that the core is built without mean nothing."""
        for row, i in np.argwhere(seen["fields"] != expected["fields"]).tolist():
            if row not in self._absent:
                name = list(STATE)[row].name.lower()
                yield Difference(tick, name, None, i, int(seen["fields"][row, i]), int(expected["fields"][row, i]))
        for (j,) in np.argwhere(seen["x"] != expected["x"]).tolist():
            if self._learning:
                yield Difference(tick, "x", j, None, int(seen["x"][j]), int(expected["x"][j]))
        for (half,) in np.argwhere(seen["random"] != expected["random"]).tolist():
            yield Difference(tick, "random", None, None, int(seen["random"][half]), int(expected["random"][half]))
        for (n,) in np.argwhere(seen["weight"] != expected["weight"]).tolist():
            yield Difference(tick, "weight", *self._synapse(n), int(seen["weight"][n]), int(expected["weight"][n]))

    def _loaded(self, tick: int, seen: NDArray[np.void], expected: NDArray[np.void]) -> Iterator[Difference]:
        """Of what no tick changes."""
        for row, i in np.argwhere(seen["parameters"] != expected["parameters"]).tolist():
            values = (int(seen["parameters"][row, i]), int(expected["parameters"][row, i]))
            yield Difference(tick, PARAMETERS[row].name.lower(), None, i, *values)
        for (n,) in np.argwhere(seen["plastic"] != expected["plastic"]).tolist():
            yield Difference(tick, "plastic", *self._synapse(n), int(seen["plastic"][n]), int(expected["plastic"][n]))
        for (n,) in np.argwhere(seen["tables"] != expected["tables"]).tolist():
            yield Difference(
                tick,
                f"value {n} of the tables of entries",
                None,
                None,
                int(seen["tables"][n]),
                int(expected["tables"][n]),
            )
