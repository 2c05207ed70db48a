"""`hwflow export` and `project.export`: what an engineer gets simulates in its own folder, and nothing else is touched."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml
from commandline import Hwflow
from export.running import passes, run

import hwflow as api
from hwflow.errors import UserError
from hwflow.export.core import Stream
from hwflow.export.ipxact import NAMESPACE
from hwflow.export.write import Exported, write_export
from hwflow.handles import CompiledProject
from hwflow.ints import IntType
from hwflow.quantised.flow.export import core_of


@pytest.mark.slow
def test_the_testbench_of_a_file_list_passes_and_sees_a_fault(project: CompiledProject, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    assert project.export(out).vectors == 1000
    (tmp_path / "project").rename(tmp_path / "gone")
    runs = passes(out, out)

    expected = out / "vectors/expected.hex"
    beats = expected.read_text().splitlines()
    beats[1501] = f"{int(beats[1501], 16) ^ 1:03x}"
    expected.write_text("\n".join(beats) + "\n")
    failed = run(runs, out)
    assert failed.returncode != 0 and "beat 1 of vector 750" in failed.stdout
    assert "FAIL: 1000 vectors, 1 beats differ" in failed.stdout + failed.stderr


@pytest.mark.slow
def test_fusesoc_runs_the_testbench_from_the_core_file(project: CompiledProject, tmp_path: Path) -> None:
    pytest.importorskip("fusesoc", reason="FuseSoC is not installed")
    out = tmp_path / "elsewhere"
    assert project.export(out, "fusesoc").vectors == 1000
    (tmp_path / "project").rename(tmp_path / "gone")
    [command] = re.findall(r"^fusesoc .*$", (out / "README.md").read_text(), re.M)
    done = run(command.split(), out)
    assert done.returncode == 0 and "PASS: 1000 vectors, 0 mismatches" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(("title", "name"), [("tiny net", "tiny_net"), ("a/b: c-d", "a_b_c_d"), ("…", "hwf_net")])
def test_a_core_file_names_every_file_and_a_plain_identifier(
    project: CompiledProject, tmp_path: Path, title: str, name: str
) -> None:
    compiled = project.compiled
    core = replace(core_of(compiled, None, 3), title=title)  # type: ignore[arg-type]
    exported = Exported(lambda: core, lambda: pytest.fail("no AXI is asked for"))
    done = write_export(exported, "fusesoc", tmp_path / "e")
    first, text = (tmp_path / "e/hwf_net.core").read_text().split("\n", 1)
    document = yaml.safe_load(text)
    assert first == "CAPI=2:" and document["name"] == f"hwflow:nets:{name}:1.0.0" and title in document["description"]
    named = {
        path
        for files in document["filesets"].values()
        for entry in files["files"]
        for path in ([entry] if isinstance(entry, str) else entry)
    }
    assert named == {path for path in done.files if path.startswith(("rtl/", "memory/", "tb/", "vectors/"))}


def test_an_ip_xact_component_has_the_modules_ports_and_names_the_files_that_are_simulated(
    project: CompiledProject, tmp_path: Path
) -> None:
    """Its structure; the schema itself is not among hwflow's files."""
    done = project.export(tmp_path / "e", "ipxact", count=3)
    root = ElementTree.parse(tmp_path / "e/hwf_net.xml").getroot()
    names = {"x": NAMESPACE}
    order = ["vendor", "library", "name", "version", "model", "fileSets", "description"]
    assert [child.tag for child in root] == [f"{{{NAMESPACE}}}{name}" for name in order]
    ports = [
        (
            port.findtext("x:name", None, names),
            port.findtext(".//x:direction", None, names),
            port.findtext(".//x:left", None, names),
        )
        for port in root.iterfind(".//x:port", names)
    ]
    module = (tmp_path / "e/rtl/hwf_net.sv").read_text()
    declared = re.findall(r"^    (in|out)put +logic (?:\[(\d+):0\] )?(\w+),?$", module, re.M)
    assert ports == [(name, way, left or None) for way, left, name in declared] and len(ports) == 8
    sets = {
        each.findtext("x:name", None, names): [
            file.findtext("x:name", "", names) for file in each.iterfind("x:file", names)
        ]
        for each in root.iterfind(".//x:fileSet", names)
    }
    assert [*sets["rtl"], *sets["testbench"]] == (tmp_path / "e/hwf_net_tb.f").read_text().split()
    assert {*sets["memory"], *sets["vectors"]} == {path for path in done.files if path.endswith(".hex")}
    referred = {name.text for name in root.iterfind(".//x:localName", names)}
    assert referred == {"rtl", "memory"}


def test_all_that_the_lists_and_the_rtl_name_is_there(project: CompiledProject, tmp_path: Path) -> None:
    done = project.export(tmp_path / "e", count=3)
    there = {str(path.relative_to(tmp_path / "e")) for path in (tmp_path / "e").rglob("*") if path.is_file()}
    assert there == {*done.files, "export.json"}
    listed = (tmp_path / "e/hwf_net_tb.f").read_text().split()
    assert set(listed) <= there and {name for name in there if name.startswith("rtl/")} < set(listed)
    images = re.findall(r'MEMORY, "([^"]*\.hex)"', (tmp_path / "e/rtl/hwf_net.sv").read_text())
    assert images and {f"memory/{image}" for image in images} <= there
    assert done.project == project.digest and done.project in (tmp_path / "e/README.md").read_text()
    assert "Apache License" in (tmp_path / "e/LICENSE").read_text()


def test_the_template_tells_every_port_and_the_padding(project: CompiledProject, tmp_path: Path) -> None:
    project.export(tmp_path / "e", count=3)
    text = (tmp_path / "e/hwf_net_template.sv").read_text()
    module = (tmp_path / "e/rtl/hwf_net.sv").read_text()
    ports = re.findall(r"^    (?:input |output) logic (?:\[.*\] )?(\w+),?$", module, re.M)
    assert len(ports) == 8 and re.findall(r"^      \.(\w+)\(", text, re.M) == ports
    for width, port in re.findall(r"logic (\[.*\]) (\w_data)", module):
        assert f"logic {width} {port};" in text
    assert "4 integers of 4 bits (unsigned, 0 to 15) in 2 beats of 3" in text
    assert "Its last beat holds 1, in s_data[3:0]" in text


def test_beats_hold_the_first_element_lowest() -> None:
    stream = Stream("s", 3, 2, IntType(5, signed=True), np.array([[1, -1, 2], [-16, 15, 0]]))
    assert (stream.bits, stream.beats, stream.last) == (10, 2, 1)
    assert stream.image() == b"3e1\n002\n1f0\n000\n"


@pytest.mark.slow
def test_the_verb_exports_again_and_refuses_in_a_sentence(
    hwflow: Hwflow, project: CompiledProject, tmp_path: Path
) -> None:
    for count in (5, 7):
        done = hwflow("export", "project", "--out", "e", "--count", count, "--json")
        assert done.status == 0 and done.json["vectors"] == count, done.err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/note").write_text("kept")
    for words, sentence in (
        (["--out", "mine"], "mine holds other files and no export; name another folder"),
        (["--out", "folding.json"], "already exists"),
        (["--out", "n", "--as", "pcb"], "'pcb' is no form of export; hwflow has filelist"),
        (["--out", "n", "--count", "0"], "give --count 1 or more"),
        (["--out", "n", "--as", "vivado-ip"], "has no ports of AXI"),
        (["--out", "mine", "--as", "litex"], "mine holds other files"),
    ):
        wrong = hwflow("export", "project", *words)
        assert wrong.status == 2 and sentence in wrong.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["note"] and not (tmp_path / "n").exists()


def test_weights_that_a_host_writes_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    loaded = api.load(tiny_model).compile("sim", tmp_path / "p", weights="loaded", no_check=True)
    with pytest.raises(UserError, match="a core has no host; compile it with constant weights"):
        loaded.export(tmp_path / "e")
    assert not (tmp_path / "e").exists()
