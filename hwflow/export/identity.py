"""What a core is called where cores of many vendors lie side by side."""

import re

VENDOR, LIBRARY, VERSION = "hwflow", "nets", "1.0.0"


def plain_name(title: str, module: str) -> str:
    """A net's name in letters, digits and underscores; that of the core's module where nothing is left of it."""
    return re.sub(r"[^A-Za-z0-9]+", "_", title).strip("_") or module
