"""What `make prove` says of a proof, of a module with a fault, and where something is missing."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import proofs
import prove
from proofs import PROOFS, ROOT, ProofError

COMMAND = (sys.executable, str(ROOT / "benchmarks/prove.py"))
HEAD = "//@ induction 1\n//@ depth 4\n//@ fault held: OLD => NEW\n"
needs_tools = pytest.mark.skipif(
    prove.solver() is None or find_spec("pyosys") is None, reason="needs the tools of the extra `prove`"
)


def said(*arguments: str, path: str | None = None) -> tuple[int, str]:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, env=environment, timeout=60)
    return done.returncode, done.stdout + done.stderr


def proof_of(folder: Path, text: str) -> proofs.Proof:
    path = folder / "stream/hwf_every.sv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return proofs.read(path)


@needs_tools
def test_a_module_is_proved_and_its_faults_are_caught(tmp_path: Path) -> None:
    status, words = said("hwf_every", "--faults", "--out", str(tmp_path / "out"))
    assert status == 0
    assert words.startswith("hwf_every: proved by induction (1), 5 designs; 2 faults caught\n")


@needs_tools
def test_a_wrong_assertion_is_refuted_and_a_harmless_fault_is_told(tmp_path: Path) -> None:
    wrong = proof_of(tmp_path, HEAD + "always_comb if (begun) held : assert (!last);\n")
    assert prove.prove(wrong, (), tmp_path / "wrong", 30) == "refuted"
    fault = proofs.Fault("held", "localparam int BITS", "localparam int  BITS")
    right = proof_of(tmp_path, HEAD + "always_comb if (begun) held : assert (!last || beat);\n")
    assert prove.prove(right, (), tmp_path / "right", 30) == "proved"
    assert not prove.catches(right, fault, tmp_path / "fault", 30)


@needs_tools
def test_what_does_not_close_or_takes_too_long_is_unknown(tmp_path: Path) -> None:
    # True of every state that is reached, and yet no induction: nothing is said of the states in between.
    text = "logic [3:0] n; always_ff @(posedge clk) n <= rst ? '0 : n == 4'd2 ? '0 : n + 1'b1;\n"
    open_end = proof_of(tmp_path, HEAD + text + "always_comb if (begun) held : assert (n != 4'd9);\n")
    assert prove.prove(open_end, (), tmp_path / "open", 30) == "unknown"
    assert prove.prove(open_end, (), tmp_path / "late", 1e-6) == "unknown"
    assert prove.told(open_end, ["unknown"])[0] is False


@pytest.mark.parametrize("drop", ["//@ depth 4\n", "//@ induction 1\n", "//@ fault held: OLD => NEW\n"])
def test_a_proof_that_leaves_something_out_is_refused(drop: str, tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="hwf_every"):
        proof_of(tmp_path, HEAD.replace(drop, ""))


def test_a_fault_whose_place_is_not_in_the_module_is_refused(tmp_path: Path) -> None:
    proof = proof_of(tmp_path, HEAD)
    with pytest.raises(ProofError, match="stands 0 times"):
        prove.faulty(proof, proof.faults[0])


def test_a_missing_solver_is_told_with_the_command(tmp_path: Path) -> None:
    hide = f"import sys, runpy; sys.path.insert(0, {str(ROOT / 'benchmarks')!r}); sys.executable = '/nowhere/python'; sys.argv = ['prove.py']; "
    run = f"{hide}runpy.run_path({COMMAND[1]!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", run], capture_output=True, text=True, env={**os.environ, "PATH": str(tmp_path)}
    )
    assert done.returncode == 3 and "pip install 'hwflow[prove]'" in done.stderr


def test_a_module_without_a_proof_is_told(tmp_path: Path) -> None:
    if prove.solver() is None:
        pytest.skip("needs the tools of the extra `prove`")
    assert said("hwf_nothing", "--out", str(tmp_path / "out"))[0] == 2


@needs_tools
def test_what_there_is_no_time_for_is_told_and_is_not_called_proved(tmp_path: Path) -> None:
    status, words = said("hwf_every", "hwf_fork", "--within", "0", "--out", str(tmp_path / "out"))
    assert status == 0 and words.startswith("0 modules, 0 by induction")
    assert words.rstrip().endswith("no time for hwf_every, hwf_fork")


def test_what_last_changed_is_proved_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    monkeypatch.setattr(proofs, "ROOT", tmp_path)
    assert proofs.newest_first(["b", "a"]) == ["b", "a"]  # outside a checkout

    def commit(*paths: str) -> None:
        for path in map(tmp_path.joinpath, paths):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{path.read_text() if path.exists() else ''}\n")
        own = ("-c", "user.name=a", "-c", "user.email=a")
        for words in (("add", "."), (*own, "commit", "-q", "-m", "more")):
            subprocess.run(["git", *words], cwd=tmp_path, check=True)

    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit("rtl/x/a.sv", "rtl/x/b.sv", "rtl/x/c.sv")
    commit("tests/formal/x/b.sv")
    commit("rtl/x/c.sv")
    assert proofs.newest_first(["never", "a", "b", "c"]) == ["c", "b", "a", "never"]


@pytest.mark.parametrize("path", sorted(PROOFS.rglob("hwf_*.sv")), ids=lambda path: path.stem)
def test_each_proof_stands_beside_its_module_with_a_fault_for_each_assertion(path: Path) -> None:
    proof = proofs.read(path)
    assert (proofs.RTL / proof.module).is_file()
    assert proofs.without_a_fault(proof) == []
    for fault in proof.faults:
        prove.faulty(proof, fault)


def test_the_page_says_of_each_module_how_it_is_proved() -> None:
    page = (ROOT / "docs/trust.md").read_text()
    rows = dict(re.findall(r"^\| `(hwf_\w+)` \| .* \| ([^|]+) \|$", page, re.MULTILINE))
    told = [proofs.read(path) for path in PROOFS.rglob("hwf_*.sv")]
    assert rows == {
        proof.name: f"induction ({proof.induction})" if proof.induction else f"{proof.depth} cycles: {proof.reason}"
        for proof in told
    }
