"""What a design takes of a part: as counted, and as guessed before anything was counted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """LUTs, flip-flops and block RAMs, each of the family's own kind."""

    luts: int
    ffs: int
    brams: int


@dataclass(frozen=True)
class Estimate:
    """What a net would take, a model's guess made before synthesis; None where the backend has no guess."""

    luts: int | None
    ffs: int | None
    brams: int
    dsps: int | None = None

    @property
    def words(self) -> str:
        """The guess in words; what is not guessed is said to be."""
        counts = [(self.luts, "LUTs"), (self.ffs, "flip-flops"), (self.brams, "block RAMs")]
        counts += [(self.dsps, "multipliers")] if self.dsps else []
        return ", ".join(f"{what} not estimated" if count is None else f"{count:,} {what}" for count, what in counts)
