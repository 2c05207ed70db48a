"""`make prove`: properties of the RTL's modules, proved for every input by k-induction, or for as many cycles as are told.

proofs.py says what a proof is. What the solver does not decide in time is `unknown`, and that is no success. Exit status: 0 all
as told, 1 not so, 2 no such proof or a wrong one, 3 a tool is missing.
"""

import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from induction import SolverError, from_reset, one_more, solve, solver
from proofs import PROOFS, ROOT, RTL, Fault, Proof, ProofError, newest_first, read, without_a_fault

T = TypeVar("T")
INSTALL = "pip install 'hwflow[prove]'"
# What is undefined in the RTL is any value in the proof; assertions are of the cycle in which they stand.
PASSES = (
    "proc; flatten; opt_clean; {memories}; setundef -undriven -anyseq; opt -fast; async2sync; "
    "chformal -lower; dffunmap; opt_clean; write_smt2 {states} {out}"
)
BEGUN = "logic begun; initial begun = 1'b0; always_ff @(posedge clk) begun <= 1'b1;\n"
RESET = "always_comb if (!begun) begun_in_reset : assume (rst);\n"
_NAME = re.compile(r"\bhwf_[a-z0-9_]+\b")
_LABEL = re.compile(r"^; yosys-smt2-assert (\d+) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Design:
    """A proof with one choice of parameters, as SMT-LIB: its transition relation, and the number of each assertion."""

    text: str
    labels: tuple[tuple[str, int], ...]


def texts(module: Path) -> dict[str, str]:
    """The texts of a module and of what it names, by module; packages first, as tools read them."""
    files = {path.stem: path for path in RTL.rglob("hwf_*.sv")}
    found: dict[str, str] = {}
    wanted = [module.stem]
    while wanted:
        name = wanted.pop()
        if name in files and name not in found:
            found[name] = files[name].read_text()
            wanted += _NAME.findall(re.sub(r"//.*", "", found[name]))
    return dict(sorted(found.items(), key=lambda item: ("\npackage " not in item[1], item[0])))


def faulty(proof: Proof, fault: Fault) -> dict[str, str]:
    """The module's texts with the fault in it. Raises ProofError where the place is not one."""
    all_texts = texts(proof.module)
    if all_texts[proof.name].count(fault.old) != 1:
        raise ProofError(
            f"{proof.name}: `{fault.old}` stands {all_texts[proof.name].count(fault.old)} times in the module."
        )
    return all_texts | {proof.name: all_texts[proof.name].replace(fault.old, fault.new)}


def joined(module: str, proof: str) -> str:
    """The module's text with the proof at its end."""
    begun = BEGUN * bool(re.search(r"\bclk\b", module)) + RESET * bool(re.search(r"input +logic +rst\b", module))
    body, _, rest = module.rpartition("endmodule")
    return f"{body}{begun}{proof}endmodule{rest}"


def design(
    proof: Proof,
    parameters: tuple[str, ...],
    modules: dict[str, str],
    folder: Path,
    images: Mapping[str, bytes] | None = None,
) -> Design:
    """What Yosys makes of a module with its proof, the others as they are; images: of constant memories, by path,
    which are all that they have.

    Raises ProofError if it refuses them.
    """
    # Where memories are constants no array is left, and states of plain bits are solved far sooner.
    plain = {"memories": "memory -nomap; memory_map", "states": "-stbv"}
    passes = PASSES.format(
        **({"memories": "memory_collect", "states": ""} if images is None else plain), out="proof.smt2"
    )
    folder.mkdir(parents=True)
    for path, content in (images or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    modules = modules | {path.stem: path.read_text() for path in PROOFS.glob("watched_*.sv") if path.stem in proof.text}
    for name, text in {**modules, proof.name: joined(modules[proof.name], proof.text)}.items():
        (folder / f"{name}.sv").write_text(text)
    set_them = " ".join(f"-chparam {one.replace('=', ' ')}" for one in parameters)
    commands = (
        f"read_verilog -defer -sv -formal -DSYNTHESIS {' '.join(f'{name}.sv' for name in modules)}; "
        f"hierarchy -check -top {proof.name} {set_them}; rename -top proof; {passes}"
    )
    done = subprocess.run(
        [sys.executable, "-m", "hwflow.tool.run_yosys", "-p", commands],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise ProofError(f"{proof.name}: Yosys refuses it: {(done.stderr or done.stdout).strip()[-300:]}")
    text = (folder / "proof.smt2").read_text()
    labels = tuple((label.rpartition(".")[2], int(number)) for number, label in _LABEL.findall(text))
    if not labels or any(not re.fullmatch(r"[a-z]\w+", label) for label, _ in labels):
        raise ProofError(f"{proof.name}: every assertion has a name.")
    return Design(text, labels)


def prove(proof: Proof, parameters: tuple[str, ...], folder: Path, seconds: float) -> str:
    """`proved`, `bounded`, `refuted`, or `unknown`, for one choice of parameters."""
    made = design(proof, parameters, texts(proof.module), folder)
    if proof.induction:
        questions = from_reset(proof.induction), one_more(proof.induction)
        if all(solve(made.text, question, seconds) == "unsat" for question in questions):
            return "proved"
    answer = solve(made.text, from_reset(proof.depth), seconds)
    if answer == "unsat" and not proof.induction:
        return "bounded"
    return "refuted" if answer == "sat" else "unknown"


def catches(proof: Proof, fault: Fault, folder: Path, seconds: float) -> bool:
    """Whether the fault's assertion fails in one of the designs."""
    modules = faulty(proof, fault)
    for number, parameters in enumerate(proof.parameters):
        made = design(proof, parameters, modules, folder / str(number))
        numbers = [index for label, index in made.labels if label == fault.label]
        if numbers and solve(made.text, from_reset(proof.depth, numbers), seconds) == "sat":
            return True
    return False


def told(proof: Proof, outcomes: list[str]) -> tuple[bool, str]:
    """Whether a module's designs are all as the proof says, and the words for it."""
    designs = f"{len(outcomes)} design{'s' * (len(outcomes) != 1)}"
    if set(outcomes) == {"proved"}:
        return True, f"proved by induction ({proof.induction}), {designs}"
    if set(outcomes) == {"bounded"}:
        return True, f"bounded to {proof.depth} cycles ({proof.reason}), {designs}"
    worst = "refuted" if "refuted" in outcomes else "unknown"
    which = ["; ".join(p) or "-" for p, o in zip(proof.parameters, outcomes, strict=True) if o == worst]
    return False, f"{worst}: {', '.join(which)}"


class TooLateError(Exception):
    """The time for all was over before this began."""


def report(proof: Proof, designs: list[Future[str]], faults: list[Future[bool]]) -> tuple[bool, str]:
    """Whether a module is as its proof says, with the words for it; waits for its designs and faults. Raises TooLateError."""
    try:
        right, words = told(proof, [job.result() for job in designs])
        missed = [fault.label for fault, job in zip(proof.faults, faults, strict=False) if not job.result()]
    except (ProofError, SolverError) as error:
        return False, f"wrong: {error}"
    missed += without_a_fault(proof)
    if missed:
        return False, f"{words}; no fault is caught by {', '.join(missed)}"
    return right, words + f"; {len(faults)} faults caught" * bool(faults)


def work(proofs: list[Proof], folder: Path, options: argparse.Namespace) -> tuple[int, list[str]]:
    """Prove all, and say a line of each. Gives how many are not as told, and what there was no time for."""
    wrong, late = 0, []
    deadline = time.monotonic() + options.within

    def begin(call: Callable[..., T], *arguments: object) -> T:
        if time.monotonic() > deadline:
            raise TooLateError
        return call(*arguments, options.seconds)

    with ThreadPoolExecutor(options.jobs) as pool:
        begun = []
        for proof in proofs:
            at = folder / proof.name
            designs = [
                pool.submit(begin, prove, proof, parameters, at / f"design{i}")
                for i, parameters in enumerate(proof.parameters)
            ]
            planted = proof.faults if options.faults else ()
            faults = [pool.submit(begin, catches, proof, fault, at / f"fault{i}") for i, fault in enumerate(planted)]
            begun.append((proof, designs, faults))
        for proof, designs, faults in begun:
            try:
                right, words = report(proof, designs, faults)
            except TooLateError:
                late.append(proof.name)
                continue
            print(f"{proof.name}: {words}", flush=True)
            wrong += not right
    return wrong, late


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="names of modules; without, all, those first that last changed")
    parser.add_argument("--faults", action="store_true", help="also see each assertion fail on its fault")
    parser.add_argument("--seconds", type=float, default=120, help="the most that one question may take")
    parser.add_argument("--within", type=float, default=math.inf, help="seconds after which nothing more is begun")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=ROOT / "build/prove")
    options = parser.parse_args()
    if solver() is None or find_spec("pyosys") is None:
        print(f"Proofs need Yosys and yices, of which one is not installed; run `{INSTALL}`.", file=sys.stderr)
        return 3
    paths = {path.stem: path for path in sorted(PROOFS.rglob("hwf_*.sv"))}
    absent = sorted(set(options.modules) - set(paths))
    if absent:
        print(f"There is no proof of {', '.join(absent)} in tests/formal.", file=sys.stderr)
        return 2
    shutil.rmtree(options.out, ignore_errors=True)
    start = time.monotonic()
    try:
        proofs = [read(paths[name]) for name in options.modules or newest_first(paths)]
        wrong, late = work(proofs, options.out, options)
    except ProofError as error:
        print(error, file=sys.stderr)
        return 2
    done = [proof for proof in proofs if proof.name not in late]
    closed = sum(proof.induction > 0 for proof in done)
    print(
        f"{len(done)} modules, {closed} by induction, {len(done) - closed} bounded, {wrong} not as told, in {time.monotonic() - start:.0f} s"
        + f"; no time for {', '.join(late)}" * bool(late)
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
