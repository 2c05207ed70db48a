"""Tries the ranges of pyproject.toml at both ends: `python scripts/ends.py lowest|newest [what pytest takes]`.

An environment of its own, `build/ends/lowest` or `newest`, and in it the quick tests. Its versions are printed first.
"""

import os
import subprocess
import sys
from pathlib import Path

from lock import ROOT, lowest, requirements
from setup import write_shim

ENDS = ROOT / "build/ends"
QUICK = ("-q", "-m", "not slow and not finn")


def constraints(end: str, folder: Path) -> list[str]:
    """What pip is told of versions: for `lowest` the lower end of each range, for `newest` nothing."""
    if end == "newest":
        return []
    path = folder / "constraints.txt"
    path.write_text("\n".join(lowest(requirements())) + "\n")
    return ["--constraint", str(path)]


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in ("lowest", "newest"):
        print(__doc__, file=sys.stderr)
        return 2
    end, *asked = arguments
    folder = ENDS / end
    programs = folder / "bin"
    python = programs / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", *constraints(end, folder)]
    subprocess.run([*pip, *requirements(), "--editable", ROOT], check=True)
    write_shim(programs)
    subprocess.run([python, "-m", "pip", "freeze", "--exclude-editable"], check=True)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    tests = [python, "-m", "pytest", *(asked or QUICK)]
    return subprocess.run(tests, cwd=ROOT, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
