"""The top of a core between AXI4-Stream and AXI4-Lite (docs/how-to/zynq.md), for designs around a processor."""

from collections.abc import Mapping
from dataclasses import dataclass

from hwflow.shell.build_digest import NO_BUILD
from hwflow.shell.top import TOP
from hwflow.shell.verilog import Literal, instance

ROOMS = ("axi", "stream")  # of the RTL that it is made of
WIDTHS = (32, 64, 128, 256, 512, 1024)  # bits of a stream that AMD's AXI DMA takes
ADDRESS_BITS = 12  # of AXI4-Lite, in bytes


@dataclass(frozen=True)
class AxiPort:
    """A port of the top: bits, 0 of a scalar."""

    name: str
    input: bool
    bits: int = 0


@dataclass(frozen=True)
class AxiCore:
    """A net behind AXI.

    title: for people; kind, digest (hex), inputs, outputs, more: what the identity tells, as of `Application`; clock_hz; s_bits,
    m_bits: of a beat into the net and out of it; s_count, m_count: bits of a vector and of a result; s_axis, m_axis: bits
    of TDATA; marks: vectors that may be under way; module: of the net.
    """

    title: str
    kind: int
    digest: str
    inputs: int
    outputs: int
    more: Mapping[str, int]
    clock_hz: int
    s_bits: int
    m_bits: int
    s_count: int
    m_count: int
    s_axis: int
    m_axis: int
    marks: int
    module: str

    @property
    def ports(self) -> tuple[AxiPort, ...]:
        """Of the top, in its order."""
        return (
            AxiPort("aclk", True),
            AxiPort("aresetn", True),
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


def axi_top(core: AxiCore) -> str:
    """SystemVerilog of the top, with zeros in place of the build's digest (`hwflow.shell.build_digest`)."""
    declared = ",\n".join(
        f"    {'input ' if port.input else 'output'} logic {f'[{port.bits - 1}:0] ' if port.bits else ''}{port.name}"
        for port in core.ports
    )
    ends = {name: name for name in ("s_valid", "s_ready", "s_data", "m_valid", "m_ready", "m_data")}
    parameters: dict[str, int | str] = {
        "S_BITS": core.s_bits,
        "S_COUNT": core.s_count,
        "M_BITS": core.m_bits,
        "M_COUNT": core.m_count,
        "S_AXIS_BITS": core.s_axis,
        "M_AXIS_BITS": core.m_axis,
        "MARKS": core.marks,
        "CLOCK_HZ": core.clock_hz,
        "KIND": core.kind,
        "DIGEST": Literal(f"128'h{core.digest[:32]}"),
        "BUILD": Literal(f"128'h{NO_BUILD}"),
        "INPUTS": core.inputs,
        "OUTPUTS": core.outputs,
    }
    wiring = {port.name: port.name for port in core.ports} | {"net_rst": "net_rst"} | ends
    device = instance("hwf_axi_device", "device", parameters | dict(core.more), wiring)
    net = instance(core.module, "net", {}, {"clk": "aclk", "rst": "net_rst"} | ends)
    return (
        f"// Made by hwflow: {core.title}, between AXI4-Stream and AXI4-Lite.\nmodule {TOP} (\n{declared}\n);\n"
        "  logic net_rst, s_valid, s_ready, m_valid, m_ready;\n"
        f"  logic [{core.s_bits - 1}:0] s_data;\n  logic [{core.m_bits - 1}:0] m_data;\n\n{device}\n{net}endmodule\n"
    )
