"""What is asked of a folding: limits are kept, and what cannot be met says what is too little and what is nearest."""

import re
from dataclasses import replace

import numpy as np
import pytest
from quantised.networks import random_network

from hwflow.board import Board, find_board
from hwflow.errors import UserError
from hwflow.quantised.backend.dataflow import Options, folding_for
from hwflow.quantised.backend.estimate import estimate
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.flow.request import Request
from hwflow.resources import Resources

NETWORK = random_network(np.random.default_rng(11), largest=16, bits=2)


def need(options: Options, board: Board) -> tuple[Resources, int]:
    units = units_of(NETWORK, folding_for(NETWORK, board, options))
    return estimate(units, board.family), max(unit.cycles for unit in units)


def test_a_limit_is_kept_and_costs_cycles() -> None:
    board = find_board("ulx3s-85f")
    free, fast = need(Options(), board)
    middle = (free.luts + need(Options(target_fps=1.0), board)[0].luts) // 2
    less, slow = need(Options(max_luts=middle), board)
    assert less.luts <= middle < free.luts and slow > fast
    assert need(Options(max_brams=free.brams), board) == (free, fast)


def test_a_limit_that_nothing_keeps_names_the_nearest() -> None:
    board = find_board("icebreaker")
    least = need(Options(target_fps=1.0), board)[0]
    sentence = f"By estimate no folding of {NETWORK.name} is within 1,000 LUTs and 7 block RAMs on icebreaker; .* {least.luts:,},"
    with pytest.raises(UserError, match=sentence):
        folding_for(NETWORK, board, Options(max_luts=1000, max_brams=7))


@pytest.mark.parametrize(("kind", "what"), [("luts", "LUTs"), ("ffs", "flip-flops")])
def test_a_goal_out_of_reach_says_what_is_too_little(kind: str, what: str) -> None:
    board = find_board("ulx3s-85f")
    assert board.resources is not None
    least = need(Options(target_fps=1.0), board)[0]
    small = replace(board, resources=replace(board.resources, **{kind: int(getattr(least, kind) / 0.85) + 40}))
    with pytest.raises(UserError) as caught:
        folding_for(NETWORK, small, Options(target_fps=float(board.clock_hz)))
    assert re.search(
        rf"room for [\d,]+ vectors a second, not for 2.5e\+07: {what} are too few; aim lower", str(caught.value)
    )


def test_limits_beside_a_folding_or_below_nothing_are_refused(tmp_path: object) -> None:
    with pytest.raises(UserError, match="--max-luts -1 is no limit"):
        Request(max_luts=-1)
    with pytest.raises(UserError, match="--folding and --max-brams both say"):
        Request(folding=tmp_path, max_brams=3)  # type: ignore[arg-type]
