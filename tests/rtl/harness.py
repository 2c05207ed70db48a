"""Run cocotb tests on one RTL module under Verilator.

A test file holds both sides: coroutines marked `@cocotb.test()` (their names do not start with `test_`) that run inside
the simulator, and pytest functions that call `simulate`. The simulator is built once for a top, its parameters and the
text of its sources, and kept under `build/rtl/`.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cocotb_tools.config import pygpi_entry_point
from cocotb_tools.runner import Verilator, get_results

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RTL = ROOT / "rtl"
BUILDS = ROOT / "build" / "rtl"
FLAGS = ("--assert", "-Wall", "--x-initial", "unique", "--x-assign", "unique", "-Wno-fatal", "--output-split", "0")
START = HERE / "start.cpp"
ASSERTING = "test_*.py */tests/rtl/helpers/*.py"
# A shared library, started by START: see there.
# Each of its two files begins with HEADERS, precompiled: they are most of what the C++ compiler reads.
HEADERS = "headers.h"
# Most simulators run for seconds: with -Og, which comes behind Verilator's own -Os, all of a build and a run takes half as long.
LIBRARY = ("-CFLAGS", f"-Og -fPIC -Dmain=simulator_main -include {HEADERS}", "-LDFLAGS", "-shared", str(START))
LAUNCHER = """\
#!/bin/sh
LD_PRELOAD="${{0%/*}}/{library}" exec "{python}" "$@"
"""
_HEADERS_TEXT = """\
#include <libgen.h>
#include <memory>
#include <string>
#include "verilated.h"
#include "verilated_dpi.h"
#include "verilated_vpi.h"
"""
_RUNTIME = "verilated*.o"
_MODULE = re.compile(r"\bhwf_[a-z0-9_]+\b")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """What a simulation gave: how many cocotb tests ran, how many failed, and all that was printed."""

    tests: int
    failed: int
    log: str


def sources_of(top: str, extra: Sequence[Path] = ()) -> list[Path]:
    """The file of `top` and of every module and package below it; `extra` files (test benches) are looked at first.

    They are in the order of their names, in which a package comes before those that use it (docs/rtl-style.md).
    """
    known = {path.stem: path for path in sorted(RTL.rglob("hwf_*.sv"))} | {path.stem: path for path in extra}
    found: dict[str, Path] = {}
    wanted = [top]
    while wanted:
        name = wanted.pop()
        if name in found or name not in known:
            continue
        found[name] = known[name]
        wanted += _MODULE.findall(_COMMENT.sub("", known[name].read_text()))
    if top not in found:
        raise ValueError(f"no file named {top}.sv under {RTL}")
    return sorted(found.values(), key=lambda path: path.name)


def simulate(
    test_file: str,
    top: str,
    parameters: Mapping[str, int | str] | None = None,
    *,
    tests: Sequence[str] | None = None,
    extra: Sequence[Path] = (),
    files: Mapping[str, str] | None = None,
    seed: int = 1,
) -> Outcome:
    """Build `top` and run the cocotb tests of `test_file` (pass `__file__`) on it: all, or those named in `tests`.

    A parameter that is a text is passed as a Verilog string, or as a number if it looks like 8'hff. `files` (a name and
    a text each) lie in the folder the simulator runs in: memory images that a parameter names. Lint is strict.
    """
    parameters = dict(parameters or {})
    files = dict(files or {})
    build = build_simulator(top, parameters, extra)
    tag = json.dumps([test_file, list(tests or []), files, seed])
    run = build / ("run-" + hashlib.sha256(tag.encode()).hexdigest()[:12])
    run.mkdir(exist_ok=True)
    for name, text in files.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(text)
    log = run / "log.txt"
    results = run / "results.xml"
    results.unlink(missing_ok=True)
    # The simulator's Python looks where ours does. It may stop by itself (an assertion fired); the log says so.
    with _also_on_path(Path(test_file).resolve().parent), suppress(RuntimeError, SystemExit):
        Verilator().test(
            test_module=Path(test_file).stem,
            hdl_toplevel=top,
            hdl_toplevel_lang="verilog",
            testcase=list(tests) if tests else None,
            seed=seed,
            build_dir=build,
            test_dir=run,
            results_xml=str(results),
            log_file=log,
        )
    text = log.read_text(errors="replace")
    if not results.is_file():
        return Outcome(0, 1, text)
    count, failed = get_results(results)
    return Outcome(count, failed, text)


def check(test_file: str, top: str, parameters: Mapping[str, int | str] | None = None, **options: object) -> None:
    """`simulate`, and demand that at least one test ran and every one passed."""
    outcome = simulate(test_file, top, parameters, **options)  # type: ignore[arg-type]
    assert outcome.tests > 0, outcome.log[-6000:]
    assert outcome.failed == 0, outcome.log[-6000:]


def check_assertion_fires(
    test_file: str,
    top: str,
    assertion: str,
    parameters: Mapping[str, int | str] | None = None,
    *,
    extra: Sequence[Path] = (),
    **options: object,
) -> None:
    """Demand that the cocotb tests, which misuse `top`, make the assertion of this name fire.

    The module is `dut.inner` in these tests, so that they can overwrite its registers, its outputs among them.
    """
    case = _case_around(top, extra)
    outcome = simulate(test_file, case.stem, parameters, extra=[case, *extra], **options)  # type: ignore[arg-type]
    fired = re.findall(r"Assertion failed in \S*?\.?(\w+):", outcome.log)
    assert assertion in fired, f"fired: {fired}\n{outcome.log[-3000:]}"


def _case_around(top: str, extra: Sequence[Path]) -> Path:
    """A file with a module of the same parameters and ports that holds `top` and nothing else."""
    text = next(path for path in [*extra, *RTL.rglob("hwf_*.sv")] if path.stem == top).read_text()
    header = text[text.index(f"module {top}") : text.index("\n);") + 3]
    names = re.findall(r"^ *parameter\b[^=\n]*?(\w+) *=", _COMMENT.sub("", header), re.MULTILINE)
    given = ", ".join(f".{name}({name})" for name in names)
    case = BUILDS / "cases" / f"{top}_case.sv"
    case.parent.mkdir(parents=True, exist_ok=True)
    case.write_text(
        header.replace(f"module {top}", f"module {top}_case", 1)
        + f"\n  {top} {'#(' + given + ') ' if given else ''}inner (.*);\nendmodule\n"
    )
    return case


def build_simulator(top: str, parameters: Mapping[str, int | str], extra: Sequence[Path] = ()) -> Path:
    """The folder of the simulator of `top`, which is built if it is not there yet."""
    _tools_on_path()
    sources = sources_of(top, extra)
    digest = hashlib.sha256(json.dumps([LIBRARY, FLAGS, sys.executable, sorted(parameters.items())]).encode())
    for source in [START, *sources]:
        digest.update(source.read_bytes())
    target = BUILDS / f"{top}-{digest.hexdigest()[:16]}"
    if (target / top).is_file():
        return target
    draft = BUILDS / f".{target.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _lend_runtime(draft)
    log = draft / "build.log"
    try:
        Verilator().build(
            sources=sources,
            hdl_toplevel=top,
            parameters={name: _literal(value) for name, value in parameters.items()},
            build_args=[*FLAGS, *LIBRARY],
            build_dir=draft,
            timescale=("1ns", "1ps"),
            log_file=log,
        )
    except (RuntimeError, SystemExit) as error:
        raise AssertionError(f"{top} does not build:\n{log.read_text(errors='replace')[-6000:]}") from error
    warnings = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("%Warning")]
    assert not warnings, f"{top} is not lint clean:\n" + "\n".join(warnings)
    _keep_runtime(draft)
    _launch_by_python(draft / top)
    try:
        draft.rename(target)
    except OSError:  # another process built the same meanwhile, and may be running it
        shutil.rmtree(draft)
    return target


def _launch_by_python(program: Path) -> None:
    library = program.rename(program.with_name(f"lib{program.name}.so"))
    program.write_text(LAUNCHER.format(library=library.name, python=sys.executable))
    program.chmod(0o755)


def _literal(value: int | str) -> int | str:
    """A parameter as Verilator's command line takes it: a text is quoted, unless it is a number such as 8'hff."""
    return value if isinstance(value, int) or re.match(r"\d+'[bdh]", value) else json.dumps(value)


@contextmanager
def _also_on_path(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _tools_on_path() -> None:
    """Put the environment's own programs (verilator, python) first on PATH: make and cocotb look for them there.

    And tell cocotb that the process that simulates has Python in it (start.cpp), so that it looks for no libpython; and
    in which files assertions tell their values: in all that is imported takes as long as most simulations.
    """
    os.environ["GPI_USERS"] = pygpi_entry_point()
    os.environ.setdefault("COCOTB_REWRITE_ASSERTION_FILES", ASSERTING)
    programs = sysconfig.get_path("scripts")
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]


def _runtime_folder() -> Path:
    """Where the compiled run-time library and headers are kept: they are the same for every top, and most of a build's time.

    Not cocotb's main program, verilator.o: it makes an object of the top's class, whose size is another for each top.
    """
    programs = Path(sysconfig.get_path("scripts"), "verilator")
    age = programs.stat().st_mtime if programs.exists() else 0
    key = json.dumps([LIBRARY, _HEADERS_TEXT, _RUNTIME, FLAGS, sys.version, str(programs), age, START.read_text()])
    return BUILDS / f"runtime-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _lend_runtime(build: Path) -> None:
    folder = _runtime_folder()
    (build / HEADERS).write_text(_HEADERS_TEXT)
    if not folder.is_dir():
        return
    (build / f"{HEADERS}.gch").symlink_to(folder / f"{HEADERS}.gch")  # 70 MB
    newest = time.time() + 3600  # else they are older than the makefile, which is yet to be written, and are made anew
    for part in folder.glob("*.o"):
        os.utime(shutil.copyfile(part, build / part.name), (newest, newest))


def _keep_runtime(build: Path) -> None:
    folder = _runtime_folder()
    if folder.is_dir():
        return
    draft = BUILDS / f".{folder.name}.{os.getpid()}"
    draft.mkdir()
    for part in (*build.glob(_RUNTIME), build / f"{START.stem}.o"):
        shutil.copyfile(part, draft / part.name)
    # Verilator's makefile knows the options, which must be those of the files that begin with it.
    subprocess.run(["make", "-C", build, "-f", "Vtop.mk", f"{HEADERS}.fast.gch"], check=True, capture_output=True)
    (build / f"{HEADERS}.fast.gch").rename(draft / f"{HEADERS}.gch")
    try:
        draft.rename(folder)
    except OSError:  # another process kept it meanwhile
        shutil.rmtree(draft)
