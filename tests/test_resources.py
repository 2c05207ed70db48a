"""An estimate says what it rests on."""

from hwflow.resources import Estimate


def test_an_estimate_without_evidence_is_numbers() -> None:
    assert Estimate(1234, None, 5).words == "1,234 LUTs, flip-flops not estimated, 5 block RAMs"


def test_each_part_of_an_estimate_has_its_own_error() -> None:
    guess = Estimate(
        1, 2, 3, error=0.07, worst_error=0.24, measured=("a",), unfitted=("b",), hardwired=("c", "d"),
        hardwired_error=0.11, worst_hardwired=0.38,
    )  # fmt: skip
    assert guess.words == (
        "1 LUTs, 2 flip-flops, 3 block RAMs (a synthesised alone; the rest modelled: mean error 7%, worst 24% of the LUTs of other units; "
        "c, d counted: mean error 11%, worst 38% of those of other hardwired layers; b counted roughly, with an error that is not known)"
    )


def test_borrowed_figures_have_no_error() -> None:
    assert "by the figures of ecp5, with an error that is not known" in Estimate(1, 2, 3, borrowed="ecp5").words
