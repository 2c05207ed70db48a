"""What an engineer has to know of an IP, as its README."""

from collections.abc import Sequence

from hwflow.export.guide import counted
from hwflow.export.ip_core import IpCore, Packets
from hwflow.export.vivado_ip import identifier, ip_name


def ip_readme(core: IpCore, commands: Sequence[str]) -> str:
    """commands: what runs the testbench."""
    shown = "\n".join(commands)
    driver = any(path.startswith("driver/") for path in core.files)
    said = "- `driver/`: packages for PYNQ's Python and in C, which drive this net\n" if driver else ""
    return f"""\
# {ip_name(core)}

The net `{core.title}` between AXI4-Stream and AXI4-Lite, made by hwflow, as an IP for Vivado: `{identifier(core)}`.

- digest of the net: `{core.network}`
- digest of the project: `{core.project}`
- `component.xml`, `xgui/`: the IP, as Vivado's catalogue reads it
- `rtl/`: the RTL, `{core.module}` its top, and its memory images
- `tb/`, `vectors/`: a testbench of the streams with {len(core.s.vectors):,} vectors ({core.source}) and the reference's answers
{said}
hwflow's modules are under the licence in `LICENSE`; the weights are yours.

## In Vivado

```
set_property ip_repo_paths {{FOLDER}} [current_project]
update_ip_catalog
create_bd_cell -type ip -vlnv {identifier(core)} net
```

FOLDER is this one. No Vivado was at hand where it was made, so that none has read it.

## Ports

- `aclk`, `aresetn`: the clock of all, and a synchronous reset, active low
- `s_axis`, {_told(core.s)}
- `m_axis`, {_told(core.m)}
- `s_axi`: AXI4-Lite, 4 KiB of registers: the identity, control, events, counters
- `irq`: an interrupt, as long as it is high

Element 0 of a vector comes first, each element with its lowest bit first, without gaps: bit i of element e, of b bits, is bit
k = e * b + i of the vector, and that is TDATA[k mod W] of beat k div W, W being TDATA's width. A packet is any number of vectors,
ended by TLAST, and gives a packet of as many results. hwflow's docs/how-to/zynq.md tells the rest, and the registers.

The identity tells a clock of {core.axi.clock_hz / 1e6:g} MHz, that of the project; the core runs at any that timing allows.

## Testbench

It runs in this folder, and ends with `PASS`, or with a fault and a status that is not 0.

```
{shown}
```
"""


def _told(packets: Packets) -> str:
    size, kind = packets.vectors.shape[1], packets.kind
    form = "two's complement" if kind.signed else "unsigned"
    what = "results" if packets.user else "vectors"
    return (
        f"{what}: AXI4-Stream with {packets.width} bits of TDATA; a vector is {counted(size, 'integer')} of "
        f"{counted(kind.bits, 'bit')} ({form}, {kind.min} to {kind.max}) in {counted(packets.beats, 'beat')}"
    )
