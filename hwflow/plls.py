"""What the PLL of each part can make, by its data sheet: dividers, and the ranges of its frequencies.

A reference is divided to the phase detector's frequency, which the oscillator in the PLL multiplies; that is divided to
the output. Of settings that make the same clock the one with the highest frequencies inside is taken, since its jitter is
least; so equal inputs give equal settings.

- iCE40 (SB_PLL40): Lattice FPGA-DS-02008 (iCE40 UltraPlus) and FPGA-DS-02029 (iCE40 LP/HX), tables "sysCLOCK PLL timing":
  detector 10 to 133 MHz, oscillator 533 to 1066, output 16 to 275. Dividers: FPGA-TN-02052; the feedback's reaches 128 in
  the mode SIMPLE, as icepll of Project IceStorm has it, and so has its choice of the filter.
- ECP5 (EHXPLLL): Lattice FPGA-DS-02012, table "sysCLOCK PLL timing": input 8 to 400 MHz, detector 10 to 400, oscillator 400
  to 800, output 3.125 to 400. The feedback is taken from CLKOP, and the clock is CLKOS, so that both have a divider.
- Gowin (rPLL): DS117 (GW1NR) and DS226 (GW2AR), tables "PLL switching characteristics", for speed C6 and C8; the same figures
  stand in gowin_pll of Apycula. GW1N: detector 3 to 400 MHz, oscillator 400 to 1200, output 3.125 to 600. GW2A: 3 to 500, 500
  to 1250, 3.90625 to 625.
- 7 series (MMCME2): AMD DS181 and DS187, table "MMCM specification", the slowest speed grade: input 10 to 800 MHz, detector
  10 to 450, oscillator 600 to 1200, output 4.69 to 800; a global buffer carries at most 464. Whole dividers only.
- UltraScale+ (MMCME4): AMD DS925 and DS926, the slowest grade: input 10 to 800, detector 10 to 450, oscillator 800 to 1600,
  output 6.25 to 667 of the global buffer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hwflow.board import Board
from hwflow.errors import UserError

_MHZ = 1_000_000


@dataclass(frozen=True)
class Pll:
    """A setting of a PLL. module: its wrapper in rtl/shell/pll/; parameters: of that; hz: what it makes, exactly;
    detector_hz, oscillator_hz: the frequencies inside."""

    module: str
    parameters: Mapping[str, int | str]
    hz: Fraction
    detector_hz: Fraction
    oscillator_hz: Fraction


Range = tuple[float, float]  # least and most, in MHz
Dividers = tuple[int, int, int]  # of the reference; the oscillator's multiple of that; of the output


@dataclass(frozen=True)
class PllKind:
    """The PLL of some parts.

    words: its name; module: its wrapper; reference, detector, oscillator, output: what these frequencies may be; divide: of the
    reference; outs: dividers of the output; multiples: of the detector's frequency that the oscillator can be, for a divider
    of the output; parameters: of the wrapper, for a reference in Hz, the three, and the board's `pll`.
    """

    words: str
    module: str
    reference: Range
    detector: Range
    oscillator: Range
    output: Range
    divide: range
    outs: Sequence[int]
    multiples: Callable[[int], range]
    parameters: Callable[[int, int, int, int, str], Mapping[str, int | str]]

    def clocks(self, reference: int) -> dict[int, Dividers]:
        """Every clock that it makes of a reference in Hz, in whole Hz."""
        best: dict[int, Dividers] = {}
        for divide, multiply, out in self._legal(reference):
            hz = (2 * reference * multiply + divide * out) // (2 * divide * out)
            if hz not in best or (-divide, multiply) > (-best[hz][0], best[hz][1]):
                best[hz] = divide, multiply, out
        return best

    def setting(self, reference: int, dividers: Dividers, how: str) -> Pll:
        """The setting for dividers of `clocks`. how: the board's `pll`."""
        divide, multiply, out = dividers
        detector = Fraction(reference, divide)
        parameters = self.parameters(reference, divide, multiply, out, how)
        return Pll(self.module, parameters, detector * multiply / out, detector, detector * multiply)

    def _legal(self, reference: int) -> Iterator[Dividers]:
        if not _within(reference, 1, self.reference):
            return
        for divide in (divide for divide in self.divide if _within(reference, divide, self.detector)):
            least, most = (limit * _MHZ * divide / reference for limit in self.oscillator)
            for out in self.outs:
                for multiply in self.multiples(out):
                    oscillator = reference * multiply
                    if least <= multiply <= most and _within(oscillator, divide * out, self.output):
                        yield divide, multiply, out


def pll_kind(board: Board) -> PllKind:
    """The PLL of the board's part. Raises UserError if it has none, or none that hwflow knows."""
    family = board.family if board.family != "xilinx" else board.device[:3]
    found = _KINDS.get(family if family != "gowin" else board.device[:4])
    if found is None or board.pll == "none":
        raise UserError(
            f"{board.name} has no PLL that hwflow can set, so its clock is its oscillator's; leave --clock out."
        )
    return found


def _within(hz: int, divide: int, limits: Range) -> bool:
    """Whether hz / divide lies in a range."""
    return limits[0] * _MHZ * divide <= hz <= limits[1] * _MHZ * divide


def _ice40(reference: int, divide: int, multiply: int, out: int, how: str) -> Mapping[str, int | str]:
    # By the detector's frequency, as icepll chooses it.
    above = (17, 26, 44, 66, 101)
    filter_range = 1 + sum(reference >= limit * _MHZ * divide for limit in above)
    dividers = {"DIVR": divide - 1, "DIVF": multiply - 1, "DIVQ": out.bit_length() - 1}
    return {"PAD": int(how == "pad"), **dividers, "FILTER_RANGE": filter_range}


def _ecp5(reference: int, divide: int, multiply: int, out: int, how: str) -> Mapping[str, int | str]:
    # The feedback's own output, CLKOP, is at most 400 MHz: the least divider that brings it there and divides evenly.
    least = -(-reference * multiply // (divide * 400 * _MHZ))
    feedback_out = next(n for n in range(max(1, least), multiply + 1) if multiply % n == 0)
    return {
        "REFERENCE_DIVIDE": divide,
        "FEEDBACK_DIVIDE": multiply // feedback_out,
        "FEEDBACK_OUT_DIVIDE": feedback_out,
        "OUT_DIVIDE": out,
    }


def _gowin(reference: int, divide: int, multiply: int, out: int, how: str) -> Mapping[str, int | str]:
    return {
        "REFERENCE_MHZ": f"{reference / _MHZ:g}",
        "IDIV_SEL": divide - 1,
        "FBDIV_SEL": multiply // out - 1,
        "ODIV_SEL": out,
    }


def _xilinx(reference: int, divide: int, multiply: int, out: int, how: str) -> Mapping[str, int | str]:
    period = round(1_000_000_000_000 / reference)
    return {"PERIOD_PS": period, "DIVIDE": divide, "MULTIPLY": multiply, "OUT_DIVIDE": out}


_GOWIN_OUTS = (2, 4, 8, *range(16, 129, 16))


def _gowin_multiples(out: int) -> range:
    return range(out, 64 * out + 1, out)


def _up_to(most: int, least: int = 1) -> Callable[[int], range]:
    return lambda out: range(least, most + 1)


_KINDS = {
    "ice40": PllKind(
        *("SB_PLL40", "hwf_pll_ice40", (10, 133), (10, 133), (533, 1066), (16, 275)),
        *(range(1, 17), tuple(1 << q for q in range(1, 7)), _up_to(128), _ice40),
    ),
    "ecp5": PllKind(
        *("EHXPLLL", "hwf_pll_ecp5", (8, 400), (10, 400), (400, 800), (3.125, 400)),
        *(range(1, 129), range(1, 129), _up_to(80), _ecp5),
    ),
    "GW1N": PllKind(
        *("rPLL", "hwf_pll_gowin", (3, 400), (3, 400), (400, 1200), (3.125, 600)),
        *(range(1, 65), _GOWIN_OUTS, _gowin_multiples, _gowin),
    ),
    "GW2A": PllKind(
        *("rPLL", "hwf_pll_gowin", (3, 500), (3, 500), (500, 1250), (3.90625, 625)),
        *(range(1, 65), _GOWIN_OUTS, _gowin_multiples, _gowin),
    ),
    "xc7": PllKind(
        *("MMCME2", "hwf_pll_xc7", (10, 800), (10, 450), (600, 1200), (4.69, 464)),
        *(range(1, 107), range(1, 129), _up_to(64, 2), _xilinx),
    ),
    "xcz": PllKind(
        *("MMCME4", "hwf_pll_xcup", (10, 800), (10, 450), (800, 1600), (6.25, 667)),
        *(range(1, 107), range(1, 129), _up_to(128, 2), _xilinx),
    ),
}
