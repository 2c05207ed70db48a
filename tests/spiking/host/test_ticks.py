"""Stimuli as bytes: every tick once, in its shortest form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spiking.nets import random_spikes

from hwflow.spiking.host.ticks import encode_ticks


def decode(data: bytes, axons: int) -> np.ndarray:
    """docs/neuron.md, read once more."""
    rows, at, wide = [], 0, 2 if axons > 256 else 1
    while at < len(data):
        kind, at = data[at], at + 1
        row = np.zeros(axons, np.bool_)
        if kind == 254:
            rows += [row] * int.from_bytes(data[at : at + 2], "little")
            at += 2
            continue
        if kind == 255:
            size = -(-axons // 8)
            row[:] = np.unpackbits(np.frombuffer(data[at : at + size], np.uint8), bitorder="little")[:axons]
            at += size
        else:
            row[np.frombuffer(data[at : at + kind * wide], "<u2" if wide == 2 else "u1")] = True
            at += kind * wide
        rows.append(row)
    return np.array(rows, np.bool_).reshape(-1, axons)


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
