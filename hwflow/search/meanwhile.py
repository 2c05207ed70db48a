"""What is done now and then while something else goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def meanwhile(seconds: float, do: Callable[[], bool]) -> Iterator[None]:
    """While the block lasts, do something after each so many seconds, in a thread, until it says no. At the end none is under way."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(seconds) and do():
            pass

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
