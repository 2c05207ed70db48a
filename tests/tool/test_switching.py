"""Bits that change in waveforms, each signal once, the clock apart; and what they take by the currents that were measured."""

from itertools import pairwise
from pathlib import Path

import pytest

from hwflow.tool.switching import changes, part_energy

WAVES = """\
$scope module TOP $end
$var wire 1 ! clk $end
$scope module hwf_bench $end
$var wire 4 % seen [3:0] $end
$var wire 1 # valid $end
$scope module net0 $end
$var wire 1 ! clk $end
$var wire 1 & s_valid $end
$scope module dense0 $end
$var wire 4 " sum [3:0] $end
$scope module lane $end
$var wire 4 " s [3:0] $end
$var wire 1 # valid $end
$upscope $end
$upscope $end
$upscope $end
$upscope $end
$upscope $end
$enddefinitions $end
#0
0!
b0000 %
0&
b0011 "
0#
#1
1!
b1111 %
1&
b1111 "
1#
#2
0!
b1110 "
b1110 "
"""


def test_bits_that_change(tmp_path: Path) -> None:
    (tmp_path / "a.vcd").write_text(WAVES)
    assert changes(tmp_path / "a.vcd") == ({"dense0": 4, "net0": 1}, 2)


def test_energy_is_what_the_measured_currents_say() -> None:
    part = part_energy("up5k")
    assert part is not None
    first, second = ([step * n % 256 for n in range(257)] for step in (3, 5))
    product = [a * b for a, b in zip(first, second, strict=True)]
    flips = sum((a ^ b).bit_count() for row in (first, second, product) for a, b in pairwise(row))
    assert part.of_changes(flips / 256) * 12e6 == pytest.approx(
        (996 - 645) * 1e-6 * 1.219
    )  # as in the design that was measured
    assert part.standing(0, 1000) == pytest.approx(92.1e-6 * 1.219)
    assert part.standing(12e6, 228) - part.standing(12e6, 32) == pytest.approx((641.3 - 613.5) * 1e-6 * 1.219)


def test_a_part_that_nobody_measured_has_none() -> None:
    assert part_energy("85k") is None
