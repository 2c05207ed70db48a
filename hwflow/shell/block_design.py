"""A core behind AXI as a Vivado project: a block design of the processor, a DMA and the core, written out as Tcl.

The core comes in as a module reference, which Vivado wants in Verilog: a wrapper that names its interfaces. Names of pins and
parameters of AMD's IP: PG021 (AXI DMA), PG247 (SmartConnect), PG164 (Processor System Reset).
"""

from collections.abc import Iterator, Sequence

from hwflow.board import Board
from hwflow.shell.axi import AxiCore
from hwflow.shell.interfaces import Interface, interfaces_of
from hwflow.shell.processor import Processor
from hwflow.shell.top import TOP

WRAPPER, SYSTEM = "hwf_axi", "hwf_system"
SOURCE = f"vivado/{WRAPPER}.verilog"  # not .v, so that it is no source of other tools
SCRIPT, MEMORY = "vivado/build.tcl", "vivado/memory.tcl"
REGISTER_BYTES = 0x10000  # of the addresses of the DMA, and of the core behind it
_LENGTH_BITS = 26  # of the bytes of a transfer


def block_design_files(
    core: AxiCore, board: Board, processor: Processor, sources: Sequence[str], images: bool
) -> dict[str, bytes]:
    """The files, by path in the project. sources: of the RTL; images: whether there are memory images."""
    files = {SOURCE: wrapper(core), SCRIPT: "\n".join(_script(core, board, processor, sources, images)) + "\n"}
    if images:
        files[MEMORY] = _MEMORY
    return {path: text.encode() for path, text in files.items()}


def wrapper(core: AxiCore) -> str:
    """Verilog around the top, with the attributes by which Vivado knows its interfaces."""
    ports = ",\n".join(_attributed(interface) for interface in interfaces_of(core))
    wiring = ",\n".join(f"    .{port.name}({port.name})" for port in core.ports)
    return (
        "// Made by hwflow: what a block design takes in, which has to be Verilog.\n"
        f"module {WRAPPER} (\n{ports}\n);\n  {TOP} top (\n{wiring}\n  );\nendmodule\n"
    )


def _attributed(interface: Interface) -> str:
    """Its ports, each declared behind attributes; the first carries the parameters."""
    ports = []
    told = ", ".join(f"{name} {value}" for name, value in interface.parameters.items())
    for place, (signal, port) in enumerate(interface.signals):
        lines = [f'  (* X_INTERFACE_INFO = "{interface.kind} {interface.name} {signal}" *)']
        if told and place == 0:
            lines.append(f'  (* X_INTERFACE_PARAMETER = "{told}" *)')
        bits = f"[{port.bits - 1}:0] " if port.bits else ""
        ports.append("\n".join([*lines, f"  {'input ' if port.input else 'output'} wire {bits}{port.name}"]))
    return ",\n".join(ports)


_MEMORY = """\
# Made by hwflow. Before synthesis, in the folder in which Vivado runs it: the RTL reads its memory images there.
file delete -force memory
file copy [file join [file dirname [info script]] .. memory] .
"""


def _script(core: AxiCore, board: Board, processor: Processor, sources: Sequence[str], images: bool) -> Iterator[str]:
    yield "# Made by hwflow. In the project's folder: vivado -mode batch -source vivado/build.tcl"
    yield "set root [file normalize [file join [file dirname [info script]] ..]]"
    yield "set out [file join $root build vivado]"
    yield "file mkdir $out"
    yield f"create_project -force -part {board.device} hwflow [file join $out project]"
    yield from _preset(board)
    for source in sources:
        yield f"add_files -norecurse [file join $root {{{source}}}]"
    yield f"add_files -norecurse [file join $root {{{SOURCE}}}]"
    yield f"set_property file_type Verilog [get_files {WRAPPER}.verilog]"
    yield "set_property verilog_define {SYNTHESIS=1} [get_filesets sources_1]"
    yield "update_compile_order -fileset sources_1"
    yield ""
    yield f"create_bd_design {SYSTEM}"
    yield from _cells(core, processor)
    yield from _nets(processor)
    yield from _addresses(processor)
    yield "validate_bd_design"
    yield "save_bd_design"
    yield ""
    yield "# One synthesis of all, so that the memory images are read where they are put."
    yield f"set_property synth_checkpoint_mode None [get_files {SYSTEM}.bd]"
    yield f"generate_target all [get_files {SYSTEM}.bd]"
    yield f"add_files -norecurse [make_wrapper -files [get_files {SYSTEM}.bd] -top]"
    yield f"set_property top {SYSTEM}_wrapper [get_filesets sources_1]"
    yield "update_compile_order -fileset sources_1"
    if images:
        yield f"set_property STEPS.SYNTH_DESIGN.TCL.PRE [file join $root {{{MEMORY}}}] [get_runs synth_1]"
    yield "launch_runs impl_1 -to_step write_bitstream"
    yield "wait_on_run impl_1"
    yield 'if {[get_property PROGRESS [get_runs impl_1]] ne "100%"} { error "impl_1 did not end; see its log" }'
    yield "open_run impl_1"
    yield "report_utilization -file [file join $out utilization.txt]"
    yield "report_timing_summary -file [file join $out timing.txt]"
    yield f"write_hw_platform -fixed -include_bit -force -file [file join $out {TOP}.xsa]"
    yield "# PYNQ wants the bitstream and the description of the hardware under one name."
    handoff = f"[file join $out project * sources_1 bd {SYSTEM} hw_handoff {SYSTEM}.hwh]"
    yield f"file copy -force [lindex [glob {handoff}] 0] [file join $out {TOP}.hwh]"
    yield f"write_bitstream -force [file join $out {TOP}.bit]"


def _preset(board: Board) -> Iterator[str]:
    """The processor's memory and pins are the board's, which Vivado knows of boards whose files it has."""
    found = f"[get_board_parts -quiet -latest_file_version {{{board.preset}:*}}]" if board.preset else "{}"
    yield f"set preset {found}"
    yield 'if {$preset ne ""} {'
    yield "  set_property board_part $preset [current_project]"
    yield "} else {"
    yield (f'  puts "Vivado has no files of {board.title}: the processor\'s memory and pins are not set up, which is well where it '
           'boots otherwise, as PYNQ does."')  # fmt: skip
    yield "}"


def _cells(core: AxiCore, processor: Processor) -> Iterator[str]:
    for name, ip in (
        ("processor", processor.ip),
        ("dma", "axi_dma"),
        ("control", "smartconnect"),
        ("memory", "smartconnect"),
        ("reset", "proc_sys_reset"),
        ("interrupts", "xlconcat"),
    ):
        yield f"create_bd_cell -type ip -vlnv [get_property VLNV [get_ipdefs xilinx.com:ip:{ip}:*]] {name}"
    yield f"create_bd_cell -type module -reference {WRAPPER} core"
    rule = f"xilinx.com:bd_rule:{processor.ip}"
    told = f'[list apply_board_preset [expr {{$preset ne ""}}] {processor.automation}]'.replace(" ]", "]")
    yield f"apply_bd_automation -rule {rule} -config {told} [get_bd_cells processor]"
    clock = {processor.megahertz: core.clock_hz // 1_000_000}
    yield _config("processor", {**processor.config, **clock})
    yield _config(
        "dma",
        {
            "c_include_sg": 0,
            "c_sg_length_width": _LENGTH_BITS,
            "c_addr_width": processor.address_bits,
            "c_m_axis_mm2s_tdata_width": core.s_axis,
            "c_m_axi_mm2s_data_width": max(core.s_axis, processor.memory_bits),
            "c_s_axis_s2mm_tdata_width": core.m_axis,
            "c_m_axi_s2mm_data_width": max(core.m_axis, processor.memory_bits),
        },
    )
    yield _config("control", {"NUM_SI": 1, "NUM_MI": 2})
    yield _config("memory", {"NUM_SI": 2, "NUM_MI": 1})
    yield _config("interrupts", {"NUM_PORTS": 3})


def _config(cell: str, values: dict[str, int]) -> str:
    listed = " ".join(f"CONFIG.{name} {value}" for name, value in values.items())
    return f"set_property -dict [list {listed}] [get_bd_cells {cell}]"


def _nets(processor: Processor) -> Iterator[str]:
    for a, b in (
        (f"processor/{processor.control}", "control/S00_AXI"),
        ("control/M00_AXI", "dma/S_AXI_LITE"),
        ("control/M01_AXI", "core/s_axi"),
        ("dma/M_AXI_MM2S", "memory/S00_AXI"),
        ("dma/M_AXI_S2MM", "memory/S01_AXI"),
        ("memory/M00_AXI", f"processor/{processor.memory}"),
        ("dma/M_AXIS_MM2S", "core/s_axis"),
        ("core/m_axis", "dma/S_AXIS_S2MM"),
    ):
        yield f"connect_bd_intf_net [get_bd_intf_pins {a}] [get_bd_intf_pins {b}]"
    clocked = [f"processor/{pin}" for pin in processor.clocked]
    clocked += ["reset/slowest_sync_clk", "control/aclk", "memory/aclk", "core/aclk"]
    clocked += ["dma/s_axi_lite_aclk", "dma/m_axi_mm2s_aclk", "dma/m_axi_s2mm_aclk"]
    for source, *sinks in (
        (f"processor/{processor.clock}", *clocked),
        (f"processor/{processor.reset}", "reset/ext_reset_in"),
        ("reset/interconnect_aresetn", "control/aresetn", "memory/aresetn"),
        ("reset/peripheral_aresetn", "dma/axi_resetn", "core/aresetn"),
        ("dma/mm2s_introut", "interrupts/In0"),
        ("dma/s2mm_introut", "interrupts/In1"),
        ("core/irq", "interrupts/In2"),
        ("interrupts/dout", f"processor/{processor.interrupt}"),
    ):
        for sink in sinks:
            yield f"connect_bd_net [get_bd_pins {source}] [get_bd_pins {sink}]"


def _addresses(processor: Processor) -> Iterator[str]:
    space = "-target_address_space [get_bd_addr_spaces processor/Data]"
    for place, segment in enumerate(("dma/S_AXI_LITE/Reg", "core/s_axi/reg0")):
        at = f"-offset {processor.base + place * REGISTER_BYTES:#x} -range {REGISTER_BYTES:#x}"
        yield f"assign_bd_address {at} {space} [get_bd_addr_segs {segment}]"
    yield "# What is left is memory, which the DMA reads and writes."
    yield "assign_bd_address"
