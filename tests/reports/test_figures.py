"""Numbers as people read them."""

import pytest

from hwflow.reports.figures import percent, show


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "1", "–"),
        ("met", "", "met"),
        (12345, "", "12,345"),
        (1, "cycles", "1 cycle"),
        (376, "cycles", "376 cycles"),
        (1.5, "cycles", "1.5 cycles"),
        (0.0, "s", "0 ns"),
        (2.5e-6, "s", "2.5 µs"),
        (3.21e-3, "s", "3.21 ms"),
        (12_000_000, "Hz", "12 MHz"),
        (2.21e-7, "J", "221 nJ"),
        (1.15e-3, "W", "1.15 mW"),
        (14.4e-15, "J", "14.4 fJ"),
        (12_345_678.0, "/s", "12,345,678 /s"),
    ],
)
def test_show(value: float | str | None, unit: str, text: str) -> None:
    assert show(value, unit) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.0, "0 %"), (0.99996, "99.9960 %"), (0.5, "50.00 %"), (1e-5, "0.0010 %"), (0.9998, "99.98 %")],
)
def test_a_share_near_all_or_none_is_told_from_it(share: float, text: str) -> None:
    assert percent(share) == text
