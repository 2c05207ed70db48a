"""Lets the tests of the host import `device_model`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
