"""What is built of a chain, primitives by Yosys' own models of them, is for every input what is simulated."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from needs import needs_pyosys
from netlists import MODELS

from hwflow.tool.process import run_tool
from hwflow.tool.yosys import resolve

needs_pyosys("pyosys has the models of the primitives")
RTL = Path(__file__).resolve().parents[3] / "rtl/chain"
MASKS = {"hwf_chain_ccu2c": ("TURN_A", "TURN_B"), "hwf_chain_carry4": ("TURN_A", "TURN_B", "TURN_C")}


def equal(module: str, text: str, parameters: Mapping[str, str], folder: Path) -> bool:
    """Whether the module of that text is, as built, what that of the project is in simulation."""
    (folder / "built.sv").write_text(text)
    given = " ".join(f"-set {name} {value}" for name, value in parameters.items())
    made = f"chparam {given} {module}; hierarchy -top {module}; proc; flatten"
    script = [
        f"read_verilog -formal -sv {RTL / module}.sv; {made}; rename -top simulated; design -stash simulated",
        f"read_verilog {MODELS[module]}; read_verilog -sv -DSYNTHESIS built.sv; {made}; rename -top built; design -stash built",
        "design -copy-from simulated -as simulated simulated; design -copy-from built -as built built",
        "miter -equiv -flatten -make_outputs simulated built both; hierarchy -top both; opt",
        "tee -o said sat -prove trigger 0 both",
    ]
    run_tool([*resolve(), "-p", "; ".join(script)], folder / "log", cwd=folder)
    said = (folder / "said").read_text()
    assert ("no model found: SUCCESS" in said) != ("model found: FAIL" in said)
    return "no model found: SUCCESS" in said


@pytest.mark.parametrize("module", MASKS)
@pytest.mark.parametrize(("width", "mask"), [(1, 0b1), (2, 0b01), (4, 0b0110), (5, 0b10011), (7, 0), (8, 0b11010010)])
def test_what_is_built_is_what_is_simulated(module: str, width: int, mask: int, tmp_path: Path) -> None:
    turned = {name: f"{width}'d{mask >> at & mask}" for at, name in enumerate(MASKS[module])}
    assert equal(module, (RTL / f"{module}.sv").read_text(), {"WIDTH": str(width), **turned}, tmp_path)


@pytest.mark.parametrize(
    ("module", "right", "wrong"),
    [
        ("hwf_chain_ccu2c", "16'hFCC0", "16'hFCC8"),
        ("hwf_chain_ccu2c", "of_a ? ~TABLE", "of_a ? TABLE"),
        ("hwf_chain_carry4", "(y & z)", "(y | z)"),
        ("hwf_chain_carry4", ".DI(below", ".DI(parity"),
    ],
)
def test_a_wrong_table_is_found(module: str, right: str, wrong: str, tmp_path: Path) -> None:
    text = (RTL / f"{module}.sv").read_text()
    assert text.count(right) == 1
    assert not equal(module, text.replace(right, wrong), {"WIDTH": "4", "TURN_A": "4'd6"}, tmp_path)
