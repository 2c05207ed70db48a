from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.apps.can_ids.frame import EXTENDED_KEY, CanLog, join, words_to_payload

LogOf = Callable[..., CanLog]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5))
def test_words_are_big_endian(log_of: LogOf, words: list[int]) -> None:
    log = log_of(*((0.0, 1) for _ in words))
    log.payload[:] = words_to_payload(np.array(words, dtype=np.uint64))
    assert log.words.tolist() == words
    assert [int.from_bytes(row.tobytes(), "big") for row in log.payload] == words


def test_keys_tell_extended_identifiers_apart(log_of: LogOf) -> None:
    log = join(log_of((0.0, 0x123)), log_of((0.0, 0x123), extended=True))
    assert log.keys.tolist() == [0x123, 0x123 | EXTENDED_KEY]


def test_columns_of_different_length(log_of: LogOf) -> None:
    log = log_of((0.0, 1), (1.0, 1))
    with pytest.raises(ValueError, match="differ"):
        CanLog(log.time[:1], log.identifier, log.extended, log.dlc, log.payload, log.label)
