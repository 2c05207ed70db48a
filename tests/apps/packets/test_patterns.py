"""The equation of the detectors, by brute force and as a closed sum."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hwflow.apps.packets.patterns import (
    EVEN,
    PAPER,
    Layout,
    all_words,
    expected_positives,
    false_positives_of_two,
    gains,
    pattern_network,
    presentations,
    signed_weights,
    word_spikes,
)


def test_gains_follow_the_papers_ratio() -> None:
    ones, zeros = gains(PAPER)
    assert ones / zeros == pytest.approx(np.exp(4 / 5), rel=0.05)  # pairs 3 and 7 ms from the teacher, tau 5 ms
    assert gains(EVEN) == (ones, ones)


@given(st.integers(0, 1023), st.integers(0, 1023))
def test_equal_gains_give_2_to_the_d_less_2(first: int, second: int) -> None:
    assume(first != second)
    every = all_words(10)
    taught = every[[first, second]]
    distance = int((taught[0] ^ taught[1]).sum())
    positives = expected_positives(taught, 20, 20, every)
    assert positives[[first, second]].all()
    assert positives.sum() - 2 == 2**distance - 2


@given(st.integers(0, 1023), st.integers(0, 1023), st.integers(1, 30), st.integers(1, 30))
def test_the_closed_sum_is_the_equation(first: int, second: int, ones: int, zeros: int) -> None:
    assume(first != second and ones >= zeros)
    every = all_words(10)
    taught = every[[first, second]]
    only = [int((taught[i] & ~taught[1 - i]).sum()) for i in range(2)]
    positives = int(expected_positives(taught, ones, zeros, every).sum()) - 2
    try:
        assert false_positives_of_two(10 - sum(only), *only, ones, zeros) == positives
    except ValueError:
        assert positives >= 0  # a word that misses a shared bit may be as good


@given(st.integers(0, 1023))
def test_one_word_is_detected_alone(word: int) -> None:
    every = all_words(10)
    assert np.flatnonzero(expected_positives(every[[word]], 20, 9, every)).tolist() == [word]


def test_layout_has_room_or_says_so() -> None:
    layout = Layout(32, words=2)
    network = pattern_network(layout)
    assert network.axons == layout.axons and network.size == layout.detectors
    # No words learnt before reach the threshold, a teacher with the gates does, and neither alone.
    assert layout.words * layout.bits * 20 <= layout.threshold
    assert layout.gates * 100 <= layout.threshold < layout.gates * 100 + 127
    with pytest.raises(ValueError, match="axons"):
        Layout(32, words=2, axons=64)


def test_presentations_and_words() -> None:
    layout = Layout(2, words=1, axons=16, detectors=2)
    word = np.array([[True, False]])
    spikes = presentations(layout, PAPER, word, [1])
    assert np.flatnonzero(spikes[:, 0]).tolist() == list(PAPER.ones)
    assert np.flatnonzero(spikes[:, 3]).tolist() == list(PAPER.zeros)
    assert not spikes[:, 1].any() and not spikes[:, 2].any()
    assert np.flatnonzero(spikes[PAPER.teacher]).tolist() == [*range(4, 4 + layout.gates), layout.teachers + 1]
    assert np.flatnonzero(word_spikes(layout, word)[0]).tolist() == [0, 3]
    assert signed_weights(np.array([[5], [0], [0], [3]])).T.tolist() == [[5, -3, -5, 3]]
