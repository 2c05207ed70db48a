"""Settings of PLLs: legal by the data sheets' ranges, exact, and the same as the families' own calculators make."""

import re
import subprocess
import sysconfig
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.board import board_names, find_board
from hwflow.clock import pll_of
from hwflow.errors import UserError
from hwflow.plls import PllKind, pll_kind

Parameters = Mapping[str, int | str]
ROOT = Path(__file__).parents[1]
BOARDS = [name for name in board_names() if find_board(name).pins and find_board(name).has_part]


def ice40(p: Parameters) -> tuple[Fraction, Fraction]:
    vco = Fraction(int(p["DIVF"]) + 1, int(p["DIVR"]) + 1)
    return vco, vco / (1 << int(p["DIVQ"]))


def ecp5(p: Parameters) -> tuple[Fraction, Fraction]:
    vco = Fraction(int(p["FEEDBACK_DIVIDE"]) * int(p["FEEDBACK_OUT_DIVIDE"]), int(p["REFERENCE_DIVIDE"]))
    return vco, vco / int(p["OUT_DIVIDE"])


def gowin(p: Parameters) -> tuple[Fraction, Fraction]:
    out = Fraction(int(p["FBDIV_SEL"]) + 1, int(p["IDIV_SEL"]) + 1)
    return out * int(p["ODIV_SEL"]), out


def xilinx(p: Parameters) -> tuple[Fraction, Fraction]:
    vco = Fraction(int(p["MULTIPLY"]), int(p["DIVIDE"]))
    return vco, vco / int(p["OUT_DIVIDE"])


# What the primitive makes of its reference, by its data sheet: its oscillator's frequency and the output's.
MEANINGS: dict[str, Callable[[Parameters], tuple[Fraction, Fraction]]] = {
    "hwf_pll_ice40": ice40,
    "hwf_pll_ecp5": ecp5,
    "hwf_pll_gowin": gowin,
    "hwf_pll_xc7": xilinx,
    "hwf_pll_xcup": xilinx,
}
KINDS = [
    pll_kind(find_board(name))
    for name in ("icebreaker", "ulx3s-85f", "tangnano9k", "tangnano20k", "arty-a7-35t", "zcu104")
]


@settings(max_examples=20)
@given(st.sampled_from(KINDS[:4]), st.integers(3_000_000, 60_000_000))
def test_every_setting_is_legal_and_means_the_clock_that_it_says(kind: PllKind, reference: int) -> None:
    for hz, dividers in kind.clocks(reference).items():
        pll = kind.setting(reference, dividers, "core")
        oscillator, out = (reference * ratio for ratio in MEANINGS[pll.module](pll.parameters))
        assert (pll.oscillator_hz, pll.hz) == (oscillator, out)
        assert abs(out - hz) <= Fraction(1, 2)
        for value, (least, most) in (
            (pll.detector_hz, kind.detector),
            (oscillator, kind.oscillator),
            (out, kind.output),
            (Fraction(reference), kind.reference),
        ):
            assert least * 1_000_000 <= value <= most * 1_000_000


@pytest.mark.parametrize("kind", KINDS[4:], ids=lambda kind: kind.words)
def test_the_same_of_large_parts_at_their_boards_oscillators(kind: PllKind) -> None:
    for hz, dividers in list(kind.clocks(125_000_000).items())[::50]:
        pll = kind.setting(125_000_000, dividers, "core")
        oscillator, out = (125_000_000 * ratio for ratio in MEANINGS[pll.module](pll.parameters))
        assert (pll.oscillator_hz, pll.hz) == (oscillator, out) and abs(out - hz) <= Fraction(1, 2)
        assert pll.parameters["PERIOD_PS"] == 8000


@pytest.mark.parametrize("name", ["icebreaker", "tangnano9k"])
def test_no_clock_is_missed(name: str) -> None:
    """Against all dividers, tried one by one."""
    board = find_board(name)
    kind, reference = pll_kind(board), board.clock_hz
    if name == "icebreaker":
        tried = [
            (ice40({"DIVR": r, "DIVF": f, "DIVQ": q}), r + 1) for r, f, q in product(range(16), range(128), range(1, 7))
        ]
    else:
        outs = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)
        tried = [
            (gowin({"IDIV_SEL": i, "FBDIV_SEL": f, "ODIV_SEL": o}), i + 1)
            for i, f, o in product(range(64), range(64), outs)
        ]
    legal = {
        int(reference * out + Fraction(1, 2))
        for (vco, out), divide in tried
        if kind.detector[0] <= reference / divide / 1e6 <= kind.detector[1]
        and kind.oscillator[0] <= reference * vco / 1e6 <= kind.oscillator[1]
        and kind.output[0] <= reference * out / 1e6 <= kind.output[1]
    }
    assert set(kind.clocks(reference)) == legal


def test_boards_without_a_pll_that_can_be_set_are_known_and_refuse_a_clock() -> None:
    without = [board for board in map(find_board, BOARDS) if board.pll == "none"]
    assert {board.name for board in without} == {"gatemate-evb", "crosslink-nx-evn", "tangprimer25k"}
    for board in without:
        with pytest.raises(UserError, match="leave --clock out"):
            pll_kind(board)


@pytest.mark.parametrize("name", [name for name in BOARDS if find_board(name).pll != "none"])
def test_every_board_with_pins_has_a_pll_whose_wrapper_is_there(name: str) -> None:
    kind = pll_kind(find_board(name))
    text = (ROOT / f"rtl/shell/pll/{kind.module}.sv").read_text()
    dividers = kind.outs[0], kind.outs[0], kind.outs[0]
    assert set(kind.setting(27_000_000, dividers, "pad").parameters) == set(
        re.findall(r"parameter (?:int )?(\w+)", text)
    )


def test_a_clock_that_a_board_has_of_its_pll_is_one_that_it_makes() -> None:
    made = [find_board(name) for name in BOARDS if find_board(name).oscillator_hz]
    assert {board.name for board in made} == {"alchitry-cu", "genesys-2"}
    for board in made:
        pll = pll_of(board)
        assert pll is not None and pll.hz == board.clock_hz


def test_a_part_without_a_pll_is_told() -> None:
    with pytest.raises(UserError, match="sim has no PLL"):
        pll_kind(find_board("sim"))


@pytest.mark.slow
@pytest.mark.parametrize("clock", [16.5, 24, 39.75, 48, 100.5, 270])
def test_icepll_makes_the_same_clock_with_the_same_filter(clock: float) -> None:
    program = Path(sysconfig.get_path("scripts"), "yowasp-icepll")
    done = subprocess.run([program, "-i", "12", "-o", str(clock)], capture_output=True, text=True, check=True)
    said = {name: int(value) for name, value in re.findall(r"(DIV[RFQ]|FILTER_RANGE): *(\d+)", done.stdout)}
    kind = pll_kind(find_board("icebreaker"))
    ours = kind.setting(12_000_000, kind.clocks(12_000_000)[round(clock * 1e6)], "pad").parameters
    assert ice40(said)[1] * 12 == Fraction(clock) and said["FILTER_RANGE"] == ours["FILTER_RANGE"]
