"""Choosing by synthesis: what was measured is told and kept, and the project can be compiled again without it."""

import json
from pathlib import Path

import numpy as np
import pytest
from needs import needs_pyosys
from quantised.networks import random_network

from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.progress import silent
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import Options, compile_network, folding_for
from hwflow.quantised.backend.estimate import estimate, measured_as
from hwflow.quantised.backend.folding import parse_folding
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.flow.compilation import compilation_of
from hwflow.quantised.flow.dataflow import DATAFLOW
from hwflow.quantised.flow.request import Request
from hwflow.quantised.tool.unit_cost import unit_costs


@pytest.mark.slow
def test_the_choice_rests_on_units_synthesised_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_pyosys("measuring needs pyosys")
    monkeypatch.setenv("HWFLOW_CACHE", str(tmp_path / "cache"))
    network, board = random_network(np.random.default_rng(3), largest=6, bits=2), find_board("icebreaker")
    folder, _ = DATAFLOW.compile(Path(), network, board, tmp_path / "p", Request(measure=True), silent)
    compiled = Compiled.of(folder)
    guess = compiled.design.estimate
    units = units_of(network, parse_folding(folder.files["folding.json"], network, "folding.json"))
    assert guess.measured == tuple(unit.name for unit in units) and not guess.unfitted
    measured = dict(zip(map(measured_as, units), unit_costs(units, "ice40"), strict=True))
    need = estimate(units, "ice40", measured)
    assert (guess.luts, guess.ffs, guess.brams) == (need.luts, need.ffs, need.brams)
    assert any("synthesised alone" in str(part) for part in compilation_of(compiled, kept=False).words())
    assert folder.project.differing(DATAFLOW.again(compiled)) == ()
    # The next time nothing is synthesised.
    monkeypatch.setattr("hwflow.tool.cells.run_tool", None)
    assert DATAFLOW.compile(Path(), network, board, tmp_path / "p", Request(measure=True), silent)[1]


def test_hardwired_layers_are_told_with_the_error_of_others() -> None:
    network = random_network(np.random.default_rng(3), largest=6, bits=2)
    names = [
        name for name, fold in folding_for(network, find_board("icebreaker"), Options()).folds.items() if fold.levels
    ]
    for board, counted in (("icebreaker", names), ("sim", [])):
        guess = compile_network(network, find_board(board)).files["design.json"].decode()
        told = json.loads(guess)["estimate"]
        assert told["hardwired"] == counted and (told["worst_hardwired"] is not None) == bool(counted)
    assert names


def test_the_simulated_board_has_nothing_to_measure_for(tmp_path: Path) -> None:
    network = random_network(np.random.default_rng(3), largest=6)
    with pytest.raises(UserError, match="has no part for which units could be measured"):
        DATAFLOW.compile(Path(), network, find_board("sim"), tmp_path / "p", Request(measure=True), silent)
