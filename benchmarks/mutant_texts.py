"""Mutants of the RTL: small faults in a module's text, and the files of tests and of proofs that should find them.

A mutant is a module in which one operator, constant or condition is another, or one register is not reset. Not mutated: what
is computed when the RTL is elaborated, as far as its line says so, assertions, and modules of one vendor's cells.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from proofs import PROOFS, ROOT

LEFT_OUT = ("finn", "pll")  # folders of rtl/ with text of vendors' cells, which no test can execute
# What a mutant leaves unused or makes odd is no reason to take it for found.
QUIET = "".join(
    f"/* verilator lint_off {name} */ " for name in ("WIDTH", "UNUSED", "CMPCONST", "UNSIGNED", "UNOPTFLAT")
)
DEVICES = {"hwf_guard": "apps/can_ids/test_guard.py"}  # tests of a whole device, which stand elsewhere
_MODULE = re.compile(r"\bhwf_[a-z0-9_]+\b")
_ELABORATED = re.compile(
    r"^\s*(//|assign unused\w*\b|localparam|parameter|module|import|for \(genvar|input|output|function)|\bgenerate\b|: \w+$"
)
# Name, what is looked for, and what takes its place; each place by itself.
_CHANGES = (
    ("and", r" && ", " || "),
    ("or", r" \|\| ", " && "),
    ("equal", r" == ", " != "),
    ("unequal", r" != ", " == "),
    ("not", r"!(?=[a-z(])", ""),
    ("one", r"1'b1\b", "1'b0"),
    ("zero", r"1'b0\b", "1'b1"),
    ("clear", r"(?<=<= )'0(?=;)", "'1"),
    ("plus", r" \+ ", " - "),
    ("minus", r" - ", " + "),
)
_RESET = re.compile(r"\bif \([^()]*\brst\b[^()]*\) (begin\b)?")
_ASSIGNMENT = re.compile(r"[\w{][^;=]* <= [^;]*;")


@dataclass(frozen=True)
class Mutant:
    """A module's text with one fault: what stands from `start` to `end` is `put` instead."""

    path: Path  # below rtl/
    kind: str
    start: int
    end: int
    put: str

    @property
    def module(self) -> str:
        return self.path.stem

    def within(self, original: str) -> str:
        return original[: self.start] + self.put + original[self.end :]

    def text(self, original: str) -> str:
        return QUIET + self.within(original)

    def told(self, original: str) -> str:
        line = original.count("\n", 0, self.start)
        return f"rtl/{self.path}:{line + 1}: {self.kind}: {original.splitlines()[line].strip()}"


def resets(path: Path, text: str) -> Iterator[Mutant]:
    """A mutant for each register that is not reset any more."""
    for found in _RESET.finditer(text):
        end = text.index(" end", found.end()) if found[1] else text.index(";", found.end()) + 1
        for register in _ASSIGNMENT.finditer(text, found.end(), end):
            yield Mutant(path, "reset", *register.span(), ";")


def changes(path: Path, text: str) -> Iterator[Mutant]:
    """A mutant for each operator and constant of what the circuit does."""
    begin, checked = 0, False
    for line in text.splitlines(keepends=True):
        checked = line.startswith("`ifndef SYNTHESIS") or (checked and not line.startswith("`e"))
        if not checked and not _ELABORATED.search(line):
            code = line.split("//")[0]
            for kind, wanted, put in _CHANGES:
                for found in re.finditer(wanted, code):
                    yield Mutant(path, kind, begin + found.start(), begin + found.end(), put)
        begin += len(line)


def mutants() -> list[Mutant]:
    """All there are, in the order of the files."""
    made: list[Mutant] = []
    for path in sorted((ROOT / "rtl").rglob("hwf_*.sv")):
        below = path.relative_to(ROOT / "rtl")
        if not set(below.parts) & set(LEFT_OUT):
            text = path.read_text()
            made += [*resets(below, text), *changes(below, text)]
    return made


@cache
def _holders() -> dict[str, set[str]]:
    """The modules whose text names a module or package, but in a comment."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "rtl").rglob("hwf_*.sv"):
        for name in _MODULE.findall(re.sub("//.*", "", path.read_text())):
            found.setdefault(name, set()).add(path.stem)
    return found


def suites(module: str) -> list[list[str]]:
    """What to try, one list after another: the module's own files of tests, its proof, then tests of what holds it, nearest first."""
    holders_of = _holders()
    tests = {path.stem.removeprefix("test_"): path for path in (ROOT / "tests" / "rtl").rglob("test_hwf_*.py")}
    tests |= {name: ROOT / "tests" / path for name, path in DEVICES.items()}
    found, seen, nearest = [], {module}, [module]
    while nearest:
        files = [str(tests[name].relative_to(ROOT)) for name in nearest if name in tests]
        found += [files] if files else []
        if nearest == [module]:
            found += [[str(path.relative_to(ROOT))] for path in PROOFS.rglob(f"{module}.sv")]
        holders = {holder for name in nearest for holder in holders_of.get(name, ())} - seen
        seen |= holders
        nearest = sorted(holders)
    return found
