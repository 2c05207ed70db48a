"""What is done now and then: repeated while the block lasts, ended by a no, and never after the block."""

import threading
import time

from hwflow.search.meanwhile import meanwhile


def test_it_is_repeated_until_it_says_no() -> None:
    calls, third = list[int](), threading.Event()

    def do() -> bool:
        calls.append(len(calls))
        if len(calls) == 3:
            third.set()
        return len(calls) < 3

    with meanwhile(0.001, do):
        assert third.wait(10)
        time.sleep(0.02)
    assert calls == [0, 1, 2]


def test_nothing_is_under_way_behind_the_block() -> None:
    under_way = threading.Event()

    def do() -> bool:
        under_way.set()
        time.sleep(0.05)
        under_way.clear()
        return True

    with meanwhile(0.001, do):
        assert under_way.wait(10)
    assert not under_way.is_set()
