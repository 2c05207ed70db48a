"""An export as an IP for Vivado: what its component says is what its RTL has, and its streams simulate in its own folder.

No Vivado was at hand to read it. Its form is that of components that Vivado and Vitis HLS wrote.
"""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from export.running import passes, run

import hwflow as api
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.export.ip_core import Packets
from hwflow.export.vivado_ip import SPIRIT, XILINX, ip_files
from hwflow.export.write import Exported, write_export
from hwflow.handles import CompiledProject
from hwflow.ints import IntType
from hwflow.project import put
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import smallest
from hwflow.quantised.flow.export import ip_of
from hwflow.quantised.network import INPUT, Dense, Network, Node
from hwflow.quantised.project import QuantisedProject
from hwflow.shell.block_design import SOURCE

NAMES = {"s": SPIRIT, "x": XILINX}


@pytest.fixture
def behind_axi(tmp_path: Path) -> QuantisedProject:
    """Vectors of 96 bits, results of 60, through streams of 32 bits: three beats and two, the last of them not full."""
    weight = np.random.default_rng(1).integers(-1, 2, (5, 12))
    network = Network("12 to 5", 12, IntType(8, False), (Node("dense", Dense(weight, IntType(2, True)), (INPUT,)),))
    project = compile_network(network, find_board("pynq-z1"), Options(smallest(network), shell="axi"))
    return QuantisedProject.of(put(project, tmp_path / "project")[0])


def component(folder: Path) -> ElementTree.Element:
    return ElementTree.parse(folder / "component.xml").getroot()


def said(element: ElementTree.Element, path: str) -> list[str]:
    """The texts of the elements on a path of names of the standard's."""
    steps = "/".join(f"s:{name}" for name in path.split("/"))
    return [found.text or "" for found in element.iterfind(steps, NAMES)]


@pytest.mark.slow
def test_its_testbench_sends_packets_and_sees_a_fault(behind_axi: QuantisedProject, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    assert behind_axi.export(out, "vivado-ip").vectors == 1000
    (tmp_path / "project").rename(tmp_path / "gone")
    runs = passes(out, out)

    expected = out / "vectors/expected.hex"
    right = expected.read_text().splitlines()
    for bit in (0, 36, 37):  # data, TLAST, TUSER
        beats = list(right)
        beats[1501] = f"{int(beats[1501], 16) ^ 1 << bit:010x}"
        expected.write_text("\n".join(beats) + "\n")
        failed = run(runs, out)
        assert failed.returncode != 0 and "beat 1 of vector 750" in failed.stdout
        assert "FAIL: 1000 vectors, 1 beats differ" in failed.stdout + failed.stderr


def test_packets_hold_one_two_three_vectors_and_what_goes_along() -> None:
    packets = Packets(16, IntType(6, signed=True), np.array([[1, -1, 2]] * 4), user=True)
    assert (packets.bits, packets.beats, packets.used, packets.ends) == (20, 2, 20, {1, 3, 4})
    first, last, ends = "32fc1", "30000", "70000"  # 1, -1 and 2 are 18 bits, 02fc1 in hexadecimal
    assert packets.image().decode().split() == [first, ends, first, last, first, ends, first, ends]
    assert replace(packets, user=False).bits == 19


def test_the_component_has_the_ports_and_the_interfaces_of_its_top(
    behind_axi: QuantisedProject, tmp_path: Path
) -> None:
    """The top tells its interfaces in attributes, which Vivado reads of a module that is no IP."""
    behind_axi.export(tmp_path / "e", "vivado-ip", count=3)
    root, top = component(tmp_path / "e"), (tmp_path / "e/rtl/hwf_axi.v").read_text()
    declared = re.findall(r"^  (in|out)put +wire (?:\[(\d+):0\] )?(\w+)$", top.replace(",\n", "\n"), re.M)
    ports = [
        (*said(port, "wire/direction"), *(said(port, "wire/vector/left") or [""]), *said(port, "name"))
        for port in root.iterfind("s:model/s:ports/s:port", NAMES)
    ]
    assert ports == declared and len(ports) == 31

    attributes = re.findall(r'INFO = "(\S+) (\w+) (\w+)" \*\)(?:\s*\(\* X_INTERFACE_PARAMETER = "([^"]*)")?', top)
    wanted: dict[str, tuple[str, list[str], dict[str, str]]] = {}
    for kind, name, signal, parameters in attributes:
        _, signals, told = wanted.setdefault(name, (kind, [], {}))
        signals.append(signal)
        told.update(pair.split(" ") for pair in parameters.split(", ") if pair)
    found, mapped = {}, []
    for interface in root.iterfind("s:busInterfaces/s:busInterface", NAMES):
        kind = ":".join(interface.find("s:busType", NAMES).attrib.values())  # type: ignore[union-attr]
        rtl = ":".join(interface.find("s:abstractionType", NAMES).attrib.values())  # type: ignore[union-attr]
        assert rtl == re.sub(r":1\.0$", "_rtl:1.0", kind)
        told = dict(
            zip(
                said(interface, "parameters/parameter/name"), said(interface, "parameters/parameter/value"), strict=True
            )
        )
        [name] = said(interface, "name")
        found[name] = (kind, said(interface, "portMaps/portMap/logicalPort/name"), told)
        mapped += said(interface, "portMaps/portMap/physicalPort/name")
        assert (interface.find("s:master", NAMES) is not None) == (name in ("m_axis", "irq"))
    assert found == wanted and sorted(mapped) == sorted(name for _, _, name in ports)


def test_its_registers_have_an_address_block_that_its_interface_names(
    behind_axi: QuantisedProject, tmp_path: Path
) -> None:
    behind_axi.export(tmp_path / "e", "vivado-ip", count=3)
    root = component(tmp_path / "e")
    [reference] = root.iterfind(".//s:memoryMapRef", NAMES)
    assert said(root, "memoryMaps/memoryMap/name") == [reference.attrib[f"{{{SPIRIT}}}memoryMapRef"]] == ["s_axi"]
    [block] = root.iterfind("s:memoryMaps/s:memoryMap/s:addressBlock", NAMES)
    assert [said(block, name) for name in ("name", "baseAddress", "range", "width")] == [
        ["reg0"],
        ["0"],
        ["4096"],
        ["32"],
    ]


@pytest.mark.parametrize(("width", "keep"), [(32, "15"), (256, "0xFFFFFFFF"), (1024, f"0x{(1 << 128) - 1:X}")])
def test_inputs_that_a_design_leaves_open_do_no_harm(
    behind_axi: QuantisedProject, tmp_path: Path, width: int, keep: str
) -> None:
    core = ip_of(behind_axi.compiled, None, 3)
    files = ip_files(replace(core, axi=replace(core.axi, s_axis=width)))
    root = ElementTree.fromstring(files["component.xml"])
    given = {
        said(port, "name")[0]: (said(port, "wire/direction"), said(port, "wire/driver/defaultValue"))
        for port in root.iterfind("s:model/s:ports/s:port", NAMES)
    }
    ones = {"s_axis_tkeep": keep, "m_axis_tready": "1"}
    for name, (direction, value) in given.items():
        bus = direction == ["in"] and name not in ("aclk", "aresetn")
        assert value == ([ones.get(name, "0")] if bus else []), name


def test_its_file_sets_are_the_rtl_and_the_images_that_it_reads(behind_axi: QuantisedProject, tmp_path: Path) -> None:
    done = behind_axi.export(tmp_path / "e", "vivado-ip", count=3)
    root = component(tmp_path / "e")
    order = ["vendor", "library", "name", "version", "busInterfaces", "memoryMaps", "model", "fileSets", "description"]
    assert [child.tag for child in root] == [
        f"{{{SPIRIT}}}{name}" for name in [*order, "parameters", "vendorExtensions"]
    ]
    sets = {said(each, "name")[0]: said(each, "file/name") for each in root.iterfind("s:fileSets/s:fileSet", NAMES)}
    views = {
        said(view, "name")[0]: sets[said(view, "fileSetRef/localName")[0]]
        for view in root.iterfind("s:model/s:views/s:view", NAMES)
    }
    assert len(views) == len(sets) == 3
    synthesis = views["xilinx_anylanguagesynthesis"]
    assert synthesis == views["xilinx_anylanguagebehavioralsimulation"]
    assert sorted(synthesis) == [path for path in done.files if path.startswith("rtl/")]
    assert views["xilinx_xpgui"] == [path for path in done.files if path.startswith("xgui/")]
    listed = (tmp_path / "e/hwf_axi.f").read_text().split()
    assert listed == [path for path in synthesis if not path.endswith(".hex")]
    assert set(said(root, "model/views/view/modelName")) == {"hwf_axi"}

    net = (tmp_path / "e/rtl/hwf_net.sv").read_text()
    assert 'parameter MEMORY = "./"' in net and "memory/" not in net
    images = re.findall(r'MEMORY, "([^"]*\.hex)"', net)
    assert images and {f"rtl/{image}" for image in images} <= set(synthesis)
    kinds = {said(file, "name")[0]: said(file, "userFileType") for file in root.iterfind(".//s:file", NAMES)}
    assert all(kinds[f"rtl/{image}"] == ["mif"] for image in images)


def test_the_driver_of_the_project_goes_along_and_fits_its_rtl(behind_axi: QuantisedProject, tmp_path: Path) -> None:
    """The driver compares digests, which the top tells."""
    done = behind_axi.export(tmp_path / "e", "vivado-ip", count=3)
    drivers = [path for path in behind_axi.folder.files if path.startswith("driver/")]
    assert drivers and all((tmp_path / "e" / path).read_bytes() == behind_axi.folder.files[path] for path in drivers)
    same = [path for path in behind_axi.folder.files if path.startswith("rtl/") and path != "rtl/hwf_net.sv"]
    assert "rtl/hwf_top.sv" in same
    assert all((tmp_path / "e" / path).read_bytes() == behind_axi.folder.files[path] for path in same)
    assert done.module == "hwf_axi" and done.project == behind_axi.digest
    readme = (tmp_path / "e/README.md").read_text()
    assert "a vector is 12 integers of 8 bits (unsigned, 0 to 255) in 3 beats" in readme and "driver/" in readme


def test_its_name_begins_with_a_letter_and_its_revision_is_the_projects(
    behind_axi: QuantisedProject, tmp_path: Path
) -> None:
    core = ip_of(behind_axi.compiled, None, 3)
    revisions = []
    for place, made in enumerate((core, replace(core, project="0000001" + core.project[7:], title="…"))):
        exported = Exported(lambda: pytest.fail("no stream is asked for"), lambda made=made: made)  # type: ignore[misc]
        write_export(exported, "vivado-ip", tmp_path / str(place))
        root = component(tmp_path / str(place))
        assert said(root, "name") == [("net_12_to_5", "hwf_axi")[place]]
        revisions += [found.text for found in root.iterfind(".//x:coreRevision", NAMES)]
    assert revisions == [str(int(core.project[:7], 16)), "1"]


def test_a_net_that_reads_no_images_names_none(tiny_model: Path, tmp_path: Path) -> None:
    """Its weights are wires, at the folding of a large board."""
    project = api.load(tiny_model).compile("pynq-z1", tmp_path / "p", shell="axi", no_check=True)
    done = project.export(tmp_path / "e", "vivado-ip", count=3)
    assert not any(path.startswith("rtl/") and path.endswith(".hex") for path in done.files)
    assert "mif" not in (tmp_path / "e/component.xml").read_text()
    assert "MEMORY" not in (tmp_path / "e/tb/hwf_axi_tb.sv").read_text() + (tmp_path / "e/rtl/hwf_net.sv").read_text()
    project.export(tmp_path / "l", "litex", count=3)
    for path in ("hwf_net.py", "rtl/hwf_net.sv", "hwf_net_template.sv"):
        assert "MEMORY" not in (tmp_path / "l" / path).read_text()
    assert "which reads no memory images" in (tmp_path / "l/README.md").read_text()


def test_a_project_without_axi_is_refused(project: CompiledProject, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match="has no ports of AXI, as an IP for Vivado wants them; compile it with --shell axi."
    ):
        project.export(tmp_path / "e", "vivado-ip")
    assert not (tmp_path / "e").exists()


def test_a_project_whose_top_has_other_ports_than_the_component_would_is_refused(
    behind_axi: QuantisedProject, tmp_path: Path
) -> None:
    project = behind_axi.folder.project
    text = project.files[SOURCE].decode()
    wider = text.replace("[31:0] s_axis_tdata", "[63:0] s_axis_tdata")
    assert wider != text
    changed = replace(project, files={**project.files, SOURCE: wider.encode()})
    with pytest.raises(UserError, match="has not the ports that this hwflow gives it; compile it again."):
        QuantisedProject.of(put(changed, tmp_path / "changed")[0]).export(tmp_path / "e", "vivado-ip")
    assert not (tmp_path / "e").exists()
