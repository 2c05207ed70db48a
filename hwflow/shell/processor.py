"""The processor beside the logic of a Zynq, which clocks what lies behind its AXI."""

from dataclasses import dataclass
from typing import Literal

from hwflow.board import Board

CLOCK_HZ = 100_000_000  # that it gives the logic


@dataclass(frozen=True)
class Processor:
    """kind: as Vivado calls its block; title: for people."""

    kind: Literal["processing_system7", "zynq_ultra_ps_e"]
    title: str


_ZYNQ = Processor("processing_system7", "Zynq-7000")
_MPSOC = Processor("zynq_ultra_ps_e", "Zynq UltraScale+")
_BY_DEVICE = {"xc7z": _ZYNQ, "xczu": _MPSOC, "xck2": _MPSOC}


def processor_of(board: Board) -> Processor | None:
    """The processor in the board's part; None if there is none."""
    return _BY_DEVICE.get(board.device[:4]) if board.family == "xilinx" else None
