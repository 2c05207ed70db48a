"""Stimuli as bytes: every tick once, in its shortest form."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spiking.nets import random_spikes, random_values

from hwflow.spiking.host.ticks import Order, encode_orders, encode_presentations, encode_ticks
from hwflow.spiking.presentations import Presentations


def decode(data: bytes, axons: int) -> np.ndarray:
    """docs/neuron.md, read once more."""
    return decode_values(data, axons, graded=False).astype(np.bool_)


def decode_values(data: bytes, axons: int, *, graded: bool = True) -> np.ndarray:
    rows, at, wide = [], 0, 2 if axons > 256 else 1
    while at < len(data):
        kind, at = data[at], at + 1
        row = np.zeros(axons, np.uint8)
        if kind == 254:
            rows += [row] * int.from_bytes(data[at : at + 2], "little")
            at += 2
            continue
        if kind == 255:
            size = -(-axons // 8)
            row[:] = np.unpackbits(np.frombuffer(data[at : at + size], np.uint8), bitorder="little")[:axons]
            at += size
        elif kind == 253 and graded:
            size = int.from_bytes(data[at : at + 2], "little")
            row[:size] = np.frombuffer(data[at + 2 : at + 2 + size], np.uint8)
            at += 2 + size
        else:
            row[np.frombuffer(data[at : at + kind * wide], "<u2" if wide == 2 else "u1")] = True
            at += kind * wide
        rows.append(row)
    return np.array(rows, np.uint8).reshape(-1, axons)


@given(
    st.integers(0, 2**32 - 1), st.sampled_from([1, 7, 8, 9, 256, 257, 4096]), st.integers(0, 60), st.integers(1, 70000)
)
def test_every_tick_once(seed: int, axons: int, ticks: int, longest_run: int) -> None:
    spikes = random_spikes(np.random.default_rng(seed), ticks, axons)
    stream = encode_ticks(spikes, axons, longest_run)
    assert np.array_equal(decode(stream.data, axons), spikes)
    assert stream.total == ticks
    for offset in range(0, len(stream.data) + 1, max(1, len(stream.data) // 50)):
        done = stream.ticks_at(offset)
        assert np.array_equal(decode(stream.data[: stream.end_of(done)] if done else b"", axons), spikes[:done])
        assert stream.end_of(done + 1) > offset or done == ticks


@given(
    st.integers(0, 2**32 - 1), st.sampled_from([1, 7, 8, 9, 256, 257, 4096]), st.integers(0, 60), st.integers(1, 70000)
)
def test_every_value_once_and_in_no_more_bytes_than_another_form(
    seed: int, axons: int, ticks: int, longest_run: int
) -> None:
    values = random_values(np.random.default_rng(seed), ticks, axons)
    stream = encode_ticks(values, axons, longest_run, graded=True)
    assert np.array_equal(decode_values(stream.data, axons), values) and stream.total == ticks
    for row in values[values.any(axis=1)]:
        spiking, wide = row.nonzero()[0], 2 if axons > 256 else 1
        forms = [3 + int(spiking[-1]) + 1]
        if row.max() == 1:
            forms.append(1 + -(-axons // 8))
            forms += [1 + wide * len(spiking)] if len(spiking) <= 251 else []
        assert len(encode_ticks(row[None], axons, graded=True).data) == min(forms)


@pytest.mark.parametrize(
    ("values", "axons", "expected"),
    [
        ([0, 7, 0, 255, 0], 5, b"\xfd\4\0\0\7\0\xff"),
        ([0, 1, 0, 1, 0], 5, b"\xff\x0a"),
        ([0, 0, 0, 0, 1], 5, b"\1\4"),
        ([1, 1, 1, 0], 300, b"\xfd\3\0\1\1\1"),
        ([0, 0, 0, 2], 3000, b"\xfd\4\0\0\0\0\2"),
    ],
)
def test_forms_of_values(values: list[int], axons: int, expected: bytes) -> None:
    assert encode_ticks(np.array([values], np.uint8), axons, graded=True).data == expected


@pytest.mark.parametrize("graded", [False, True])
@pytest.mark.parametrize(("count", "form"), [(251, 251), (252, 255), (253, 255)])
def test_a_list_is_none_where_its_length_says_something_else(graded: bool, count: int, form: int) -> None:
    spikes = np.zeros((1, 4096), np.bool_)
    spikes[0, -count:] = True
    data = encode_ticks(spikes, 4096, graded=graded).data
    assert data[0] == form and np.array_equal(decode_values(data, 4096, graded=graded), spikes)


def presentations(rng: np.random.Generator, graded: bool, rest: bool) -> Presentations:
    count, ticks = int(rng.integers(0, 6)), int(rng.integers(0, 12))
    values = random_values(rng, count * ticks, 9) if graded else random_spikes(rng, count * ticks, 9)
    return Presentations(values.reshape(count, ticks, 9), rng.random(count) < 0.5, rest)


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans(), st.booleans())
def test_orders_stand_between_presentations(seed: int, graded: bool, rest: bool, give: bool) -> None:
    """Each is behind one that says how it begins, and counts are given as often as there are presentations."""
    shown = presentations(np.random.default_rng(seed), graded, rest)
    stream = encode_presentations(shown, 9, give=give, graded=graded)
    data, rows, learns, gives = stream.data, list[np.ndarray](), list[bool](), 0
    begins = [0, *stream.ends.tolist()]
    learn = resting = False
    for begin, end in pairwise(begins):
        if data[begin] != 252:
            some = decode_values(data[begin:end], 9, graded=graded)
            rows += list(some)
            learns += [learn] * len(some)
            assert not rest or resting
            continue
        assert end == begin + 2 and data[end - 1] < 8
        learn, resting = bool(data[end - 1] & 1), bool(data[end - 1] & 4)
        gives += data[end - 1] >> 1 & 1
    assert np.array_equal(np.array(rows, np.uint8).reshape(-1, 9), shown.axon_spikes.reshape(-1, 9))
    assert learns == np.repeat(shown.learn, shown.ticks).tolist()
    assert gives == give * len(shown) and stream.total == len(rows)


def test_an_order_is_two_bytes() -> None:
    stream = encode_orders(Order.REST, Order.LEARN | Order.GIVE)
    assert stream.data == b"\xfc\4\xfc\3" and stream.total == 0 and stream.ends.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("spikes", "axons", "expected"),
    [
        (np.zeros((3, 8)), 8, b"\0\0\0"),
        (np.zeros((300, 8)), 8, b"\xfe\x2c\1"),
        (np.zeros((70000, 8)), 8, b"\xfe\xff\xff\xfe\x71\x11"),
        (np.eye(2, 8), 8, b"\1\0\1\1"),
        (np.ones((1, 9)), 9, b"\xff\xff\1"),
        (np.eye(1, 300, 299), 300, b"\1\x2b\1"),
        (np.ones((1, 2)), 300, b"\2\0\0\1\0"),
    ],
)
def test_forms(spikes: np.ndarray, axons: int, expected: bytes) -> None:
    assert encode_ticks(spikes.astype(np.bool_), axons).data == expected
