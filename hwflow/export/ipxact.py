"""A core as an IP-XACT component (IEEE 1685-2014)."""

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from hwflow.export.bench import VECTORS, bench_source
from hwflow.export.core import StreamCore
from hwflow.export.identity import LIBRARY, VENDOR, VERSION, plain_name

NAMESPACE = "http://www.accellera.org/XMLSchema/IPXACT/1685-2014"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"


def ipxact_files(core: StreamCore) -> dict[str, bytes]:
    """`MODULE.xml`: ports, the RTL with its memory images as a view, and the testbench's files.

    The streams are ports and no bus interfaces: their beats are as wide as their elements, and not of whole bytes as those
    of AXI4-Stream.
    """
    Xml.register_namespace("ipxact", NAMESPACE)
    Xml.register_namespace("xsi", _SCHEMA)
    root = Xml.Element(f"{{{NAMESPACE}}}component")
    root.set(f"{{{_SCHEMA}}}schemaLocation", f"{NAMESPACE} {NAMESPACE}/index.xsd")
    for name, text in (
        ("vendor", VENDOR),
        ("library", LIBRARY),
        ("name", plain_name(core.title, core.module)),
        ("version", VERSION),
    ):
        _add(root, name, text)
    _model(_add(root, "model"), core)
    sets = _add(root, "fileSets")
    _file_set(sets, "rtl", core.sources)
    _file_set(sets, "memory", core.images)
    _file_set(sets, "testbench", [bench_source(core.module)])
    _file_set(sets, "vectors", VECTORS)
    _add(root, "description", f"A net as a core between two streams; net {core.network}, project {core.project}")
    Xml.indent(root)
    content: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return {f"{core.module}.xml": content + b"\n"}


def _model(model: Xml.Element, core: StreamCore) -> None:
    view = _add(_add(model, "views"), "view")
    _add(view, "name", "rtl")
    _add(view, "componentInstantiationRef", core.module)
    instantiation = _add(_add(model, "instantiations"), "componentInstantiation")
    _add(instantiation, "name", core.module)
    _add(instantiation, "language", "SystemVerilog")
    _add(instantiation, "moduleName", core.module)
    for name in ("rtl", "memory") if core.images else ("rtl",):
        _add(_add(instantiation, "fileSetRef"), "localName", name)
    ports = _add(model, "ports")
    for port in core.ports:
        element = _add(ports, "port")
        _add(element, "name", port.name)
        wire = _add(element, "wire")
        _add(wire, "direction", "in" if port.input else "out")
        if port.bits:
            vector = _add(_add(wire, "vectors"), "vector")
            _add(vector, "left", str(port.bits - 1))
            _add(vector, "right", "0")


def _file_set(sets: Xml.Element, name: str, paths: Sequence[str]) -> None:
    if not paths:
        return
    files = _add(sets, "fileSet")
    _add(files, "name", name)
    for path in paths:
        file = _add(files, "file")
        _add(file, "name", path)
        if path.endswith(".sv"):
            _add(file, "fileType", "systemVerilogSource")
        else:
            _add(file, "fileType", "user").set("user", "memory image")


def _add(parent: Xml.Element, name: str, text: str | None = None) -> Xml.Element:
    child = Xml.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    child.text = text
    return child
