"""The two questions of a proof by induction, and yices, which answers them.

A design is what Yosys' `write_smt2` makes of a module named `proof`: predicates on states for the first state, a step, what is
assumed and what is asserted.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


class SolverError(Exception):
    """One sentence: what the solver said in place of an answer."""


def run(steps: int, start: bool) -> list[str]:
    """States s0 to s`steps` that follow each other and keep the assumptions; from the initial one, or from any."""
    lines = [f"(declare-fun s{i} () |proof_s|)" for i in range(steps + 1)]
    lines += [f"(assert (and (|proof_u| s{i}) (|proof_h| s{i})))" for i in range(steps + 1)]
    lines += [f"(assert (|proof_t| s{i} s{i + 1}))" for i in range(steps)]
    return [*lines, "(assert (|proof_i| s0))"] if start else lines


def from_reset(depth: int, numbers: list[int] | None = None) -> list[str]:
    """Whether an assertion, or one of these, fails within `depth` cycles."""
    names = ["proof_a"] if numbers is None else [f"proof_a {number}" for number in numbers]
    fails = " ".join(f"(not (|{name}| s{i}))" for name in names for i in range(depth + 1))
    return [*run(depth, start=True), f"(assert (or {fails}))"]


def one_more(cycles: int) -> list[str]:
    """Whether an assertion can fail after `cycles` in which all hold."""
    held = [f"(assert (|proof_a| s{i}))" for i in range(cycles)]
    return [*run(cycles, start=False), *held, f"(assert (not (|proof_a| s{cycles})))"]


def solve(text: str, query: list[str], seconds: float) -> str:
    """`sat`, `unsat`, or `unknown` where the solver does not say so in time."""
    script = "\n".join(["(set-logic QF_AUFBV)", text, *query, "(check-sat)"])
    try:
        done = subprocess.run(
            [solver() or "", "/dev/stdin"], input=script, capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return "unknown"
    answer = done.stdout.strip()
    if answer not in ("sat", "unsat"):
        raise SolverError(f"The solver does not answer: {(done.stderr or answer).strip()[:300]}")
    return answer


def solver() -> str | None:
    """Where yices is: beside this Python, else on PATH."""
    return shutil.which("yices-smt2", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
