"""How the synapses of a net are stored in a core: as a matrix, in blocks, or in rows of entries, and what each takes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from hwflow.errors import UserError
from hwflow.spiking.backend.estimate import memory_bits, synapse_bits
from hwflow.spiking.blocks import Block
from hwflow.spiking.entries import entry_count
from hwflow.spiking.fit import blocks_for, learns_in, with_blocks, with_entries
from hwflow.spiking.network import Core, SpikingNetwork

Form = Literal["matrix", "blocks", "entries"]
_MANY = 1 << 24  # weights of a core, above which not even a board without limits gets any that its net has not


@dataclass(frozen=True)
class SynapseBits:
    """Bits of memory of the weights, and of what finds them, in a core of the same size; None where the net has no such form, or, in
    blocks, saves nothing by it. form: the core's own."""

    form: Form
    matrix: int
    blocks: int | None
    entries: int | None

    @property
    def words(self) -> str:
        own = {"matrix": "all of them", "blocks": "in blocks", "entries": "in rows of entries"}
        others = [(name, bits) for name, bits in
                  (("a matrix", self.matrix if self.form != "matrix" else None),
                   ("blocks", self.blocks if self.form != "blocks" else None),
                   ("rows of entries", self.entries if self.form != "entries" else None)) if bits is not None]  # fmt: skip
        taken = f"synapses: {own[self.form]}, {getattr(self, self.form) or 0:,} bits"
        return taken + "".join(f"; {name} would take {bits:,}" for name, bits in others)


class Forms:
    """Those of a net, each found once for a size and a number of lanes. wanted: the one that is asked for, None if any will do."""

    def __init__(self, network: SpikingNetwork, wanted: Form | None = None) -> None:
        """Raises UserError if rows of entries are asked for a net that learns."""
        if wanted == "entries" and (learning := learns_in(network)):
            raise UserError(
                f"{network.name} needs {' and '.join(learning)}, and a core with rows of entries does not learn; ask for a matrix or blocks."
            )
        self._network, self._wanted = network, wanted
        self._blocks = cache(self._blocks_for)
        self._count = cache(self._entries_for)

    def cores(self, core: Core) -> Iterator[Core]:
        """A core with all synapses, for any net of its size, and then one with those only that the net has, in the form that takes the
        fewest bits; with very many only the latter. Of a form that is asked for that alone."""
        if self._wanted is not None:
            yield from [core] if self._wanted == "matrix" else filter(None, [self.in_form(core, self._wanted)])
            return
        large = core.sources * core.neurons > _MANY
        if not large:
            yield core
        fewer = [other for form in ("blocks", "entries") if (other := self.in_form(core, form))]
        if fewer:
            yield min(fewer, key=memory_bits)
        elif large:
            yield core

    def in_form(self, core: Core, form: Literal["blocks", "entries"]) -> Core | None:
        """A core like another with blocks, or with rows of entries; None if it cannot be."""
        if form == "blocks":
            return with_blocks(core, *self._blocks(core.axons, core.neurons, core.lanes))
        return None if learns_in(self._network) else with_entries(core, self._count(core.lanes))

    def bits(self, core: Core) -> SynapseBits:
        """What each takes in a core of the size of one that was chosen."""
        whole = replace(core, blocks=(), entries=0)
        blocks = core.blocks or self._blocks(core.axons, core.neurons, core.lanes)[0]
        entries = core if core.entries else self.in_form(whole, "entries")
        return SynapseBits(
            "entries" if core.entries else "blocks" if core.blocks else "matrix",
            synapse_bits(whole),
            synapse_bits(replace(whole, blocks=blocks)) if blocks else None,
            synapse_bits(entries) if entries else None,
        )

    def _blocks_for(self, axons: int, neurons: int, lanes: int) -> tuple[tuple[Block, ...], bool]:
        return blocks_for(self._network, axons, neurons, lanes)

    def _entries_for(self, lanes: int) -> int:
        return entry_count(self._network.weight, lanes)
