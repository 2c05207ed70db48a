"""Mutants that a module's own proof refutes: with the mutant in its text, an assertion fails within the proof's depth from reset."""

import tempfile
from pathlib import Path

from induction import from_reset, solve
from mutant_texts import ROOT, Mutant
from proofs import ProofError, read
from prove import design, texts

SECONDS = 60.0  # for a question; one that takes longer refutes nothing


def refuted_by(mutant: Mutant, file: str) -> str | None:
    """The proof's file and parameters with which it fails on the mutant; None if all hold, or the solver does not say in time.

    A mutant that Yosys refuses has not been refuted.
    """
    proof = read(ROOT / file)
    modules = texts(proof.module)
    modules[proof.name] = mutant.within(modules[proof.name])
    for parameters in proof.parameters:
        with tempfile.TemporaryDirectory() as folder:
            try:
                made = design(proof, parameters, modules, Path(folder) / "design")
            except ProofError:
                continue
        if solve(made.text, from_reset(proof.depth), SECONDS) == "sat":
            return " ".join([file, *parameters])
    return None
