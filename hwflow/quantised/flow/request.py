"""How a quantised net is to be compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hwflow.errors import UserError
from hwflow.quantised.backend.design import ShellName


@dataclass(frozen=True)
class Request:
    """How to compile: folding file or vectors a second (not both), bits a second of the link; None to leave it open.

    max_luts, max_brams: limits of a folding that is chosen, and max_latency, in microseconds; measure: whether units are synthesised alone to choose by; loaded: whether the host writes the weights; beside: files that are to appear with the project's own, by
    path; shell, strike: what stands around the net (`Options`).
    """

    folding: Path | None = None
    target_fps: float | None = None
    baud: int | None = None
    measure: bool = False
    loaded: bool = False
    max_luts: int | None = None
    max_brams: int | None = None
    max_latency: float | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    shell: ShellName = "stream"
    strike: bool = False

    def __post_init__(self) -> None:
        if self.strike and self.shell != "can":
            raise UserError("--strike is for a guard on a CAN bus; give --shell can too.")
        if self.loaded and self.shell == "can":
            raise UserError("A guard's weights are part of the hardware; compile without --weights loaded.")
        if self.loaded and self.shell == "axi":
            raise UserError("Over AXI no weights are loaded; compile without --weights loaded, or without --shell axi.")
        if self.baud is not None and self.shell == "axi":
            raise UserError("Behind AXI there is no UART; compile without --baud.")
        if self.folding is not None and self.target_fps is not None:
            raise UserError("--folding and --target-fps both say how much is done at a time; give one of them.")
        limits = {"--max-luts": self.max_luts, "--max-brams": self.max_brams}
        given = {option: most for option, most in limits.items() if most is not None}
        for option, most in given.items():
            if self.folding is not None:
                raise UserError(f"--folding and {option} both say how much is done at a time; give one of them.")
            if most < 0:
                raise UserError(f"{option} {most} is no limit; give 0 or more.")
        if self.max_latency is not None and self.folding is not None:
            raise UserError("--folding and --max-latency both say how much is done at a time; give one of them.")
        if self.max_latency is not None and not self.max_latency > 0:
            raise UserError(f"--max-latency {self.max_latency:g} cannot be kept; give more than 0 microseconds.")
        if self.target_fps is not None and not self.target_fps > 0:
            raise UserError(f"--target-fps {self.target_fps:g} cannot be aimed at; give more than 0 vectors a second.")
