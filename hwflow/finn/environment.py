"""FINN's own virtual environment: where it is, whether it is the right one, and how it is made.

hwflow never imports FINN: its packages contradict hwflow's own (protobuf, onnxruntime, rich), so they live apart.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import MissingTool, ToolError
from hwflow.paths import only_one
from hwflow.tool.process import run_tool

VERSION = "1.6.1"
VARIABLE = "HWFLOW_FINN"
SETUP = "hwflow finn setup"
_HERE = Path(__file__).resolve().parent
REQUIREMENTS = _HERE / "requirements.txt"
# The worker is a package beside this file; its folder goes to the end of the path, so that nothing here hides FINN's own.
_RUN = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module('worker', run_name='__main__', alter_sys=True)"
_STAMP = "hwflow-finn"
_SHOWN = ("Collecting", "Downloading", "Using cached", "Installing")


@dataclass(frozen=True)
class Environment:
    """An environment that holds the pinned FINN and passed its test: its folder, and its Python."""

    place: Path

    @property
    def python(self) -> Path:
        return self.place / "bin" / "python"

    def worker(self, job: Path) -> tuple[str, ...]:
        """The command that does the job of a file."""
        return (str(self.python), "-c", _RUN, str(_HERE), str(job))


def place() -> Path:
    """Where FINN's environment is, or will be: `HWFLOW_FINN`, else a folder in the user's data folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser().absolute() / "hwflow" / f"finn-plus-{VERSION}"


def installed(where: Path) -> str | None:
    """The version of finn-plus in an environment; None if it is not there. Starts nothing."""
    found = sorted(where.glob("lib/python*/site-packages/finn_plus-*.dist-info"))
    return found[0].name.removeprefix("finn_plus-").removesuffix(".dist-info") if found else None


def find_environment() -> Environment:
    """FINN's environment. Raises MissingTool if it is not set up, or holds another version of finn-plus."""
    where = place()
    version = installed(where)
    # An environment of the user's own needs no stamp; one of ours without it was left half done.
    whole = bool(os.environ.get(VARIABLE)) or (where / _STAMP).is_file()
    if version is None or not (where / "bin" / "python").exists() or not whole:
        raise MissingTool(f"FINN is not set up in {where}; run `{SETUP}` (some minutes, 1.4 GB).")
    if version != VERSION:
        raise MissingTool(
            f"{where} holds finn-plus {version}, and hwflow works with {VERSION} only; run `{SETUP}`, or name another "
            f"environment in {VARIABLE}."
        )
    return Environment(where)


def fingerprint(where: Path) -> str:
    """Of what the environment is made from, of the Python, and of where it lies."""
    sha = hashlib.sha256(f"{where}\n{sys.version}\n".encode())
    sha.update(REQUIREMENTS.read_bytes())
    return sha.hexdigest() + "\n"


def is_ready(where: Path) -> bool:
    """Whether set-up ended there, with these very packages."""
    stamp = where / _STAMP
    return installed(where) == VERSION and stamp.is_file() and stamp.read_text() == fingerprint(where)


def set_up(where: Path, tell: Callable[[str], None], test: Callable[[Environment], None]) -> bool:
    """Make the environment, or what of it is not yet made; `test` must end well. Whether anything was done.

    What was installed before an interruption stays. Raises ToolError, with pip's own words, if a step fails, and
    UserError if another process is at it.
    """
    where.parent.mkdir(parents=True, exist_ok=True)  # where the steps run: no module of the user's folder is taken
    with only_one(where):
        if is_ready(where):
            return False
        environment, log = Environment(where), where.parent / f"{where.name}.log"
        if not _usable(environment):
            tell("making the environment")
            run_tool([sys.executable, "-m", "venv", "--clear", str(where)], log, cwd=where.parent)
        pip = [str(environment.python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        tell("installing FINN's packages")

        def on_line(line: str) -> None:
            if line.startswith(_SHOWN):
                tell(line.strip()[:60])

        run_tool([*pip, "--no-deps", "--requirement", str(REQUIREMENTS)], log, cwd=where.parent, on_line=on_line)
        if installed(where) != VERSION:
            raise ToolError(f"{where} holds no finn-plus {VERSION} after pip was done (log: {log}); remove it and run "
                            f"`{SETUP}` again.")  # fmt: skip
        tell("compiling a small net with it")
        test(environment)
        (where / _STAMP).write_text(fingerprint(where))
    return True


def _usable(environment: Environment) -> bool:
    """Whether there is a virtual environment of this place, of this Python, with pip in it."""
    settings = environment.place / "pyvenv.cfg"
    version = f"{sys.version_info.major}.{sys.version_info.minor}."
    there = environment.python.exists() and (environment.place / "bin" / "pip").exists() and settings.is_file()
    return there and f"version = {version}" in settings.read_text()
