"""Cycles of a tick, as the header of rtl/spiking/hwf_spiking.sv states them."""

from dataclasses import dataclass

from hwflow.spiking import Core


@dataclass(frozen=True)
class TickCycles:
    """A tick takes always + row · S + learn · (learning + column · F) cycles, S sources and F neurons having a spike."""

    always: int
    row: int
    learning: int
    column: int

    def of(self, sources: int, fired: int, learn: bool) -> int:
        """Cycles, for so many sources with a spike, of which the tick starts, and neurons that fire in it."""
        return self.always + self.row * sources + (self.learning + self.column * fired if learn else 0)


def tick_cycles(core: Core) -> TickCycles:
    """The coefficients of a core."""
    neurons, sources = core.neurons // core.lanes, core.sources // core.lanes
    return TickCycles(always=neurons + 8, row=neurons + 3, learning=sources + 8, column=sources + 3)
