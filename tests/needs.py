"""What tests need that may not be there."""

from importlib.util import find_spec

import pytest


def needs_pyosys(why: str) -> None:
    """Skip the test, or the module that calls this, where Yosys is not installed.

    It is not imported here, as `pytest.importorskip` would: the package opens the libraries of a whole process to each other,
    and torch, imported after it, then fails.
    """
    if find_spec("pyosys") is None:
        pytest.skip(why, allow_module_level=True)
