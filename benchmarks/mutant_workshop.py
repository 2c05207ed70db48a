"""A copy of the project whose RTL has all mutants in it, and the tests that are run there on one of them at a time."""

import filecmp
import re
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from mutant_schema import PACKAGE, choosable, package_text, schema
from mutant_tests import Ran, Request, Server
from mutant_texts import ROOT, Mutant

PARTS = ("hwflow", "rtl", "boards", "tests", "benchmarks", "pyproject.toml")
PATIENCE = 3.0  # a test on a mutant may take that many times what it takes without, and
SECONDS = 1.0  # more, of the processor


class Workshop:
    """A copy of the project, kept in `folder` with the simulators that were built in it.

    `numbered` are all mutants that can be chosen in it. With `anew` there are none in the RTL: a mutant is tried by a change of
    the module's text, and each time what holds the module is built anew.
    """

    def __init__(self, folder: Path, numbered: Mapping[int, Mutant], *, anew: bool = False) -> None:
        self.folder = folder
        self._anew = anew
        self._numbers = {mutant: number for number, mutant in numbered.items()}
        self._chosen = folder / "build" / "number"
        self._sound: dict[tuple[str, ...], list[Ran]] = {}  # each test without a mutant
        self._kills: dict[str, int] = {}
        self.seconds = 0.0  # of the processor, for all tests so far, but what was built and what did not end
        _copy(folder, {} if anew else _texts(folder, numbered, self._chosen))
        (folder / "build").mkdir(exist_ok=True)
        self._chosen.write_text("0\n")
        self._server: tuple[list[str], Server] | None = None  # of the files that were run last
        self._closed = False

    def close(self) -> None:
        self._closed = True
        self._end()

    def _end(self) -> None:
        if self._server:
            self._server[1].close()
            self._server = None

    def killed_by(self, mutant: Mutant, files: list[str]) -> str | None:
        """The test of these files that fails; None if none does. Raises RuntimeError where one fails without it as well."""
        number = self._numbers[mutant]
        sound = self._without(files)
        skip = [
            one.test for one in sound if one.builds and not any(number in numbers_in(build) for build in one.builds)
        ]
        some = [one for one in sound if one.test not in skip]
        some.sort(key=lambda one: (-self._kills.get(one.test, 0), one.simulated or one.seconds))
        limits = {one.test: SECONDS + PATIENCE * (one.simulated or one.seconds) for one in some}
        if not some:
            return None
        ran = self._with(mutant, files, Request([*limits], skip, limits, True, not self._anew))
        self.seconds += sum(one.seconds + one.simulated for one in ran)
        killer = next((one.test for one in ran if not one.passed), None)
        if killer is None and {one.test for one in ran} != {*limits}:
            killer = " ".join(files)  # which did not end by themselves
        if killer:
            self._kills[killer] = self._kills.get(killer, 0) + 1
        return killer

    def _without(self, files: list[str]) -> list[Ran]:
        """The tests, and how long each takes once what it needs is built. Raises RuntimeError if one fails."""
        key = tuple(files)
        if key not in self._sound:
            ran = self._passing(files)
            if not all(one.simulated for one in ran):  # what has no standing simulator was perhaps built as well
                ran = self._passing(files)
            self._sound[key] = ran
        return self._sound[key]

    def _passing(self, files: list[str]) -> list[Ran]:
        ran = self._run(files, Request([], [], {}, False, not self._anew))
        failed = next((one.test for one in ran if not one.passed), None if ran else " ".join(files))
        if failed:
            raise RuntimeError(f"{failed} fails without any mutant: mend that first ({self.folder}).")
        return ran

    def _run(self, files: list[str], request: Request) -> list[Ran]:
        if not self._server or self._server[0] != files:
            self._end()  # and its simulators, which stand in memory
            if self._closed:
                raise RuntimeError("the workshop is closed")
            self._server = files, Server(self.folder, files)
        return self._server[1].run(request)

    def _with(self, mutant: Mutant, files: list[str], request: Request) -> list[Ran]:
        if not self._anew:
            self._chosen.write_text(f"{self._numbers[mutant]}\n")
            try:
                return self._run(files, request)
            finally:
                self._chosen.write_text("0\n")
        file, builds = self.folder / "rtl" / mutant.path, self.folder / "build" / "rtl"
        original, before = file.read_text(), {*builds.glob("*")}
        file.write_text(mutant.text(original))
        try:
            # A compiler is limited as well as a simulation.
            return self._run(files, replace(request, limits={name: 10 + most for name, most in request.limits.items()}))
        finally:
            file.write_text(original)
            for folder in {*builds.glob("*")} - before:
                shutil.rmtree(folder)


def numbered(mutants: list[Mutant]) -> dict[int, Mutant]:
    """Those that can be chosen, by numbers that hang on nothing but the module: so its schema is the same when others change."""
    found: dict[int, Mutant] = {}
    by_file: dict[Path, list[Mutant]] = {}
    for mutant in mutants:
        by_file.setdefault(mutant.path, []).append(mutant)
    for path, here in by_file.items():
        # More than 2^24, so that Verilator writes them as hexadecimal numbers, and hardly any other number is one.
        first = (20_000 + zlib.crc32(str(path).encode()) % 2_000_000) * 1000 + 1
        assert first not in found and len(here) < 1000
        found |= dict(enumerate(choosable((ROOT / "rtl" / path).read_text(), here), first))
    return found


@cache
def numbers_in(build: str) -> frozenset[int]:
    """All numbers in what Verilator wrote. A mutant that is not among them is in no circuit of this build's parameters."""
    texts = [path.read_text() for path in Path(build).glob("Vtop*.cpp") if path.stem != "Vtop__ALL"]
    return frozenset(int(word, 16) for text in texts for word in re.findall(r"\b0x([0-9a-f]+)U", text))


def _texts(folder: Path, numbered: Mapping[int, Mutant], chosen: Path) -> dict[Path, str]:
    """The files of the copy that are others than those of the project."""
    by_file: dict[Path, dict[int, Mutant]] = {}
    for number, mutant in numbered.items():
        by_file.setdefault(mutant.path, {})[number] = mutant
    texts = {Path("rtl", path): schema((ROOT / "rtl" / path).read_text(), here) for path, here in by_file.items()}
    # One in every room, since a project is made of the files of whole rooms.
    return texts | {
        Path("rtl", room, f"{PACKAGE}.sv"): package_text(chosen) for room in {path.parent for path in by_file}
    }


def _copy(folder: Path, texts: Mapping[Path, str]) -> None:
    """Make `folder` the project with these texts. What is there already and the same is left as it is."""
    wanted: set[Path] = set()
    for part in PARTS:
        root = ROOT / part
        for file in [root] if root.is_file() else root.rglob("*"):
            below = file.relative_to(ROOT)
            if file.is_file() and not {"__pycache__", "build"} & set(below.parts):
                wanted.add(below)
                if below not in texts:
                    _same(file, folder / below)
    for below, text in texts.items():
        wanted.add(below)
        target = folder / below
        if not target.is_file() or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    for part in PARTS:
        for file in (folder / part).rglob("*"):
            if file.is_file() and file.relative_to(folder) not in wanted and "__pycache__" not in file.parts:
                file.unlink()


def _same(file: Path, copy: Path) -> None:
    if not copy.is_file() or not filecmp.cmp(file, copy, shallow=False):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
