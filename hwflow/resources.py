"""What a design takes of a part: as counted, and as guessed before anything was counted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """LUTs, flip-flops and block RAMs, each of the family's own kind, and the large RAMs that a part may have beside these."""

    luts: int
    ffs: int
    brams: int
    large_rams: int = 0


@dataclass(frozen=True)
class Estimate:
    """What a net would take, a model's guess made before synthesis; None where the backend has no guess.

    error: of the model's look-up tables, the mean over units that it was not fitted to, as a share; worst_error: the
    greatest there; None if that is not known. large_rams: memories with one port beside the block RAMs. measured: units
    whose cost is not modelled: Yosys synthesised them alone. unfitted: nodes of kinds whose cost is counted, and was fitted
    to no synthesis: that error is not theirs. hardwired: layers whose cost is counted, and was fitted to other hardwired
    layers; hardwired_error, worst_hardwired: the errors of those. borrowed: the family whose figures the model took, since its own were not fitted.
    """

    luts: int | None
    ffs: int | None
    brams: int
    dsps: int | None = None
    error: float | None = None
    worst_error: float | None = None
    measured: tuple[str, ...] = ()
    unfitted: tuple[str, ...] = ()
    large_rams: int = 0
    borrowed: str = ""
    hardwired: tuple[str, ...] = ()
    hardwired_error: float | None = None
    worst_hardwired: float | None = None

    @property
    def words(self) -> str:
        """The guess in words; what is not guessed is said to be."""
        counts = [(self.luts, "LUTs"), (self.ffs, "flip-flops"), (self.brams, "block RAMs")]
        counts += [(self.large_rams, "large RAMs")] if self.large_rams else []
        counts += [(self.dsps, "multipliers")] if self.dsps else []
        told = ", ".join(f"{what} not estimated" if count is None else f"{count:,} {what}" for count, what in counts)
        return f"{told}{self._evidence}"

    @property
    def _evidence(self) -> str:
        how = [f"{', '.join(self.measured)} synthesised alone"] if self.measured else []
        if self.borrowed:
            how.append(f"modelled by the figures of {self.borrowed}, with an error that is not known")
        elif self.error is not None and self.worst_error is not None:
            off = f"{_off(self.error, self.worst_error)} of the LUTs of other units"
            how.append(f"{'the rest ' if self.measured else ''}modelled: {off}")
        if self.hardwired_error is not None and self.worst_hardwired is not None:
            off = f"{_off(self.hardwired_error, self.worst_hardwired)} of those of other hardwired layers"
            how.append(f"{', '.join(self.hardwired)} counted: {off}")
        if self.unfitted:
            how.append(f"{', '.join(self.unfitted)} counted roughly, with an error that is not known")
        return f" ({'; '.join(how)})" if how else ""


def _off(mean: float, worst: float) -> str:
    return f"mean error {mean:.0%}, worst {worst:.0%}"
