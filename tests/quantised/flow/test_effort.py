"""Other foldings of a compiled net: which are tried, and that the best of them takes the project's place."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.progress import silent
from hwflow.project import ProjectFolder, put
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.flow import effort as flow
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, Node, Threshold
from hwflow.quantised.project import QuantisedProject
from hwflow.quantised.report.check import CHECK
from hwflow.tool import effort
from hwflow.tool.build import Build
from hwflow.tool.effort import effort_in

ICE = find_board("icebreaker")


def network() -> Network:
    rng, kind = np.random.default_rng(0), IntType(2, True)
    nodes = (
        Node("dense0", Dense(rng.integers(-1, 2, (8, 16)), kind), (INPUT,)),
        Node(
            "t0",
            Threshold(np.sort(rng.integers(-4, 4, (8, 3)), axis=1), np.zeros(8, bool), 0, IntType(2, False)),
            ("dense0",),
        ),
        Node("dense1", Dense(rng.integers(-1, 2, (4, 8)), kind), ("t0",)),
        Node("top", ArgMax(np.ones(4, np.int64), np.zeros(4, np.int64)), ("dense1",)),
    )
    return Network("net", 16, kind, nodes)


def project(folder: Path, fold: Fold, *, loaded: bool = False) -> QuantisedProject:
    folding = Folding({"dense0": fold, "dense1": Fold(1, 8)})
    made = compile_network(network(), ICE, Options(folding.with_loaded_weights() if loaded else folding))
    put(made, folder, {CHECK: b"{}"})
    return QuantisedProject.of(ProjectFolder.read(folder, trust=True))


def tools(monkeypatch: pytest.MonkeyPatch, fastest: int) -> None:
    """In place of the tools: what takes fewer cycles than `fastest` misses its clock by much."""

    def build(folder: ProjectFolder, *_: object, **__: object) -> Build:
        (folder.path / "build").mkdir(exist_ok=True)
        cycles = QuantisedProject.of(folder).compiled.design.prediction.initiation_interval
        clock = 20.0 if cycles >= fastest else 5.0
        return Build(folder.digest, ICE.name, 1, 1, 1, 0, {}, clock, 12.0, clock > 12, "x.bin", False, (), {})

    monkeypatch.setattr(effort, "build_project", build)


def interval(folder: Path) -> int:
    return QuantisedProject.of(ProjectFolder.read(folder)).compiled.design.prediction.initiation_interval


@pytest.mark.parametrize("loaded", [False, True])
def test_the_fastest_that_is_met_takes_the_projects_place(
    loaded: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools(monkeypatch, 4)
    slow = project(tmp_path / "p", Fold(1, 1), loaded=loaded)
    assert interval(tmp_path / "p") == 128
    build = slow.build(effort=100.0)
    assert interval(tmp_path / "p") == 4 and build.timing_met
    after = ProjectFolder.read(tmp_path / "p")
    assert QuantisedProject.of(after).differs() == ()  # what compiling its own net gives
    assert (tmp_path / "p" / CHECK).read_bytes() == b"{}"
    tried = effort_in(tmp_path / "p", build.project)
    assert tried is not None and [a.cycles for a in tried.attempts if a.met][-1] == 4
    assert ("hwf_loaded_device" in str(after.files["rtl/hwf_top.sv"])) == loaded


def test_what_misses_is_folded_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools(monkeypatch, 16)
    project(tmp_path / "p", Fold(8, 4)).build(effort=100.0)
    assert interval(tmp_path / "p") == 16


def test_designs_are_some_steps_apart_and_fit_by_estimate(tmp_path: Path) -> None:
    compiled = project(tmp_path / "p", Fold(1, 1)).compiled
    designs = list(flow._others(compiled, 64))
    assert sorted(design.cycles for design in designs) == [1, 2, 4, 8, 16, 32, 128]
    made = {design.cycles: design.make(tmp_path / str(design.cycles)) for design in designs}
    kinds = {cycles: "hardwired" in str(each.files["folding.json"]) for cycles, each in made.items()}
    assert kinds == {cycles: cycles == 1 for cycles in kinds}


def test_another_backend_is_refused(tmp_path: Path) -> None:
    compiled = project(tmp_path / "p", Fold(1, 1)).compiled
    finn = replace(compiled, design=replace(compiled.design, backend="finn"))
    with pytest.raises(UserError, match="build without --effort"):
        flow.build_best(finn, 9.0, silent)
