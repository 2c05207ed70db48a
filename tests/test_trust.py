"""Projects from elsewhere: tools run on what compiling their own nets gives, and on nothing else unless it is trusted."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from quantised.networks import random_network
from spiking.nets import random_core
from spiking.nets import random_network as random_spiking

import hwflow
from hwflow.board import find_board
from hwflow.cli import app, perform
from hwflow.errors import UserError
from hwflow.handles import CompiledProject
from hwflow.paths import data_folder
from hwflow.progress import silent
from hwflow.project import DESIGN, MANIFEST, Project
from hwflow.quantised.flow.dataflow import DATAFLOW
from hwflow.quantised.flow.request import Request
from hwflow.shell.build_digest import sealed
from hwflow.spiking.backend.core import SpikingOptions
from hwflow.spiking.flow.compilation import compile_imported
from hwflow.spiking.frontend.model import from_network
from hwflow.tool.cache import VARIABLE

TOP = "rtl/hwf_top.sv"
VERBS = (["simulate"], ["build"], ["run", "--port", "sim"], ["serve"], ["program"])


def quantised(out: Path, board: str = "icebreaker", baud: int | None = None) -> Path:
    network = random_network(np.random.default_rng(1), largest=8, bits=2)
    DATAFLOW.compile(Path("model.onnx"), network, find_board(board), out, Request(None, None, baud), silent)
    return out


def spiking(out: Path, board: str = "icebreaker", options: SpikingOptions | None = None) -> Path:
    rng = np.random.default_rng(2)
    network = random_spiking(rng, random_core(rng, everything=True), extreme=False)
    compile_imported(from_network(network), find_board(board), out, options or SpikingOptions(), silent)
    return out


MAKERS = (quantised, spiking)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """Makes this another user: what was compiled until then is nothing of theirs."""
    return lambda: monkeypatch.setenv(VARIABLE, str(tmp_path / "another cache"))


def resign(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put other files in place, and sign the project again, as anybody can."""
    good = Project.load(folder)
    sealed(Project(files, good.top, good.board)).save(folder)


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """The one sentence of a command that ends with exit status 2."""
    assert perform(app, list(map(str, words))) == 2
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert len(lines) == 1 and said.out == ""
    return lines[0]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("board", ["sim", "icebreaker", "tangnano9k", "ulx3s-85f", "arty-a7-35t"])
def test_a_project_is_what_compiling_its_own_net_gives(
    make: Callable[[Path, str], Path], board: str, tmp_path: Path, elsewhere: Callable[[], None]
) -> None:
    made = make(tmp_path / "p", board)
    moved = tmp_path / "moved"
    shutil.move(made, moved)
    elsewhere()
    project = hwflow.open_project(moved)
    assert project.differs() == ()
    project.vouch()


def test_also_with_options_of_its_own(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    narrow = SpikingOptions(lanes=1, axons=64, neurons=64, without=("counters",), baud=9600)
    folders = (quantised(tmp_path / "q", "sim", 9600), spiking(tmp_path / "s", "icebreaker", narrow))
    elsewhere()
    assert [hwflow.open_project(folder).differs() for folder in folders] == [(), ()]


def test_also_on_a_board_of_somebody_elses(tmp_path: Path, elsewhere: Callable[[], None]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text((data_folder("boards") / "icebreaker.toml").read_text())
    folder = quantised(tmp_path / "p", str(file))
    file.unlink()
    elsewhere()
    assert hwflow.open_project(folder).differs() == ()


def test_ones_own_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = quantised(tmp_path / "p")
    shutil.copytree(folder, tmp_path / "copy")
    project = hwflow.open_project(tmp_path / "copy")
    monkeypatch.setattr(type(project), "again", lambda self: pytest.fail("compiled again"))
    project.vouch()


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_rtl_with_a_command_in_it_runs_nowhere(
    make: Callable[[Path], Path], verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, marker = make(tmp_path / "p"), tmp_path / "marker"
    files = Project.load(folder).files
    command = f'  initial $system("touch {marker}");\nendmodule'
    resign(folder, {**files, TOP: files[TOP].replace(b"endmodule", command.encode())})
    said = refused(capsys, verb[0], folder, *verb[1:])
    assert said == (
        f"The project in {folder} is not what compiling its own net gives by this version of hwflow ({TOP} differs); "
        "compile it yourself, or take it as it is with --trust."
    )
    assert not marker.exists()


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
@pytest.mark.parametrize(
    "fields",
    [
        {"top": "hwf_top; exec -- touch marker"},
        {"files": ["../marker"]},
        {"files": ["/etc/passwd"]},
        {"files": [f"rtl/{i}.sv" for i in range(20_000)]},
    ],
    ids=["top", "above", "absolute", "huge"],
)
def test_a_hostile_manifest_is_refused_also_if_it_is_trusted(
    fields: dict[str, object], verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    folder = quantised(tmp_path / "p")
    document = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(document | fields))
    assert "compile it again" in refused(capsys, verb[0], folder, *verb[1:], "--trust")
    assert not list(tmp_path.rglob("marker"))


def test_a_link_out_of_the_folder_is_refused(
    tmp_path: Path, elsewhere: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = quantised(tmp_path / "p")
    (tmp_path / "theirs").mkdir()
    (folder / "build").symlink_to(tmp_path / "theirs")
    assert "holds 'build', a link that leads out of it" in refused(capsys, "build", folder)
    elsewhere()
    assert "holds 'build', a link that leads out of it" in refused(capsys, "build", folder)
    assert list((tmp_path / "theirs").iterdir()) == []


def test_a_layers_name_cannot_be_rtl(tmp_path: Path) -> None:
    """Else compiling such a net would give the same hostile RTL again."""
    folder = quantised(tmp_path / "p")
    files = dict(Project.load(folder).files)
    files["network.json"] = files["network.json"].replace(b'"dense0"', b'"a (); initial $system(1); x b"')
    resign(folder, files)
    with pytest.raises(UserError, match="has a name that RTL cannot hold"):
        hwflow.open_project(folder)


@pytest.mark.parametrize(
    ("make", "path", "said"),
    [
        (quantised, "folding.json", "is not a folding file"),
        (quantised, "memory/more.hex", r"memory/more.hex and 1 more differ"),
        (spiking, "constraints/hwf_top.pcf", r"constraints/hwf_top.pcf and 1 more differ"),
    ],
)
def test_what_differs_is_said(make: Callable[[Path], Path], path: str, said: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "p")
    resign(folder, {**Project.load(folder).files, path: b"other"})
    project = hwflow.open_project(folder)
    project.compilation()  # reading is free
    assert project.commands()
    with pytest.raises(UserError, match=said):
        project.vouch()


def test_a_design_that_is_not_of_its_net_is_refused(tmp_path: Path) -> None:
    folder = spiking(tmp_path / "p")
    files = dict(Project.load(folder).files)
    document = json.loads(files[DESIGN])
    document["core"]["state_bits"] += 1
    resign(folder, {**files, DESIGN: json.dumps(document).encode()})
    with pytest.raises(UserError, match="and [0-9] more differ"):
        hwflow.open_project(folder).vouch()


def opened_with_other_rtl(folder: Path) -> CompiledProject:
    files = Project.load(folder).files
    resign(folder, {**files, TOP: files[TOP] + b"// by hand\n"})
    return hwflow.open_project(folder, trust=True)


def test_a_trusted_one_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened_with_other_rtl(quantised(tmp_path / "p")).vouch()
    assert f"({TOP} differs); it is taken as it is." in capsys.readouterr().err


@pytest.mark.slow
def test_a_trusted_one_is_simulated_and_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened_with_other_rtl(quantised(tmp_path / "p"))
    for verb in ("simulate", "build"):
        assert perform(app, [verb, str(tmp_path / "p"), "--trust"]) == 0
        assert f"({TOP} differs); it is taken as it is." in capsys.readouterr().err
    assert (tmp_path / "p/build/hwf_top.bin").is_file()


@pytest.mark.slow
def test_anothers_project_is_simulated_without_a_word(
    tmp_path: Path, elsewhere: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = quantised(tmp_path / "p")
    elsewhere()
    assert perform(app, ["simulate", str(folder)]) == 0
    assert "is not what" not in capsys.readouterr().err
