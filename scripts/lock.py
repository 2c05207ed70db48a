"""Writes scripts/constraints.txt: the version of every package that `make` installs, found by pip from pyproject.toml.

python scripts/lock.py               what is locked stays, what is new is added, what is not needed any more goes
python scripts/lock.py --newest      the newest versions within the ranges
python scripts/lock.py --lowest      prints the lower end of every range, as constraints for `make ends`
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "scripts/constraints.txt"
HEAD = "# Versions of everything that is installed, also of what pyproject.toml does not name. By scripts/lock.py.\n"
_RANGE = re.compile(r"([A-Za-z0-9._-]+)(?:>=|==)([\w.]+)(?:,<[\w.]+)?")


APART = {"da4ml"}  # extras that are never installed beside the others


def requirements() -> list[str]:
    """All lines of pyproject.toml, but for extras that name other extras, or lie in an environment of their own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [lines for name, lines in project["optional-dependencies"].items() if name not in APART]
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return sorted({line for line in lines if not line.startswith("hwflow[")})


def lowest(lines: list[str]) -> list[str]:
    """The lower end of each range. Raises ValueError for a line that has none."""
    ends = []
    for line in lines:
        hit = _RANGE.fullmatch(line)
        if hit is None:
            raise ValueError(f"{line} is no range with a lower end")
        ends.append(f"{hit[1]}=={hit[2]}")
    return ends


def resolve(lines: list[str], constraints: Path | None) -> list[str]:
    """What pip would install into an empty environment of this Python, as `name==version`, without local labels."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    limits = ["--constraint", str(constraints)] if constraints else []
    done = subprocess.run([*pip, *limits, *lines], check=True, stdout=subprocess.PIPE, text=True)
    found = (item["metadata"] for item in json.loads(done.stdout)["install"])
    return sorted((f"{one['name']}=={one['version'].split('+')[0]}" for one in found), key=str.lower)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--newest", action="store_true", help="forget what is locked")
    parser.add_argument("--lowest", action="store_true", help="print the lower ends, write nothing")
    options = parser.parse_args()
    if options.lowest:
        print("\n".join(lowest(requirements())))
        return 0
    LOCK.write_text(HEAD + "\n".join(resolve(requirements(), None if options.newest else LOCK)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
