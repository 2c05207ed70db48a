"""Steps of a build: commands with their inputs and outputs, not repeated while both are as they were."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwflow.errors import ToolError, UserError
from hwflow.paths import whole_file
from hwflow.progress import Progress
from hwflow.records import read_record, to_json
from hwflow.tool.own import content_of, is_own, mark
from hwflow.tool.process import Silent, Together, find_program, run_tool, this_python

RECORD = "build/steps.json"


@dataclass(frozen=True)
class Step:
    """One command, in a project's folder.

    command: the program's name and its arguments, all paths relative to the folder; inputs, outputs: such paths;
    install: the command that installs the program; silence: seconds without a line of output after which `instead`, another
    command of the same program, is tried in its place.
    """

    name: str
    command: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    install: str
    silence: float | None = None
    instead: tuple[str, ...] = ()

    @property
    def log(self) -> str:
        """Where its output goes."""
        return f"build/{self.name.replace(' ', '-')}.log"


@dataclass(frozen=True)
class DoneStep:
    """A step that was done, by `command`: `digest` is the SHA-256 of the step's command, tool versions and inputs; seconds of wall clock."""

    name: str
    command: tuple[str, ...]
    digest: str
    seconds: float
    log: str


@dataclass(frozen=True)
class _Record:
    steps: tuple[DoneStep, ...]


def run_steps(
    folder: Path,
    steps: Sequence[Step],
    resolve: Callable[[Step], Sequence[str]],
    versions: Mapping[str, str],
    progress: Progress,
    together: Together | None = None,
) -> tuple[DoneStep, ...]:
    """Do the steps in order, but for those that this user's hwflow did with the same command, versions and inputs, and
    whose outputs are as it left them.

    resolve: gives the program behind a command's first word; together: with which other tools they end. A step that fails
    leaves its log and no output. Raises MissingTool and ToolError.
    """
    before = {step.name: step for step in _read(folder)}
    done: list[DoneStep] = []
    for step in steps:
        digest = _digest(folder, step, versions)
        known = before.get(step.name)
        # A record, and what it is of, may have come with a project from elsewhere.
        if known is None or known.digest != digest or not is_own(*_made(folder, known, step)):
            progress(f"{step.name} (log: {folder / step.log})")
            _write(folder, done)  # from here on its outputs may be of other inputs than an earlier record says
            try:
                known = _run(folder, step, resolve(step), digest, together)
            except Silent as reason:
                if not step.instead:
                    raise
                progress(f"{reason} Now `{' '.join(step.instead)}`")
                other = replace(step, command=step.instead)
                known = _run(folder, other, resolve(other), digest, together)
            mark(*_made(folder, known, step))
        done.append(known)
        _write(folder, done)
    return tuple(done)


def _write(folder: Path, done: Sequence[DoneStep]) -> None:
    with whole_file(folder / RECORD) as draft:
        draft.write_text(to_json(_Record(tuple(done))))


def _run(folder: Path, step: Step, program: Sequence[str], digest: str, together: Together | None) -> DoneStep:
    whole = False
    for path in (*step.outputs, step.log):
        (folder / path).unlink(missing_ok=True)  # also a link, through which a tool would write elsewhere
    try:
        command = [*program, *step.command[1:]]
        completed = run_tool(
            command, folder / step.log, cwd=folder, install=step.install, silence=step.silence, together=together
        )
        missing = [path for path in step.outputs if not (folder / path).is_file()]
        if missing:
            raise ToolError(f"The step {step.name} ended well and left no {missing[0]} (log: {folder / step.log}).")
        whole = True
    finally:
        if not whole:
            for path in step.outputs:
                (folder / path).unlink(missing_ok=True)
    return DoneStep(step.name, step.command, digest, round(completed.seconds, 2), step.log)


def _made(folder: Path, done: DoneStep, step: Step) -> tuple[str, ...]:
    """A step that was done, and what it left, for marking."""
    return ("step", done.digest, *(part for path in step.outputs for part in (path, content_of(folder / path))))


def _digest(folder: Path, step: Step, versions: Mapping[str, str]) -> str:
    sha = hashlib.sha256("\0".join([*step.command, *(f"{k}={v}" for k, v in sorted(versions.items()))]).encode())
    for path in step.inputs:
        content = (folder / path).read_bytes()
        sha.update(f"\0{path} {len(content)}\0".encode() + content)
    return sha.hexdigest()


def _read(folder: Path) -> tuple[DoneStep, ...]:
    """None, if nothing was done or the record cannot be read: every step can be repeated."""
    try:
        return read_record(_Record, folder / RECORD, "").steps
    except UserError:
        return ()


def program_of(step: Step) -> tuple[str, ...]:
    """The program of that name; `python` is this one; run_tool says how to install one that is missing."""
    name = step.command[0]
    if name == "python":
        return this_python()
    return (find_program(name) or name,)
