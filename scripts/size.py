"""Prints what extras take on disk: `python scripts/size.py sim ice40`, or, without an argument, each extra in turn.

The packages are those that pip would install for `hwflow[sim,ice40]`, as they lie in the environment of this Python; the
size is that of their files. Byte code, which pip makes of them unless told --no-compile, is counted apart.
"""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
OWN = ("hwflow", "rtl", "boards")  # what the wheel holds
MB = 1_000_000


@dataclass(frozen=True)
class Size:
    """Bytes of a package's files, and of the byte code that was made of them."""

    package: str
    files: int
    bytecode: int


def extras_of(project: dict[str, dict[str, list[str]]], asked: list[str]) -> Iterator[str]:
    """The requirements of hwflow with these extras. Raises KeyError for an extra that there is not."""
    yield from project["dependencies"]
    for extra in asked:
        for line in project["optional-dependencies"][extra]:
            needs = Requirement(line)
            yield from extras_of(project, sorted(needs.extras)) if needs.name == "hwflow" else [line]


def packages(lines: list[str]) -> dict[str, Distribution]:
    """What pip would install for these requirements, by name. Raises PackageNotFoundError if something is not here."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [Requirement(line) for line in lines]
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        if (name, frozenset(one.extras)) in seen:
            continue
        seen.add((name, frozenset(one.extras)))
        found[name] = distribution(name)
        for line in found[name].requires or []:
            needs = Requirement(line)
            if needs.marker is None or any(needs.marker.evaluate({"extra": extra}) for extra in (one.extras or {""})):
                todo.append(needs)
    return found


def size(package: str, paths: list[Path]) -> Size:
    """Of the files among these paths."""
    lengths = {True: 0, False: 0}
    for path in paths:
        if path.is_file():
            lengths[path.suffix == ".pyc"] += path.stat().st_size
    return Size(package, lengths[False], lengths[True])


def sizes(asked: list[str]) -> list[Size]:
    """hwflow's own and those of all it needs with these extras, largest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    own = size("hwflow", [path for room in OWN for path in (ROOT / room).rglob("*")])
    others = packages(list(extras_of(project, asked))).items()
    found = [size(name, [Path(str(file.locate())) for file in of.files or []]) for name, of in others]
    return sorted([own, *found], key=lambda one: -one.files)


def table(asked: list[str]) -> str:
    """The sum, and the packages above 1 MB."""
    found = sizes(asked)
    total, bytecode = sum(one.files for one in found), sum(one.bytecode for one in found)
    what = f"hwflow[{','.join(asked)}]" if asked else "hwflow"
    head = f"{what}: {total / MB:.0f} MB in {len(found)} packages, and {bytecode / MB:.0f} MB of byte code"
    return "\n".join([head, *(f"  {one.files / MB:7.1f}  {one.package}" for one in found if one.files >= MB)])


def main(arguments: list[str]) -> int:
    every = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    unknown = [extra for extra in arguments if extra not in every]
    if unknown:
        print(f"There is no extra {unknown[0]}; there are {', '.join(every)}.", file=sys.stderr)
        return 2
    status = 0
    for asked in [arguments] if arguments else [[], *([extra] for extra in every)]:
        try:
            print(table(asked))
        except PackageNotFoundError as error:
            print(f"hwflow[{','.join(asked)}]: {error}, so that it cannot be measured.", file=sys.stderr)
            status = 3
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
