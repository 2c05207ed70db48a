"""Records of applications: what is no record is refused."""

import pytest

from hwflow.spiking.report.applications import Pace, Proof


def test_an_application_that_took_no_ticks_is_refused() -> None:
    with pytest.raises(ValueError, match="an application takes ticks, not 0"):
        Proof("sim", "simulated board", ticks=0, spikes=0, cycles=0, compared=0, differing=0, first="", seconds=1.0)


def test_a_pace_without_a_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="a core has a clock, not one of 0 Hz"):
        Pace(mean=10.0, worst=20, there=30, clock_hz=0)
