"""Small tables made of records."""

import pytest

from hwflow.evaluation import Evaluation
from hwflow.reports.views import (
    Bar,
    but_ordinary,
    class_rows,
    classifier_rows,
    duration_rows,
    tint,
    worst_missed,
)


def test_a_row_for_each_class(evaluation: Evaluation) -> None:
    rows = class_rows(evaluation)
    assert [row.said for row in rows] == list(evaluation.confusion)
    assert [row.samples for row in rows] == [10_000, 500, 500]
    assert rows[2].recall == 498 / 500 and rows[2].precision == 498 / 508
    assert rows[2].false_negative_rate == pytest.approx(2 / 500)


def test_tints_grow_with_the_share_and_show_a_single_error() -> None:
    assert tint(0, 1000, True) == tint(0, 1000, False) == 0
    assert tint(1, 100_000, False) > 0.1
    assert tint(1000, 1000, True) > tint(500, 1000, True) and tint(500, 1000, False) > tint(5, 1000, False)
    assert tint(7, 7, False) <= 1 and tint(7, 7, True) <= 1


def test_the_net_is_compared_with_the_others(evaluation: Evaluation) -> None:
    blind = Evaluation("majority class", evaluation.class_names, ((10000, 0, 0), (500, 0, 0), (500, 0, 0)))
    ours, other = classifier_rows(evaluation, [blind])
    assert ours.ours and not other.ours
    assert ours.worst_missed == pytest.approx(2 / 500) and other.worst_missed == 1.0


def test_only_an_ordinary_first_class_cannot_be_missed() -> None:
    counts = ((1, 9), (0, 10))
    normal = Evaluation("net", ("normal", "dos"), counts)
    assert worst_missed(normal) == 0 and but_ordinary(normal) == " but normal"
    digits = Evaluation("net", ("0", "1"), counts)
    assert worst_missed(digits) == 0.9 and but_ordinary(digits) == ""


def test_a_share_needs_both_numbers() -> None:
    assert Bar("LUTs", 50, 200, 100).share == 0.25 and Bar("LUTs", 50, 200, 100).estimate_share == 0.5
    assert Bar("LUTs", None, 200, None).share is None and Bar("LUTs", 50, None, 9).estimate_share is None


def test_cycles_become_seconds_at_the_clock_and_at_fmax() -> None:
    (row,) = duration_rows([("latency", 120)], 12e6, 60e6)
    assert row.at_clock == pytest.approx(10e-6) and row.at_fmax == pytest.approx(2e-6)
    assert duration_rows([("latency", 120)], 12e6, None)[0].at_fmax is None
