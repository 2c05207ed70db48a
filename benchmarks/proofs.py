"""The files of tests/formal: what is to be proved of which module, and the faults that a proof must see.

A proof, tests/formal/<room>/hwf_<thing>.sv, is text that is put at the end of the module of the same name, so that it sees
what is inside: what is assumed of the inputs, and what is asserted. A module that has `rst` is in reset in the first
cycle, in which `begun` is low, and is reset at any time after. What several proofs watch alike is a module of its own,
tests/formal/watched_<what>.sv. Lines of a proof's head tell the rest:

    //@ induction K               K cycles in a row in which all holds lead to one in which all holds; or
    //@ bounded REASON            why induction does not close: shown for `depth` cycles from reset only
    //@ depth N                   the cycles from reset in which a fault must fail, and to which it is bounded
    //@ parameters A=1 B=2        of the module; each such line is one design
    //@ fault LABEL: OLD => NEW   with NEW in place of OLD in the module's text, the assertion LABEL must fail

Every assertion has a fault.
"""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROOFS = ROOT / "tests/formal"
RTL = ROOT / "rtl"
_FAULT = re.compile(r"(\w+): (.+) => (.*)")


class ProofError(Exception):
    """One sentence: which proof is not as it must be, and why."""


@dataclass(frozen=True)
class Fault:
    """A change of the module's text, and the assertion that must see it."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Proof:
    """What a file of tests/formal says: `induction` is 0 where it is bounded, and `reason` says why then."""

    module: Path  # below rtl/
    text: str
    induction: int
    reason: str
    depth: int
    parameters: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...]

    @property
    def name(self) -> str:
        return self.module.stem


def read(path: Path) -> Proof:
    """The proof that a file holds. Raises ProofError."""
    text = path.read_text()
    lines = [line[4:].strip().partition(" ") for line in text.splitlines() if line.startswith("//@ ")]
    told: dict[str, list[str]] = {}
    for word, _, rest in lines:
        told.setdefault(word, []).append(rest)
    unknown = set(told) - {"induction", "bounded", "depth", "parameters", "fault"}
    if unknown or len(told.get("depth", ())) != 1 or ("induction" in told) == ("bounded" in told):
        raise ProofError(f"{path.name}: it has one depth, and induction or bounded; see benchmarks/proofs.py.")
    faults = [_FAULT.fullmatch(fault) for fault in told.get("fault", ())]
    if not faults or None in faults:
        raise ProofError(f"{path.name}: it names at least one fault, as `LABEL: OLD => NEW`.")
    return Proof(
        module=path.relative_to(path.parents[1]),
        text=text,
        induction=int(told.get("induction", ["0"])[0]),
        reason=told.get("bounded", [""])[0],
        depth=int(told["depth"][0]),
        parameters=tuple(tuple(line.split()) for line in told.get("parameters", [""])),
        faults=tuple(Fault(*(part.replace(r"\n", "\n") for part in found.groups())) for found in faults if found),
    )


def without_a_fault(proof: Proof) -> list[str]:
    """Names of assertions in the text that no fault is for."""
    asserted = re.findall(r"\b(\w+)\s*:\s*assert\b", proof.text)
    return sorted(set(asserted) - {fault.label for fault in proof.faults})


def newest_first(names: Iterable[str]) -> list[str]:
    """Modules in the order in which they, or their proofs, last changed, by what git tells; as they are outside a checkout."""
    command = ("git", "log", "--format=", "--name-only", "--", "rtl", "tests/formal")
    try:
        log = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.split()
    except FileNotFoundError:
        log = []
    places: dict[str, int] = {}
    for place, path in enumerate(log):
        places.setdefault(Path(path).stem, place)
    return sorted(names, key=lambda name: places.get(name, len(log)))
