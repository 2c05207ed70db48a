"""`make mutants`: small faults in the text of the RTL, one at a time, and whether the modules' own tests find them.

A mutant is a module in which one operator, constant or condition is another, or one register is not reset. Where the
module's own tests pass nevertheless, those of the modules that hold it are run; what passes these too has survived, and is
printed with its place. Not mutated: what is computed when the RTL is elaborated, assertions, and modules of one vendor's cells.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from run import Row

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("hwflow", "rtl", "boards", "tests", "benchmarks", "pyproject.toml")
LEFT_OUT = ("finn", "pll")  # folders of rtl/ with text of vendors' cells, which no test can execute
# What a mutant leaves unused or makes odd is no reason to take it for found.
QUIET = "/* verilator lint_off WIDTH */ /* verilator lint_off UNUSED */ /* verilator lint_off CMPCONST */ "
DEVICES = {"hwf_guard": "apps/can_ids/test_guard.py"}  # tests of a whole device, which stand elsewhere
SECONDS = 600  # for the tests of a module: a mutant may never end
_MODULE = re.compile(r"\bhwf_[a-z0-9_]+\b")
_ELABORATED = re.compile(
    r"^\s*(//|localparam|parameter|module|import|for \(genvar|input|output|function)|\bgenerate\b|: \w+$"
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
    ("clear", r"<= '0;", "<= '1;"),
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

    def text(self, original: str) -> str:
        return QUIET + original[: self.start] + self.put + original[self.end :]

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


def mutants(kinds: Callable[[str], bool], modules: Callable[[str], bool]) -> list[Mutant]:
    """All mutants of these kinds and modules, in the order of the files."""
    made: list[Mutant] = []
    for path in sorted((ROOT / "rtl").rglob("hwf_*.sv")):
        below = path.relative_to(ROOT / "rtl")
        if modules(path.stem) and not set(below.parts) & set(LEFT_OUT):
            text = path.read_text()
            made += [m for m in (*resets(below, text), *changes(below, text)) if kinds(m.kind)]
    return made


def suites(module: str) -> list[list[str]]:
    """The test files to try, one list after another: the module's own, then those of what holds it, nearest first."""
    texts = {path.stem: path.read_text() for path in (ROOT / "rtl").rglob("hwf_*.sv")}
    tests = {path.stem.removeprefix("test_"): path for path in (ROOT / "tests" / "rtl").rglob("test_hwf_*.py")}
    tests |= {name: ROOT / "tests" / path for name, path in DEVICES.items()}
    found, seen, nearest = [], {module}, [module]
    while nearest:
        files = [str(tests[name].relative_to(ROOT)) for name in nearest if name in tests]
        found += [files] if files else []
        holders = {name for name, text in texts.items() if set(nearest) & set(_MODULE.findall(text))} - seen
        seen |= holders
        nearest = sorted(holders)
    return found


class Workshop:
    """A copy of the project in which one mutant at a time is tried."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sound: list[list[str]] = []  # the test files that were seen to pass without a mutant
        for name in PARTS:
            part = ROOT / name
            if part.is_dir():
                shutil.copytree(part, folder / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
            else:
                shutil.copy(part, folder / name)

    def killed_by(self, mutant: Mutant) -> str | None:
        """The test files that fail; None if it survives all. Raises RuntimeError where they fail without it as well."""
        file = self.folder / "rtl" / mutant.path
        original = file.read_text()
        file.write_text(mutant.text(original))
        try:
            killer = next((files for files in suites(mutant.module) if not self._pass(files)), None)
        finally:
            file.write_text(original)
            shutil.rmtree(self.folder / "build" / "rtl" / "cases", ignore_errors=True)
        if killer is None:
            return None
        if killer not in self.sound:
            if not self._pass(killer):
                raise RuntimeError(f"{' '.join(killer)} fails without any mutant: mend that first.")
            self.sound.append(killer)
        return " ".join(killer)

    def _pass(self, files: list[str]) -> bool:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not lint", *files]
        environment = os.environ | {"PYTHONPATH": str(self.folder)}
        # A session of its own: a simulation that never ends is ended too.
        with subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, start_new_session=True) as process:  # fmt: skip
            try:
                return process.wait(SECONDS) == 0
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return False


def survivors(chosen: list[Mutant], jobs: int) -> list[Mutant]:
    """The mutants that no test finds; each is printed as it is tried."""
    left: list[Mutant] = []
    with tempfile.TemporaryDirectory() as scratch:
        free: SimpleQueue[Workshop] = SimpleQueue()
        for number in range(jobs):
            free.put(Workshop(Path(scratch, str(number))))

        def tried(mutant: Mutant) -> tuple[Mutant, str | None]:
            workshop = free.get()
            try:
                return mutant, workshop.killed_by(mutant)
            finally:
                free.put(workshop)

        with ThreadPoolExecutor(jobs) as pool:
            for number, (mutant, killer) in enumerate(pool.map(tried, chosen), 1):
                told = mutant.told((ROOT / "rtl" / mutant.path).read_text())
                print(f"{number} of {len(chosen)}  {told}  [{killer or 'SURVIVED'}]", flush=True)
                left += [] if killer else [mutant]
    return left


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", help="reset, and, equal, …: only these, else all")
    parser.add_argument("--module", action="append", help="only these, else all")
    parser.add_argument("--sample", type=int, help="that many of them, at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    chosen = mutants(
        lambda kind: not options.kind or kind in options.kind,
        lambda module: not options.module or module in options.module,
    )
    if options.sample and options.sample < len(chosen):
        chosen = sorted(random.Random(options.seed).sample(chosen, options.sample), key=chosen.index)
    left = survivors(chosen, options.jobs)
    row = Row(f"mutants of the RTL that no test finds, of {len(chosen):,}", f"{len(left):,}", "0", not left)
    print(row)
    return 0 if row.met else 1


if __name__ == "__main__":
    sys.exit(main())
