"""What a core is called where cores of many vendors lie side by side."""

import re

from hwflow.export.core import StreamCore

VENDOR, LIBRARY, VERSION = "hwflow", "nets", "1.0.0"


def plain_name(core: StreamCore) -> str:
    """The net's name in letters, digits and underscores; the module's where nothing is left of it."""
    return re.sub(r"[^A-Za-z0-9]+", "_", core.title).strip("_") or core.module
