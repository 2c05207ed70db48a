"""Words taught on the golden model: what fires is what the equation says."""

import numpy as np
import pytest

from hwflow.apps.packets.detection import detect_packets, patterns_activity, sweep_words, teach
from hwflow.apps.packets.headers import Header
from hwflow.apps.packets.patterns import PAPER, Layout, all_words, gains
from hwflow.progress import silent
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.network import Core

CORE = Core(112, 32, adaptation=False, normalisation=False)


def test_a_presentation_gives_the_weights_of_the_rule() -> None:
    layout, words = Layout(10, words=2), all_words(10)[[5, 1023]]
    taught = teach(Lockstep(CORE), layout, PAPER, [words[:1], words[1:], words])
    ones, zeros = gains(PAPER)
    one = np.concatenate([np.where(words[0], ones, 0), np.where(words[0], 0, zeros)])
    two = np.concatenate([np.full(10, ones), np.zeros(10)])
    assert taught.learnt[:, :3].T.tolist() == [one.tolist(), two.tolist(), (one + two).tolist()]
    assert not taught.learnt[:, 3:].any()


def test_packets_are_detected_and_others_are_not() -> None:
    a, b, c = Header(6, 443, 2), Header(17, 53, 0), Header(6, 80, 2)
    lockstep = Lockstep(CORE)
    detectors, taught, layout = detect_packets(lockstep, [a, b, c, a], [[a], [b], [a, b]], silent)
    assert [(one.packets, one.missed) for one in detectors] == [(2, 0), (1, 0), (3, 0)]
    assert [one.false for one in detectors[:2]] == [0, 0] and detectors[2].false == detectors[2].false_computed
    activity = patterns_activity(lockstep, layout, taught)
    assert len(activity.spikes) == 4 and activity.shape[2] == 4 * PAPER.ticks


@pytest.mark.slow
def test_the_whole_sweep() -> None:
    sweeps = list(sweep_words(Lockstep(CORE), 0, silent))
    assert all(sweep.as_computed and not sweep.missed for sweep in sweeps)
    alone, *pairs = sweeps
    assert (alone.detectors, alone.false_most) == (1024, 0)
    even = [sweep for sweep in pairs if sweep.timing == "even"]
    assert [(s.distance, s.false_least, s.false_most) for s in even] == [(d, 2**d - 2, 2**d - 2) for d in range(1, 10)]
    uneven = [sweep for sweep in pairs if sweep.timing != "even" and sweep.distance > 1]
    assert all(s.false_least != s.false_most for s in uneven)
