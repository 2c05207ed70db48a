"""Lets the tests of the RTL, and the simulators they start, import `harness` and `helpers`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
