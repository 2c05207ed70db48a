"""What `make mutants` changes in a module's text, what it leaves alone, and that the text with all mutants is each of them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
sys.path.insert(0, str(Path(__file__).resolve().parent / "rtl"))

from harness import BUILDS, build_simulator, simulate
from mutant_equivalents import equivalents
from mutant_proofs import refuted_by
from mutant_results import Findings, read_by
from mutant_schema import NUMBER, PACKAGE, choosable, package_text, places, schema
from mutant_tests import Ran, Request, Server
from mutant_texts import QUIET, ROOT, Mutant, changes, mutants, resets, suites
from mutant_workshop import numbered, numbers_in

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
# What is computed at elaboration, in the middle of what is not; and expressions within expressions.
MIXED = """\
module hwf_mixed #(
    parameter int N = 2
);
  function automatic int twice(int a);
    twice = a + a;
  endfunction
  localparam int M = twice(N);
  hwf_below #(
      .WIDTH(N + 1)
  ) below (
      .enable(a && b)
  );
  always_ff @(posedge clk) begin
    memory[at + 1] <= {{(N - 1) {1'b0}}, {N{1'b1}}};
    sum <= (N + 1)'(sum) + other;
    total += a == 0 ? x - y : '0;
  end
endmodule
"""

LISTED = """\
[[mutant]]
file = "stream/hwf_every.sv"
line = "if (beat) done <= last ? '0 : done + 1'b1;"
kind = "plus"
place = {place}
reason = "a reason"
"""


def changed(mutant: Mutant) -> tuple[str, str]:
    """The line that is another, as it was and as it is."""
    lines = zip(TEXT.splitlines(), mutant.within(TEXT).splitlines(), strict=True)
    one, other = next((a, b) for a, b in lines if a != b)
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
    assert found["clear"] == ("if (rst) held <= '0;", "if (rst) held <= '1;") and "equal" not in found


def test_every_room_of_the_rtl_has_mutants_and_every_module_of_theirs_a_test() -> None:
    every = mutants()
    assert {mutant.path.parts[0] for mutant in every} >= {"dense", "join", "link", "shell", "spiking", "stream", "uart"}
    assert len({mutant.kind for mutant in every}) == 11 and len(every) > 1000
    texts = {path: (ROOT / "rtl" / path).read_text() for path in {mutant.path for mutant in every}}
    assert all(mutant.within(texts[mutant.path]) != texts[mutant.path] for mutant in every)
    assert [module for module in sorted({mutant.module for mutant in every}) if not suites(module)] == []


@pytest.mark.parametrize("module", ["hwf_uart_tx", "hwf_dot"])
def test_a_module_s_own_tests_come_first_and_then_those_of_what_holds_it(module: str) -> None:
    first, second, *_ = suites(module)
    assert [Path(name).stem for name in first] == [f"test_{module}"] and second


def test_a_schema_repeats_the_whole_expression_for_each_mutant_of_it() -> None:
    every = [*resets(PATH, TEXT), *changes(PATH, TEXT)]
    found = schema(TEXT, dict(enumerate(every, 1))).removeprefix(QUIET)
    go, no, plus, one = (
        1 + next(i for i, mutant in enumerate(every) if mutant.kind == kind) for kind in ("and", "not", "plus", "one")
    )
    assert f"if (({NUMBER} == {go} ? (go || !full) : {NUMBER} == {no} ? (go && full) : (go && !full))) count" in found
    assert f"<= ({NUMBER} == {one} ? (count + 1'b0) : {NUMBER} == {plus} ? (count - 1'b1) : (count + 1'b1));" in found
    assert f"begin if ({NUMBER} != 1) count <= ({NUMBER} ==" in found  # its zero has a mutant too
    assert found.splitlines()[-4:] == TEXT.splitlines()[-4:]


def test_what_is_computed_at_elaboration_is_no_mutant_that_can_be_chosen() -> None:
    every = [
        m for kind in ("plus", "minus", "and", "equal", "one", "zero") for m in changes(PATH, MIXED) if m.kind == kind
    ]
    told = {(mutant.kind, MIXED[: mutant.start].splitlines()[-1].strip()) for mutant in choosable(MIXED, every)}
    assert told == {
        ("plus", "memory[at"),
        ("plus", "sum <= (N + 1)'(sum)"),
        ("minus", "total += a == 0 ? x"),
        ("equal", "total += a"),
        ("and", ".enable(a"),
        ("zero", "memory[at + 1] <= {{(N - 1) {"),
        ("one", "memory[at + 1] <= {{(N - 1) {1'b0}}, {N{"),
    }


def test_what_is_repeated_is_what_is_assigned_or_where_it_goes() -> None:
    found = places(MIXED)
    units = {MIXED[place.start : place.end] for place in found.values() if not place.fixed}
    assert {"at + 1", "{{(N - 1) {1'b0}}, {N{1'b1}}}", "a == 0 ? x - y : '0", "a && b"} <= units


def test_all_mutants_of_the_rtl_have_numbers_of_their_own() -> None:
    every = mutants()
    found = numbered(every)
    assert len({*found.values()}) == len(found) > 0.95 * len(every) and 0 not in found and max(found) < 2**31


def test_what_is_listed_as_equivalent_is_a_mutant_of_the_rtl(tmp_path: Path) -> None:
    every = [*numbered(mutants()).values()]
    assert all(len(reason) > 20 for reason in equivalents(every).values())
    listed = tmp_path / "list.toml"
    listed.write_text(LISTED.format(place=1))
    ((mutant, reason),) = equivalents(every, listed).items()
    text = (ROOT / "rtl" / mutant.path).read_text()
    assert reason == "a reason" and "done - 1'b1" in mutant.within(text)
    listed.write_text(LISTED.format(place=2))
    with pytest.raises(ValueError, match="rtl/stream/hwf_every.sv has no mutant plus 2 in"):
        equivalents(every, listed)


@pytest.mark.slow
def test_the_mutant_that_is_chosen_fails_and_the_text_without_one_passes() -> None:
    here = BUILDS / "cases" / "mutants"
    here.mkdir(parents=True, exist_ok=True)
    every = numbered(mutant for mutant in mutants() if mutant.module == "hwf_every")
    text = (ROOT / "rtl/stream/hwf_every.sv").read_text()
    files = {here / "hwf_every.sv": schema(text, every), here / f"{PACKAGE}.sv": package_text(here / "number")}
    for path, content in files.items():
        path.write_text(content)
    test = str(ROOT / "tests/rtl/stream/test_hwf_every.py")
    failed = {}
    for number in (0, *every):
        (here / "number").write_text(f"{number}\n")
        failed[number] = simulate(test, "hwf_every", {"COUNT": 7}, extra=[*files]).failed
    assert failed == {number: int(number != 0) for number in failed} and len(failed) == 8
    assert {*every} <= numbers_in(str(build_simulator("hwf_every", {"COUNT": 7}, [*files])))
    # The only mutants are in what there is for more than one beat.
    assert not {*every} & numbers_in(str(build_simulator("hwf_every", {"COUNT": 1}, [*files])))


@pytest.mark.slow
def test_tests_are_run_in_the_order_told_until_one_fails_or_takes_too_long(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "test_it.py").write_text(
        "def test_passes(): pass\ndef test_fails(): assert False\ndef test_last(): pass\ndef test_stays():\n    while True: pass\n"
    )
    passes, fails, last, stays = (f"test_it.py::test_{name}" for name in ("passes", "fails", "last", "stays"))
    server = Server(tmp_path, ["test_it.py"])
    try:
        assert told(server.run(Request([last, fails], [], {}, True, False))) == [(last, True), (fails, False)]
        assert told(server.run(Request([fails, stays], [], {stays: 0}, True, False))) == [(fails, False)]
        assert told(server.run(Request([fails, stays], [passes, last], {stays: 0}, False, False))) == [
            (fails, False),
            (stays, False),
        ]
    finally:
        server.close()
    nothing = Server(tmp_path, ["test_none.py"])
    with pytest.raises(RuntimeError, match="test_none.py cannot be run"):
        nothing.run(Request([], [], {}, True, False))
    nothing.close()


def told(ran: list[Ran]) -> list[tuple[str, bool]]:
    return [(one.test, one.passed) for one in ran]


def test_what_was_found_holds_until_a_text_changes_on_which_it_hangs(tmp_path: Path) -> None:
    one, other, *_ = (mutant for mutant in mutants() if mutant.module == "hwf_every")
    files = ["tests/rtl/stream/test_hwf_every.py"]
    Findings(tmp_path / "kept").keep(one, files, "a test", 1.0)
    kept = Findings(tmp_path / "kept")
    found = kept.of(one)
    assert found and found.killer == "a test" and kept.of(other) is None
    lines = (tmp_path / "kept").read_text().replace(found.texts, "0" * 24)
    (tmp_path / "kept").write_text(lines + '{"mutant": "')  # and broken off in the middle of the next
    assert Findings(tmp_path / "kept").of(one) is None


def test_a_module_s_proof_refutes_mutants_of_it_and_not_those_that_do_nothing() -> None:
    own, proof, *_ = suites("hwf_every")
    assert (own, proof) == (["tests/rtl/stream/test_hwf_every.py"], ["tests/formal/stream/hwf_every.sv"])
    every = {mutant.kind: mutant for mutant in mutants() if mutant.module == "hwf_every"}
    assert str(refuted_by(every["plus"], *proof)).startswith("tests/formal/stream/hwf_every.sv COUNT=")
    text = (ROOT / "rtl/stream/hwf_every.sv").read_text()
    at = text.index("'0")
    same = Mutant(every["plus"].path, "zero", at, at + 2, "BITS'(0)")
    assert refuted_by(same, *proof) is None
    assert refuted_by(Mutant(every["plus"].path, "zero", at, at + 2, "nonsense("), *proof) is None


def test_a_finding_of_a_proof_hangs_on_the_proof_and_on_what_it_watches_by() -> None:
    names = {path.name for path in read_by("tests/formal/stream/hwf_fifo.sv")}
    assert names == {"hwf_fifo.sv", "watched_queue.sv", "watched_stall.sv"}
