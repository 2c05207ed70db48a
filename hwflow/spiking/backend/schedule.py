"""Cycles of a tick, as the header of rtl/spiking/hwf_spiking.sv states them."""

from dataclasses import dataclass

from hwflow.spiking.network import Core


@dataclass(frozen=True)
class Linear:
    """always + row · sources with a spike + fired · neurons that fire."""

    always: int
    row: int
    fired: int


@dataclass(frozen=True)
class TickCycles:
    """Cycles in which the core is busy: of a tick, by whether it learns; of a normalisation, for each neuron and always; to put the state
    to rest; of a tick, more for each entry in the rows of the sources with a spike, in a core that has entries."""

    plain: Linear
    learning: Linear
    normalised: tuple[int, int]
    rest: int
    entry: int = 0

    def normalisation(self, neurons: int) -> int:
        """Of so many neurons: all, or one."""
        each, always = self.normalised
        return neurons * each + always

    def of(self, sources: int, fired: int, learn: bool, columns: int | None = None, entries: int = 0) -> int:
        """A tick that `sources` spikes of axons and neurons begin, and in which `fired` neurons fire.

        columns: of a net with a third factor, the neurons whose weights change by it; None: a net without. entries: in the rows of all
        those sources, which only a core counts that has entries.
        """
        if learn and columns is not None:
            rest = self.plain.row * sources + self.plain.fired * fired
            return self.learning.always + 1 + rest + self.learning.fired * columns
        part = self.learning if learn else self.plain
        return part.always + part.row * sources + part.fired * fired + self.entry * entries


def tick_cycles(core: Core) -> TickCycles:
    """The coefficients of a core."""
    if core.entries:
        return _of_entries(core)
    axon_words, words = core.axons // core.lanes, core.neurons // core.lanes
    columns, beats = axon_words + words, 2 if core.single_port else 1
    steps = _steps(core)
    return TickCycles(
        plain=Linear(steps + 13, words + 2, 1),
        learning=Linear(steps + 14 + columns, beats * words + 2, beats * columns + 2),
        normalised=(axon_words * (1 + beats) + 38, 4),
        rest=steps + columns + 10,
    )


def _of_entries(core: Core) -> TickCycles:
    """Which do not learn."""
    tick = Linear(_steps(core) + 13, 2, 1)
    return TickCycles(
        plain=tick, learning=tick, normalised=(0, 0), rest=_steps(core) + core.sources // core.lanes + 10, entry=1
    )


def _steps(core: Core) -> int:
    """Of the neurons."""
    return core.neurons // min(core.lanes, 2)
