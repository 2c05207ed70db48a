"""The top of a core between AXI4-Stream and AXI4-Lite (docs/how-to/zynq.md), for designs around a processor."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.shell.build_digest import NO_BUILD
from hwflow.shell.processor import CLOCK_HZ, processor_of
from hwflow.shell.top import TOP, Application, request_wires
from hwflow.shell.verilog import Literal, instance, wire

ROOMS = ("axi", "stream")  # of the RTL that it is made of
WIDTHS = (32, 64, 128, 256, 512, 1024)  # bits of a stream that AMD's AXI DMA takes
ADDRESS_BITS = 12  # of AXI4-Lite, in bytes
CLOCK, _WORD = "aclk", 32  # the top's wire; bits of a beat of requests
_RESET = "aresetn"


@dataclass(frozen=True)
class AxiPort:
    """A port of the top: bits, 0 of a scalar."""

    name: str
    input: bool
    bits: int = 0


@dataclass(frozen=True)
class AxiCore:
    """A net behind AXI.

    title: for people; clock_hz; application: what stands behind the ports, and what the identity tells of it; s_axis, m_axis: bits of
    TDATA; device: the module between the ports and the application; parameters: its own, besides the identity's; wires: what the two
    tell each other, name to bits.
    """

    title: str
    clock_hz: int
    application: Application
    s_axis: int
    m_axis: int
    device: str
    parameters: Mapping[str, int]
    wires: Mapping[str, int]

    @property
    def ports(self) -> tuple[AxiPort, ...]:
        """Of the top, in its order."""
        return (
            AxiPort(CLOCK, True),
            AxiPort(_RESET, True),
            AxiPort("irq", False),
            *_LITE,
            AxiPort("s_axis_tdata", True, self.s_axis),
            AxiPort("s_axis_tkeep", True, self.s_axis // 8),
            AxiPort("s_axis_tlast", True),
            AxiPort("s_axis_tvalid", True),
            AxiPort("s_axis_tready", False),
            AxiPort("m_axis_tdata", False, self.m_axis),
            AxiPort("m_axis_tkeep", False, self.m_axis // 8),
            AxiPort("m_axis_tlast", False),
            AxiPort("m_axis_tuser", False),
            AxiPort("m_axis_tvalid", False),
            AxiPort("m_axis_tready", True),
        )


_LITE = (
    AxiPort("s_axi_awaddr", True, ADDRESS_BITS),
    AxiPort("s_axi_awvalid", True),
    AxiPort("s_axi_awready", False),
    AxiPort("s_axi_wdata", True, 32),
    AxiPort("s_axi_wstrb", True, 4),
    AxiPort("s_axi_wvalid", True),
    AxiPort("s_axi_wready", False),
    AxiPort("s_axi_bresp", False, 2),
    AxiPort("s_axi_bvalid", False),
    AxiPort("s_axi_bready", True),
    AxiPort("s_axi_araddr", True, ADDRESS_BITS),
    AxiPort("s_axi_arvalid", True),
    AxiPort("s_axi_arready", False),
    AxiPort("s_axi_rdata", False, 32),
    AxiPort("s_axi_rresp", False, 2),
    AxiPort("s_axi_rvalid", False),
    AxiPort("s_axi_rready", True),
)


def stream_bits(count: int, cycles: int) -> int | None:
    """The narrowest TDATA that brings `count` bits in so many cycles; None if none does."""
    return next((bits for bits in WIDTHS if -(-count // bits) <= cycles), None)


def check_axi(board: Board) -> None:
    """Raises UserError if the board has no processor to clock and feed the net, or another clock was chosen."""
    if processor_of(board) is None:
        raise UserError(f"{board.name} has no processor beside its logic, to which AXI could lead; compile without --shell axi, "
                        "or take a board with a Zynq.")  # fmt: skip
    if board.oscillator_hz:
        raise UserError(f"Behind AXI the processor gives the clock, {CLOCK_HZ / 1e6:g} MHz; compile without --clock.")


def beside_axi(board: Board) -> Board:
    """The board with the clock that its processor gives."""
    return replace(board, clock_hz=CLOCK_HZ)


def request_core(title: str, clock_hz: int, application: Application) -> AxiCore:
    """An application that takes requests, as behind the link, between AXI's ports."""
    return AxiCore(
        title, clock_hz, application, _WORD, _WORD, "hwf_axi_shell", {}, {"rst": 1} | request_wires(application)
    )


def axi_top(core: AxiCore) -> str:
    """SystemVerilog of the top, with zeros in place of the build's digest (`hwflow.shell.build_digest`)."""
    declared = ",\n".join(
        f"    {'input ' if port.input else 'output'} logic {f'[{port.bits - 1}:0] ' if port.bits else ''}{port.name}"
        for port in core.ports
    )
    told = core.application
    parameters: dict[str, int | str] = {
        "CLOCK_HZ": core.clock_hz,
        "KIND": told.kind,
        "DIGEST": Literal(f"128'h{told.digest[:32]}"),
        "BUILD": Literal(f"128'h{NO_BUILD}"),
        "INPUTS": told.inputs,
        "OUTPUTS": told.outputs,
    }
    wiring = {name: name for name in (*(port.name for port in core.ports), *core.wires)}
    device = instance(core.device, "shell", {**core.parameters, **parameters, **told.more}, wiring)
    wires = "".join(wire(name, bits) for name, bits in {**core.wires, **told.wires}.items())
    return (
        f"// Made by hwflow: {core.title}, between AXI4-Stream and AXI4-Lite.\nmodule {TOP} (\n{declared}\n);\n"
        f"{wires}\n" + "\n".join([device, *told.parts]) + "endmodule\n"
    )
