"""The figures that every folder has, with what each must be, and those of them that say most."""

from collections.abc import Sequence

from hwflow.board import board_in
from hwflow.reports.evidence import Evidence
from hwflow.reports.figures import Figure

_TILES = (
    "accuracy",
    "detected",
    "lockstep",
    "mismatches",
    "device_mismatches",
    "fmax",
    "luts_share",
    "verdict_fmax",
    "verdict",
    "interval",
)


def tiles_of(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """The six that say most."""
    by_key = {figure.key: figure for figure in figures}
    return tuple(by_key[key] for key in _TILES if key in by_key)[:6]


def build_figures(evidence: Evidence, latency: int | None) -> tuple[Figure, ...]:
    """Those of a build. latency: from the last input to the result, in cycles, if the net has one."""
    build = evidence.build
    if build is None:
        return ()
    source = evidence.built()
    figures = [
        Figure("luts", "LUTs", build.luts, "", "", None, source),
        Figure("ffs", "Flip-flops", build.ffs, "", "", None, source),
        Figure("brams", "Block RAMs", build.brams, "", "", None, source),
    ]
    if build.impostor:
        figures.append(Figure("tool", "Built by the vendor's tool", "no", "", "yes", False, source))
    capacity = board_in(evidence.folder, build.board).resources
    if capacity:
        share = build.luts / capacity.luts
        figures.append(
            Figure("luts_share", "Share of the part's LUTs", share, "1", "at most 100 %", share <= 1, source)
        )
    if build.fmax_mhz is not None:
        fmax = build.fmax_mhz * 1e6
        met = build.timing_met
        figures.append(Figure("fmax", "Highest clock, fmax", fmax, "Hz", "at least the board's clock", met, source))
        if latency is not None:
            verdict = latency / fmax
            figures.append(Figure("verdict_fmax", "Last input to result, at fmax", verdict, "s", "", None, source))
    return tuple(figures)
