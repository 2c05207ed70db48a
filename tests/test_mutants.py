"""What `make mutants` changes in a module's text, and what it leaves alone."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

from mutants import ROOT, Mutant, changes, mutants, resets, suites

PATH = Path("room/hwf_counter.sv")
TEXT = """\
module hwf_counter #(
    parameter int WIDTH = 3 + 1
) (
    input logic clk,
    input logic rst
);
  // a comment && another
  localparam int LAST = WIDTH - 1;
  always_ff @(posedge clk) begin
    if (go && !full) count <= count + 1'b1;
    if (rst || cleared) begin
      count <= '0;
      full  <= 1'b0;
    end
    if (rst) held <= '0;
  end

`ifndef SYNTHESIS
  assert property (@(posedge clk) disable iff (rst) full && held == 0 |=> full);
`endif
endmodule
"""


def changed(mutant: Mutant) -> tuple[str, str]:
    """The line that is another, as it was and as it is."""
    lines = zip(TEXT.splitlines(), mutant.text(TEXT).splitlines(), strict=True)
    one, other = next((a, b.rpartition("*/ ")[2]) for a, b in lines if a != b.rpartition("*/ ")[2])
    return one.strip(), other.strip()


def test_each_register_that_is_reset_is_once_not() -> None:
    assert [changed(mutant) for mutant in resets(PATH, TEXT)] == [
        ("count <= '0;", ";"),
        ("full  <= 1'b0;", ";"),
        ("if (rst) held <= '0;", "if (rst) ;"),
    ]


def test_operators_and_constants_of_the_circuit_change_one_at_a_time() -> None:
    line = "if (go && !full) count <= count + 1'b1;"
    found = {mutant.kind: changed(mutant) for mutant in changes(PATH, TEXT)}
    assert found["and"] == (line, "if (go || !full) count <= count + 1'b1;")
    assert found["not"] == (line, "if (go && full) count <= count + 1'b1;")
    assert found["plus"] == (line, "if (go && !full) count <= count - 1'b1;")
    assert found["one"] == (line, "if (go && !full) count <= count + 1'b0;")
    assert found["or"] == ("if (rst || cleared) begin", "if (rst && cleared) begin")
    assert found["clear"][0] == "if (rst) held <= '0;" and "equal" not in found


def test_every_room_of_the_rtl_has_mutants_and_every_module_of_theirs_a_test() -> None:
    every = mutants(lambda kind: True, lambda module: True)
    assert {mutant.path.parts[0] for mutant in every} >= {"dense", "join", "link", "shell", "spiking", "stream", "uart"}
    assert len({mutant.kind for mutant in every}) == 11 and len(every) > 1000
    texts = {path: (ROOT / "rtl" / path).read_text() for path in {mutant.path for mutant in every}}
    assert all(mutant.text(texts[mutant.path]).rpartition("*/ ")[2] != texts[mutant.path] for mutant in every)
    assert [module for module in sorted({mutant.module for mutant in every}) if not suites(module)] == []


@pytest.mark.parametrize("module", ["hwf_uart_tx", "hwf_dot"])
def test_a_module_s_own_tests_come_first_and_then_those_of_what_holds_it(module: str) -> None:
    first, second, *_ = suites(module)
    assert [Path(name).stem for name in first] == [f"test_{module}"] and second
