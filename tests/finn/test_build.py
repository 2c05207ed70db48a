"""FINN's whole build, with impostors as the vendor's tools: it goes through, tells each failure, and goes on from there."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from finn.nets import compile_with_finn
from quantised.qonnx_graphs import Graph

from hwflow.errors import MissingTool, ToolError
from hwflow.finn.backend import FINN_BACKEND
from hwflow.finn.build import STEPS, build_place
from hwflow.progress import silent
from hwflow.project import Project, ProjectFolder
from hwflow.tool.build import Build

pytestmark = [pytest.mark.finn, pytest.mark.slow]
IMPOSTOR = Path(__file__).with_name("impostor.py")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small net through FINN's compiler."""
    folder = tmp_path_factory.mktemp("a folder of $(own)")
    rng, graph = np.random.default_rng(1), Graph(shape=(1, 8))
    x = graph.quant("x", 1.0, 4, signed=0)
    for rows in (6, 4):
        size = 8 if rows == 6 else 6
        x = graph.node("MatMul", x, graph.weights(rng.integers(-1, 2, (size, rows)), 1.0, 2, narrow=1))
        if rows == 6:
            x = graph.quant(graph.node("Relu", x), 2.0, 2, signed=0)
    model = graph.save(folder / "small.onnx", x)
    compile_with_finn(model, "pynq-z1", folder / "small")
    return folder / "small"


@pytest.fixture
def folder(compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, and FINN's builds in a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(shutil.copytree(compiled, tmp_path / 'a "place" of; $(own)'))


@pytest.fixture
def mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Impostors of Vivado and Vitis HLS on PATH that do as the file says."""
    suite = tmp_path / "Xilinx/Vivado/2022.2"
    suite.mkdir(parents=True)
    for name in ("vivado", "vitis_hls"):
        (suite / name).write_text(f"#!{sys.executable}\n{IMPOSTOR.read_text()}")
        (suite / name).chmod(0o755)
    (suite / "mode").write_text("well")
    monkeypatch.setenv("PATH", str(suite), prepend=":")
    monkeypatch.setenv("XILINX_VIVADO", str(suite))
    return suite / "mode"


def test_an_impostor_runs_the_road_and_is_no_build(mode: Path, folder: Path) -> None:
    told: list[str] = []
    build = FINN_BACKEND.build(ProjectFolder.read(folder), lambda what, share=None: told.append(what), None)
    assert [line for line in told if line.startswith("FINN: ")] == [f"FINN: {step}" for step in STEPS]
    assert (build.luts, build.ffs, build.brams, build.dsps) == (4321, 5432, 6, 7)
    assert build.bitstream is not None and (folder / build.bitstream).read_text() == "bits"
    assert build.timing_met and build.fmax_mhz == 105.26  # 10 ns, 0.5 ns to spare
    assert build.tools["vivado"] == "2022.2" and not build.estimate
    assert build.impostor and not build.right and Build.from_folder(folder) == build
    for part in ("bitfile/finn-accel.hwh", "driver", "deploy/bitfile", "report/post_synth_resources.json"):
        assert (folder / "build/finn" / part).exists()
    assert FINN_BACKEND.commands(ProjectFolder.read(folder))[0] == "FINN: hw_codegen"


def test_timing_that_is_not_met_is_told(mode: Path, folder: Path) -> None:
    mode.write_text("timing")
    assert FINN_BACKEND.build(ProjectFolder.read(folder), silent, None).timing_met is False


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("licence", "synthesize_bitfile failed: .*A valid license was not found"),
        *(
            pytest.param(fault, f"synthesize_bitfile failed: .*{cause}", marks=pytest.mark.long)
            for fault, cause in (
                ("disk full", "No space left on device"),
                ("crash", r"Abnormal program termination \(11\)"),
            )
        ),
        ("no bitfile", "synthesize_bitfile failed: .*no bitfile found"),
    ],
)
def test_a_failure_is_told_and_the_next_build_goes_on_from_there(
    mode: Path, folder: Path, fault: str, cause: str
) -> None:
    mode.write_text(fault)
    with pytest.raises(ToolError, match=cause):
        FINN_BACKEND.build(ProjectFolder.read(folder), silent, None)
    assert not (folder / "build.json").exists() and not (folder / "build/finn").exists()
    assert (folder / "build/finn.log").stat().st_size > 0
    mode.write_text("well")
    told: list[str] = []
    FINN_BACKEND.build(ProjectFolder.read(folder), lambda what, share=None: told.append(what), None)
    assert "FINN: synthesize_bitfile" in told and "FINN: hw_codegen" not in told


def test_without_vivado_only_the_estimate_is_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XILINX_VIVADO", raising=False)
    with pytest.raises(MissingTool, match=r"2022\.2 or 2024\.2 .* FINN's estimate: LUTs not estimated, \d+ block RAMs"):
        FINN_BACKEND.build(ProjectFolder.read(folder), silent, None)


def test_another_release_is_refused(mode: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "2021.1").mkdir()
    monkeypatch.setenv("XILINX_VIVADO", str(tmp_path / "2021.1"))
    with pytest.raises(MissingTool, match="this is Vivado 2022.2, in .*2021.1"):
        FINN_BACKEND.build(ProjectFolder.read(folder), silent, None)


def test_the_place_of_a_build_is_plain(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.load(folder)
    assert build_place(project).name == project.digest[:16]
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    assert str(build_place(project)).startswith("/var/tmp/hwflow-")
