"""Bit timing on a CAN bus: of how many clock cycles and quanta a bit is made."""

from dataclasses import dataclass

from hwflow.errors import UserError

BIT_RATES = (125_000, 250_000, 500_000, 1_000_000)  # bits a second that are usual; the default is the third
BIT_RATE = 500_000
CYCLES = 8  # clock cycles that a bit has at least (rtl/can/hwf_can_timing.sv)
TOLERANCE = 0.002  # of the rate; nodes may be off by 0.5 % each, and the receiver resynchronises
_SAMPLE = 0.8  # of the bit: where it is sampled
_MOST = 255  # of each setting
_QUANTA = 25  # of a bit, where the clock gives as many: finer ones gain nothing
_SJW = 4


@dataclass(frozen=True)
class BitTiming:
    """Settings of hwf_can_timing: clock cycles of a quantum; quanta between the bit's first and the sample, and after it; most
    quanta that a synchronisation takes back."""

    prescaler: int
    seg1: int
    seg2: int
    sjw: int

    @property
    def cycles(self) -> int:
        """Clock cycles of a bit."""
        return self.prescaler * (1 + self.seg1 + self.seg2)

    @property
    def bytes(self) -> bytes:
        """As the guard's settings hold them."""
        return bytes((self.prescaler, self.seg1, self.seg2, self.sjw))


def bit_timing(clock_hz: int, bit_rate: int) -> BitTiming:
    """The settings for a rate in bits a second: sampled at 80 % of a bit, or near it.

    Raises UserError if the clock cannot make the rate to 0.2 %.
    """
    best: tuple[float, int, int] | None = None
    for prescaler in range(1, _MOST + 1):
        quanta = round(clock_hz / bit_rate / prescaler) if bit_rate > 0 else 0
        if not CYCLES <= quanta <= 2 * _MOST:
            continue
        error = abs(clock_hz / (prescaler * quanta) - bit_rate) / bit_rate
        if best is None or (round(error, 6), abs(quanta - _QUANTA)) < (best[0], abs(best[2] - _QUANTA)):
            best = round(error, 6), prescaler, quanta
    if best is None or best[0] > TOLERANCE:
        raise UserError(f"{bit_rate:,} bit/s cannot be made from a clock of {clock_hz / 1e6:g} MHz; take a rate of which that is a "
                        f"multiple, up to {clock_hz // CYCLES:,}.")  # fmt: skip
    _, prescaler, quanta = best
    seg1 = round(quanta * _SAMPLE) - 1
    seg2 = quanta - 1 - seg1
    return BitTiming(prescaler, seg1, seg2, min(_SJW, seg1, seg2))
