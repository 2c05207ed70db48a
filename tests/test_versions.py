"""Tools and versions."""

import numpy as np

from hwflow.versions import tools


def test_packages_have_versions_and_other_tools_a_name() -> None:
    assert tools("numpy", "no-such-package") == f"numpy {np.__version__}, no-such-package"
