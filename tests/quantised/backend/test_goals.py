"""What is asked of a folding: limits are kept, and what cannot be met says what is too little and what is nearest."""

import re
from dataclasses import replace

import numpy as np
import pytest
from quantised.networks import random_network

from hwflow.board import Board, find_board
from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.backend.dataflow import Options, folding_for
from hwflow.quantised.backend.estimate import estimate
from hwflow.quantised.backend.schedule import predict
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.flow.request import Request
from hwflow.quantised.network import INPUT, Dense, Network, Node
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


def test_what_is_asked_may_take_what_is_left_unasked() -> None:
    """A rate, or a limit above what is taken unasked: up to the whole part."""
    board = find_board("ulx3s-85f")
    assert board.resources is not None
    free, fast = need(Options(), board)
    small = replace(board, resources=replace(board.resources, luts=free.luts + 10))
    less, slow = need(Options(), small)
    assert less.luts < small.resources.luts * 0.85 and slow > fast
    for asked in (Options(target_fps=board.clock_hz / fast), Options(max_luts=free.luts)):
        full, reached = need(asked, small)
        assert free.luts >= full.luts > small.resources.luts * 0.85 and reached == fast


def test_hardwired_layers_may_take_more_of_a_part_unasked() -> None:
    board = find_board("icebreaker")
    assert board.resources is not None

    def on(luts: int) -> tuple[Resources, int]:
        assert board.resources is not None
        return need(Options(), replace(board, resources=replace(board.resources, luts=luts)))

    folding = folding_for(NETWORK, replace(board, resources=replace(board.resources, luts=100_000)), Options())
    assert all(fold.levels for fold in folding.folds.values())
    free, fast = on(100_000)
    assert fast == 1 and on(int(free.luts / 0.91)) == (free, fast)
    less, slow = on(int(free.luts / 0.93))
    assert less.luts < free.luts and slow > fast


def test_limits_that_only_together_bind_name_the_nearest() -> None:
    board = find_board("icebreaker")
    sentence = (
        f"no folding of {NETWORK.name} on icebreaker is within 1,000 LUTs and 4 block RAMs: no limit binds alone; "
    )
    least = need(Options(target_fps=1.0), board)[0]
    with pytest.raises(UserError, match=f"{sentence}the one of fewest LUTs takes {least.luts:,},"):
        folding_for(NETWORK, board, Options(max_luts=1000, max_brams=4))


def test_a_limit_that_binds_alone_says_how_near_one_comes() -> None:
    board = find_board("icebreaker")
    least = need(Options(target_fps=1.0), board)[0].luts
    sentence = f"LUTs binds; {least:,} LUTs where 1,000 may be taken would do"
    with pytest.raises(UserError, match=sentence):
        folding_for(NETWORK, board, Options(max_luts=1000, max_brams=20))
    assert need(Options(max_luts=least), board)[0].luts == least
    with pytest.raises(UserError, match="LUTs binds"):
        folding_for(NETWORK, board, Options(max_luts=least - 1))


@pytest.mark.parametrize(("kind", "what", "name"), [("luts", "LUTs", "ulx3s-85f"), ("ffs", "flip-flops", "icebreaker")])
def test_a_goal_out_of_reach_says_what_is_too_little(kind: str, what: str, name: str) -> None:
    board = find_board(name)
    assert board.resources is not None
    least = need(Options(target_fps=1.0), board)[0]
    small = replace(board, resources=replace(board.resources, **{kind: getattr(least, kind) + 40}))
    with pytest.raises(UserError) as caught:
        folding_for(NETWORK, small, Options(target_fps=float(board.clock_hz)))
    message = str(caught.value)
    gives = re.escape(f"gives {board.clock_hz:g} vectors a second")
    assert re.search(rf"{gives}: {what} and the rate bind; [\d,]+ {what} where", message)
    rate = re.search(r"([\d,]+) vectors a second in place of", message)
    assert rate is not None
    fps = float(rate[1].replace(",", ""))
    folding_for(NETWORK, small, Options(target_fps=fps - 1))
    with pytest.raises(UserError):
        folding_for(NETWORK, small, Options(target_fps=fps * 1.2))


def latency(options: Options, board: Board) -> float:
    """Microseconds, as predicted."""
    units = units_of(NETWORK, folding_for(NETWORK, board, options))
    return predict(units).latency * 1e6 / board.clock_hz


def test_a_latency_is_kept_at_least_cost_and_out_of_reach_it_says_how_near_one_comes() -> None:
    board = find_board("ulx3s-85f")
    slow = Options(target_fps=1000.0)
    cheap, late = need(slow, board)[0], latency(slow, board)
    soon = replace(slow, max_latency=late / 3)
    assert latency(soon, board) <= late / 3 and need(soon, board)[0].luts > cheap.luts
    with pytest.raises(UserError) as caught:
        folding_for(NETWORK, board, replace(slow, max_latency=0.1, max_luts=4000))
    message = str(caught.value)
    assert "gives 1000 vectors a second within 4,000 LUTs and 0.1 µs" in message
    nearest = re.search(r"latency binds; ([\d.]+) µs in place of 0.1 would do", message)
    assert nearest is not None
    reached = latency(replace(slow, max_latency=float(nearest[1]) * 1.001, max_luts=4000), board)
    assert reached == pytest.approx(float(nearest[1]), rel=5e-3)


def test_for_a_latency_that_is_out_of_reach_registers_lie_as_far_apart_as_the_clock_lets_them() -> None:
    board = find_board("ulx3s-85f")
    fast = replace(board, clock_hz=112_500_000)
    close, own = (folding_for(NETWORK, each, Options()) for each in (fast, board))
    cycles, least = (predict(units_of(NETWORK, each)).latency for each in (close, own))
    assert [{fold.levels for fold in each.folds.values()} for each in (close, own)] == [{2}, {3}]
    soon = Options(max_latency=(least - 1) * 1e6 / board.clock_hz)
    assert latency(soon, board) <= soon.max_latency
    assert max(fold.levels or 0 for fold in folding_for(NETWORK, board, soon).folds.values()) == 10
    with pytest.raises(UserError, match="latency binds"):
        folding_for(NETWORK, fast, replace(soon, max_latency=(cycles - 1) * 1e6 / fast.clock_hz))


def test_limits_beside_a_folding_or_below_nothing_are_refused(tmp_path: object) -> None:
    with pytest.raises(UserError, match="--max-luts -1 is no limit"):
        Request(max_luts=-1)
    with pytest.raises(UserError, match="--max-latency 0 cannot be kept"):
        Request(max_latency=0.0)
    with pytest.raises(UserError, match="--folding and --max-latency both say"):
        Request(folding=tmp_path, max_latency=3.0)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="--folding and --max-brams both say"):
        Request(folding=tmp_path, max_brams=3)  # type: ignore[arg-type]


def test_a_large_net_is_folded_more_on_the_simulated_board() -> None:
    """So that the program of the simulation does not grow with the net: about 4,096 products a cycle."""
    weight = np.random.default_rng(0).integers(-1, 2, (131, 4096))
    network = Network("large", 4096, IntType(2, False), (Node("dense0", Dense(weight, IntType(2, True)), (INPUT,)),))
    fold = folding_for(network, find_board("sim"), Options()).of("dense0")
    assert 2048 <= fold.pe * fold.simd <= 4200
