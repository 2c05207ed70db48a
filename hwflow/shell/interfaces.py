"""The interfaces of a core behind AXI, by the names that Vivado has for their kinds."""

from collections.abc import Mapping
from dataclasses import dataclass

from hwflow.shell.axi import AxiCore, AxiPort


@dataclass(frozen=True)
class Interface:
    """kind: vendor, library, name and version, with colons between; signals: of its ports, in the top's order, the name
    that the kind has for it, and the port; parameters: what Vivado is told besides, by name."""

    name: str
    kind: str
    signals: tuple[tuple[str, AxiPort], ...]
    parameters: Mapping[str, str]

    @property
    def master(self) -> bool:
        """Whether the core drives it: what the first of its signals goes along with, as TDATA and not TREADY."""
        return not self.signals[0][1].input


_SINGLE = {
    "aclk": ("clock", "CLK", {"ASSOCIATED_BUSIF": "s_axi:s_axis:m_axis", "ASSOCIATED_RESET": "aresetn"}),
    "aresetn": ("reset", "RST", {"POLARITY": "ACTIVE_LOW"}),
    "irq": ("interrupt", "INTERRUPT", {"SENSITIVITY": "LEVEL_HIGH"}),
}
_BUSES: Mapping[str, tuple[str, dict[str, str]]] = {
    "s_axi": ("aximm", {"PROTOCOL": "AXI4LITE", "DATA_WIDTH": "32"}),
    "s_axis": ("axis", {}),
    "m_axis": ("axis", {}),
}


def interfaces_of(core: AxiCore) -> tuple[Interface, ...]:
    """All of them, in the order of the top's ports; each port belongs to one."""
    found: dict[str, Interface] = {}
    for port in core.ports:
        if port.name in _SINGLE:
            kind, signal, parameters = _SINGLE[port.name]
            found[port.name] = Interface(port.name, f"xilinx.com:signal:{kind}:1.0", ((signal, port),), parameters)
            continue
        name, signal = port.name.rsplit("_", 1)
        kind, parameters = _BUSES[name]
        before = found[name].signals if name in found else ()
        signals = (*before, (signal.upper(), port))
        found[name] = Interface(name, f"xilinx.com:interface:{kind}:1.0", signals, parameters)
    return tuple(found.values())
