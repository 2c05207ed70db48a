"""Small tables made of the records of a quantised net."""

import pytest

from hwflow.quantised.backend.design import Design
from hwflow.quantised.report.views import CyclesRow, totals


def test_totals_are_sums_over_the_layers(design: Design) -> None:
    sums = totals(design)
    assert sums.weights == sums.macs == 32 * 94 + 3 * 32
    assert sums.memory_bits == 2 * sums.weights


@pytest.mark.parametrize(
    ("values", "agree"),
    [((5, 5, 5), True), ((5, None, 5), True), ((5, 6, None), False), ((5, None, None), None), ((5, 5.0, 5), True)],
)
def test_figures_agree_when_all_that_are_there_are_equal(values: tuple[float | None, ...], agree: bool | None) -> None:
    assert CyclesRow("latency", "", *values).agree is agree


def test_an_estimate_of_finn_is_no_promise() -> None:
    assert CyclesRow("latency", "", 232, 223, None, promised=False).agree is None
