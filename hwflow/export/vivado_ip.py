"""A net behind AXI as an IP for Vivado's catalogue: a component of IEEE 1685-2009 with Xilinx's extensions.

It has the form of what `ipx::package_project` and Vitis HLS write. Memory images lie beside the RTL, as those of HLS do, which
reads them as `./NAME`: Vivado knows them as files of the IP, and brings them to where it synthesises and simulates.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from hwflow.export.identity import LIBRARY, VENDOR, plain_name
from hwflow.export.ip_core import IpCore
from hwflow.shell.axi import ADDRESS_BITS, AxiPort
from hwflow.shell.interfaces import Interface, interfaces_of

COMPONENT = "component.xml"
VERSION = "1.0"
SPIRIT = "http://www.spiritconsortium.org/XMLSchema/SPIRIT/1685-2009"
XILINX = "http://www.xilinx.com"
FAMILIES = (
    "artix7", "kintex7", "spartan7", "virtex7", "zynq", "kintexu", "virtexu", "kintexuplus", "virtexuplus", "zynquplus",
)  # fmt: skip
_SYNTHESIS, _SIMULATION = "xilinx_anylanguagesynthesis", "xilinx_anylanguagebehavioralsimulation"
_VIEWS = (("Synthesis", _SYNTHESIS, "synthesis"), ("Simulation", _SIMULATION, "simulation"))
_LAYOUT = """\
# Made by hwflow: the IP has nothing to choose.
proc init_gui { IPINST } {
  ipgui::add_param $IPINST -name "Component_Name"
  ipgui::add_page $IPINST -name "Page 0"
}
"""


def ip_name(core: IpCore) -> str:
    """The net's name as Vivado takes it, which begins with a letter."""
    name = plain_name(core.title, core.module)
    return name if name[0].isalpha() else f"net_{name}"


def identifier(core: IpCore) -> str:
    """Vendor, library, name and version."""
    return f"{VENDOR}:{LIBRARY}:{ip_name(core)}:{VERSION}"


def ip_files(core: IpCore) -> dict[str, bytes]:
    """The component, and the page on which Vivado shows it."""
    return {COMPONENT: _component(core), _layout(core): _LAYOUT.encode()}


def _layout(core: IpCore) -> str:
    return f"xgui/{ip_name(core)}_v{VERSION.replace('.', '_')}.tcl"


def _component(core: IpCore) -> bytes:
    Xml.register_namespace("spirit", SPIRIT)
    Xml.register_namespace("xilinx", XILINX)
    root = Xml.Element(f"{{{SPIRIT}}}component")
    for name, text in (("vendor", VENDOR), ("library", LIBRARY), ("name", ip_name(core)), ("version", VERSION)):
        _add(root, name, text)
    interfaces = _add(root, "busInterfaces")
    for interface in interfaces_of(core.axi):
        _interface(interfaces, interface)
    _registers(_add(root, "memoryMaps"))
    _model(_add(root, "model"), core)
    sets = _add(root, "fileSets")
    for _, view, _ in _VIEWS:
        _files(sets, view, (*core.images, *core.sources))
    _files(sets, "xilinx_xpgui", [_layout(core)])
    _add(root, "description", f"A net between AXI4-Stream and AXI4-Lite; net {core.network}, project {core.project}")
    named = _add(_add(root, "parameters"), "parameter")
    _add(named, "name", "Component_Name")
    identity = {"resolve": "user", "id": "PARAM_VALUE.Component_Name", "order": "1"}
    _add(named, "value", f"{ip_name(core)}_v{VERSION.replace('.', '_')}", identity)
    _extensions(_add(root, "vendorExtensions"), core)
    Xml.indent(root)
    content: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _interface(interfaces: Xml.Element, interface: Interface) -> None:
    element = _add(interfaces, "busInterface")
    _add(element, "name", interface.name)
    vendor, library, name, version = interface.kind.split(":")
    for tag, kind in (("busType", name), ("abstractionType", f"{name}_rtl")):
        _add(element, tag, None, {"vendor": vendor, "library": library, "name": kind, "version": version})
    end = _add(element, "master" if interface.master else "slave")
    if name == "aximm":
        _add(end, "memoryMapRef", None, {"memoryMapRef": interface.name})
    maps = _add(element, "portMaps")
    for signal, port in interface.signals:
        mapped = _add(maps, "portMap")
        _add(_add(mapped, "logicalPort"), "name", signal)
        _add(_add(mapped, "physicalPort"), "name", port.name)
    if interface.parameters:
        parameters = _add(element, "parameters")
        for parameter, value in interface.parameters.items():
            told = _add(parameters, "parameter")
            _add(told, "name", parameter)
            _add(told, "value", value, {"id": f"BUSIFPARAM_VALUE.{interface.name.upper()}.{parameter}"})


def _registers(maps: Xml.Element) -> None:
    """4 KiB of addresses, the smallest piece that a processor's map has."""
    registers = _add(maps, "memoryMap")
    _add(registers, "name", "s_axi")
    block = _add(registers, "addressBlock")
    _add(block, "name", "reg0")
    for name, value in (("baseAddress", 0), ("range", 1 << ADDRESS_BITS), ("width", 32)):
        _add(block, name, str(value), {"format": "long"})
    _add(block, "usage", "register")


def _model(model: Xml.Element, core: IpCore) -> None:
    views = _add(model, "views")
    for title, name, purpose in _VIEWS:
        view = _view(views, name, title, f":vivado.xilinx.com:{purpose}")
        _add(view, "language", "Verilog")
        _add(view, "modelName", core.module)
        _add(_add(view, "fileSetRef"), "localName", _set(name))
    page = _view(views, "xilinx_xpgui", "UI Layout", ":vivado.xilinx.com:xgui.ui")
    _add(_add(page, "fileSetRef"), "localName", _set("xilinx_xpgui"))
    ports = _add(model, "ports")
    for port in core.axi.ports:
        _port(ports, port)


def _view(views: Xml.Element, name: str, title: str, environment: str) -> Xml.Element:
    view = _add(views, "view")
    _add(view, "name", name)
    _add(view, "displayName", title)
    _add(view, "envIdentifier", environment)
    return view


def _port(ports: Xml.Element, port: AxiPort) -> None:
    element = _add(ports, "port")
    _add(element, "name", port.name)
    wire = _add(element, "wire")
    _add(wire, "direction", "in" if port.input else "out")
    if port.bits:
        vector = _add(wire, "vector")
        _add(vector, "left", str(port.bits - 1), {"format": "long"})
        _add(vector, "right", "0", {"format": "long"})
    kind = _add(_add(wire, "wireTypeDefs"), "wireTypeDef")
    _add(kind, "typeName", "wire")
    for _, view, _ in _VIEWS:
        _add(kind, "viewNameRef", view)
    if port.input and port.name.startswith(("s_axi", "m_axis")):
        _left_open(_add(wire, "driver"), port)


def _left_open(driver: Xml.Element, port: AxiPort) -> None:
    """What an input is that a design leaves open: 0, but that vectors are whole without TKEEP, and results are taken."""
    bits = port.bits or 1
    value = (1 << bits) - 1 if port.name in ("s_axis_tkeep", "m_axis_tready") else 0
    if value < 1 << 31:
        _add(driver, "defaultValue", str(value), {"format": "long"})
    else:
        _add(driver, "defaultValue", f"0x{value:X}", {"format": "bitString", "bitStringLength": str(bits)})


def _files(sets: Xml.Element, view: str, paths: Sequence[str]) -> None:
    files = _add(sets, "fileSet")
    _add(files, "name", _set(view))
    for path in paths:
        file = _add(files, "file")
        _add(file, "name", path)
        for tag, kind in _TYPES[path.rsplit(".", 1)[1]]:
            _add(file, tag, kind)


_TYPES = {
    "sv": (("fileType", "systemVerilogSource"),),
    "v": (("fileType", "verilogSource"),),
    "hex": (("userFileType", "mif"),),  # as HLS calls what its $readmemh reads
    "tcl": (("fileType", "tclSource"), ("userFileType", "XGUI_VERSION_2")),
}


def _set(view: str) -> str:
    return f"{view}_view_fileset"


def _extensions(parent: Xml.Element, core: IpCore) -> None:
    extensions = Xml.SubElement(parent, f"{{{XILINX}}}coreExtensions")
    families = Xml.SubElement(extensions, f"{{{XILINX}}}supportedFamilies")
    for family in FAMILIES:
        Xml.SubElement(families, f"{{{XILINX}}}family", {f"{{{XILINX}}}lifeCycle": "Production"}).text = family
    taxonomies = Xml.SubElement(extensions, f"{{{XILINX}}}taxonomies")
    Xml.SubElement(taxonomies, f"{{{XILINX}}}taxonomy").text = "/UserIP"
    Xml.SubElement(extensions, f"{{{XILINX}}}displayName").text = f"{core.title} (hwflow)"
    # By the revision a design sees that an IP of the same name is another one than it was made with.
    Xml.SubElement(extensions, f"{{{XILINX}}}coreRevision").text = str(int(core.project[:7], 16))


def _add(parent: Xml.Element, name: str, text: str | None = None, told: dict[str, str] | None = None) -> Xml.Element:
    """An element of the standard's; told: its attributes, which are so too."""
    child = Xml.SubElement(
        parent, f"{{{SPIRIT}}}{name}", {f"{{{SPIRIT}}}{key}": value for key, value in (told or {}).items()}
    )
    child.text = text
    return child
