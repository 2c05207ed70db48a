"""benchmarks/toggles.py: bits that change in waveforms, each signal once, the clock apart."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks"))
from toggles import changes

WAVES = """\
$scope module TOP $end
$var wire 1 ! clk $end
$scope module net $end
$var wire 1 ! clk $end
$scope module dense0 $end
$var wire 4 " sum [3:0] $end
$scope module lane $end
$var wire 4 " s [3:0] $end
$var wire 1 # valid $end
$upscope $end
$upscope $end
$upscope $end
$upscope $end
$enddefinitions $end
#0
0!
b0011 "
0#
#1
1!
b1111 "
1#
#2
0!
b1110 "
b1110 "
"""


def test_bits_that_change(tmp_path: Path) -> None:
    (tmp_path / "a.vcd").write_text(WAVES)
    assert changes(tmp_path / "a.vcd") == ({"dense0": 4}, 2)
