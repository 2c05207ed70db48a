"""The processor beside the logic of a Zynq, as Vivado's block designs have it: its pins, and what clocks and addresses it gives.

Names of pins and parameters: AMD's PG082 (Zynq-7000) and PG201 (Zynq UltraScale+).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hwflow.board import Board

CLOCK_HZ = 100_000_000  # that it gives the logic


@dataclass(frozen=True)
class Processor:
    """ip: Vivado's block; title: for people; automation: what its rule is told besides the preset; config: parameters, but for
    the clock; megahertz: the parameter that is the clock; clock, reset: pins that it drives; clocked: pins that want the clock; control,
    memory: its ports to registers and from DMAs; memory_bits: of the latter; interrupt: its pin; address_bits: of memory;
    base: of the addresses of registers in the logic.
    """

    ip: str
    title: str
    automation: str
    config: Mapping[str, int]
    megahertz: str
    clock: str
    reset: str
    clocked: tuple[str, ...]
    control: str
    memory: str
    memory_bits: int
    interrupt: str
    address_bits: int
    base: int


_ZYNQ = Processor(
    ip="processing_system7",
    title="Zynq-7000",
    automation='make_external "FIXED_IO, DDR" Master Disable Slave Disable',
    config={
        "PCW_USE_M_AXI_GP0": 1,
        "PCW_USE_S_AXI_HP0": 1,
        "PCW_USE_FABRIC_INTERRUPT": 1,
        "PCW_IRQ_F2P_INTR": 1,
        "PCW_EN_CLK0_PORT": 1,
        "PCW_EN_RST0_PORT": 1,
    },
    megahertz="PCW_FPGA0_PERIPHERAL_FREQMHZ",
    clock="FCLK_CLK0",
    reset="FCLK_RESET0_N",
    clocked=("M_AXI_GP0_ACLK", "S_AXI_HP0_ACLK"),
    control="M_AXI_GP0",
    memory="S_AXI_HP0",
    memory_bits=64,
    interrupt="IRQ_F2P",
    address_bits=32,
    base=0x4000_0000,
)
_MPSOC = Processor(
    ip="zynq_ultra_ps_e",
    title="Zynq UltraScale+",
    automation="",
    config={
        "PSU__USE__M_AXI_GP0": 1,
        "PSU__USE__M_AXI_GP1": 0,
        "PSU__USE__M_AXI_GP2": 0,
        "PSU__USE__S_AXI_GP2": 1,  # which is HP0
        "PSU__USE__IRQ0": 1,
        "PSU__FPGA_PL0_ENABLE": 1,
    },
    megahertz="PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ",
    clock="pl_clk0",
    reset="pl_resetn0",
    clocked=("maxihpm0_fpd_aclk", "saxihp0_fpd_aclk"),
    control="M_AXI_HPM0_FPD",
    memory="S_AXI_HP0_FPD",
    memory_bits=128,
    interrupt="pl_ps_irq0",
    address_bits=40,
    base=0xA000_0000,
)
_BY_DEVICE = {"xc7z": _ZYNQ, "xczu": _MPSOC, "xck2": _MPSOC}


def processor_of(board: Board) -> Processor | None:
    """The processor in the board's part; None if there is none."""
    return _BY_DEVICE.get(board.device[:4]) if board.family == "xilinx" else None
