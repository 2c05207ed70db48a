"""What a project says became of a spiking model."""

import json
from pathlib import Path

import numpy as np
import pytest
from spiking.nets import random_core, random_network

from hwflow.errors import UserError
from hwflow.spiking.frontend.model import IMPORT, from_files, from_network, import_file


@pytest.mark.parametrize("name", ["weight_bits", "state_bits"])
@pytest.mark.parametrize("bits", [-8, 0, 65])
def test_bits_that_no_integers_have_are_refused(name: str, bits: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    model = from_network(random_network(rng, random_core(rng), extreme=False))
    files = {**model.network.to_files(), IMPORT: import_file(model.info)}
    assert from_files(files, tmp_path).info.weight_bits == model.info.weight_bits
    files[IMPORT] = json.dumps({**json.loads(files[IMPORT]), name: bits}).encode()
    with pytest.raises(UserError, match=r"import.json does not hold a readable Import .*1 to 64 bits.*compile` again"):
        from_files(files, tmp_path)
