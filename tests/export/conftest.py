"""For the tests of exports: a project."""

from pathlib import Path

import pytest

import hwflow as api
from hwflow.handles import CompiledProject

# Beats of three and of two elements, so that a vector's last beat is padded at both ends.
FOLDING = '{"dense0": {"PE": 4, "SIMD": 3}, "dense1": {"PE": 2, "SIMD": 4}}'


@pytest.fixture
def project(tiny_model: Path, tmp_path: Path) -> CompiledProject:
    (tmp_path / "folding.json").write_text(FOLDING)
    model = api.load(tiny_model)
    return model.compile("sim", tmp_path / "project", folding=tmp_path / "folding.json", no_check=True)
