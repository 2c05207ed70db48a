"""Samples from files: what is no array is refused."""

import zipfile
from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.samples import read_samples


def test_a_member_that_is_no_array_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as file:
        file.writestr("x.npy", b"bytes")
    with pytest.raises(UserError, match="no .npz that can be read .'x is no array'"):
        read_samples(tmp_path / "v.npz")
