"""One notebook for FINN's package and hwflow's: here on FINN's driver; on hwflow's in tests/rtl/axi/test_driver.py."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hwflow.finn.environment import find_environment

pytestmark = [pytest.mark.finn, pytest.mark.slow]
DRIVER = "finn-plus-driver==1.6.1"
SHAPES = {
    "idt": ["DataType['UINT2']"],
    "odt": ["DataType['INT6']"],
    "ishape_normal": [[1, 8]],
    "oshape_normal": [[1, 3]],
    "ishape_folded": [[1, 2, 4]],
    "oshape_folded": [[1, 3, 1]],
    "ishape_packed": [[1, 2, 1]],
    "oshape_packed": [[1, 3, 1]],
    "num_inputs": 1,
    "num_outputs": 1,
    "number_of_external_weights": 0,
}


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FINN's driver, which is a package for boards, without what it wants there."""
    folder = tmp_path_factory.mktemp("finn_driver")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), DRIVER]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{DRIVER} cannot be fetched: {done.stderr[-200:]}")
    return folder


def test_the_notebook_runs_on_finn_s_driver(driver: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 4, (20, 8)), rng.integers(-32, 32, (20, 3))
    np.savez(tmp_path / "case.npz", x=x, y=y)
    settings = {
        "driver_information": {"driver_type": "FINNDMAOverlay", "platform": "zynq-iodma", "io_shape_dict": SHAPES}
    }
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    program = Path(__file__).with_name("pynq_of_finn.py")
    arguments = [str(driver), str(tmp_path / "settings.json"), str(tmp_path / "case.npz")]
    subprocess.run([find_environment().python, program, *arguments], check=True, cwd=tmp_path)
    assert np.array_equal(np.load(tmp_path / "y.npy"), y)
