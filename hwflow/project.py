"""What is built: files as a value, made without touching the disk; and that value as it lies in a folder."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from hwflow.board import BOARD, Board, board_in, find_board
from hwflow.errors import UserError
from hwflow.identifiers import is_identifier
from hwflow.paths import whole_file, whole_folder

MANIFEST = "project.json"
DESIGN = "design.json"  # what was compiled, in numbers
# What the later steps leave beside these.
SIMULATION = "simulation.json"
RUN = "run.json"
SWITCHING = "switching.json"

# What a folder from anybody may hold; FINN's projects have some hundred files.
MOST_FILES, MOST_BYTES, MOST_MANIFEST = 10_000, 1 << 30, 4 << 20
_BOARD = re.compile(
    r"(?!.*\.toml$)[A-Za-z0-9_.:+][A-Za-z0-9_.:+-]*"
)  # a board's name is its file's, without the ending
# In paths: what no script, option or shell of a tool reads otherwise.
_PART = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_LONGEST = 200


@dataclass(frozen=True)
class Project:
    """Everything a tool needs, and the network it was made from. Equal inputs give equal digests.

    files: relative path to content: RTL under `rtl/`, memory images beside the manifest, constraints, the network;
    top: name of the top module; board: name of the board.
    """

    files: Mapping[str, bytes]
    top: str
    board: str

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of the paths and contents of all files, the top and the board."""
        sha = hashlib.sha256(f"{self.top} {self.board}\n".encode())
        for path in sorted(self.files):
            sha.update(f"{path} {len(self.files[path])}\n".encode() + self.files[path])
        return sha.hexdigest()

    @property
    def sources(self) -> tuple[str, ...]:
        """The RTL files, in a stable order."""
        return tuple(sorted(path for path in self.files if path.endswith((".sv", ".v"))))

    def differing(self, other: "Project") -> tuple[str, ...]:
        """The paths of the files in which the two differ, sorted; the manifest's for another top or board."""
        paths = {path for path in {*self.files, *other.files} if self.files.get(path) != other.files.get(path)}
        if (self.top, self.board) != (other.top, other.board):
            paths.add(MANIFEST)
        return tuple(sorted(paths))

    def save(self, folder: Path) -> None:
        """Write the files and the manifest into an existing folder."""
        for path, content in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        manifest = {"top": self.top, "board": self.board, "digest": self.digest, "files": sorted(self.files)}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")

    @staticmethod
    def load(folder: Path) -> "Project":
        """Read what `save` wrote.

        Raises UserError if it is not a project, a file is missing or was changed since, or it is nothing that `compile`
        makes: with names or links that lead elsewhere or that tools would not read as names, or with far too much in it.
        """
        manifest = _manifest(folder)
        files: dict[str, bytes] = {}
        room = MOST_BYTES
        for path in manifest.files:
            files[path] = _content(folder, path, room)
            room -= len(files[path])
        project = Project(files, manifest.top, manifest.board)
        if project.digest != manifest.digest:
            raise UserError(f"A file of the project in {folder} was changed since it was compiled; compile it again.")
        return project


@dataclass(frozen=True)
class ProjectFolder:
    """A project and the folder in which it lies: read once, and handed on in place of the folder's path.

    trust: whether its user takes it as it is, also where it is not what compiling its own net gives.
    """

    path: Path
    project: Project
    trust: bool = False

    @staticmethod
    def read(path: Path, *, trust: bool = False) -> "ProjectFolder":
        """Raises UserError as `Project.load` does."""
        return ProjectFolder(path, Project.load(path), trust)

    @property
    def digest(self) -> str:
        return self.project.digest

    @property
    def files(self) -> Mapping[str, bytes]:
        return self.project.files

    @cached_property
    def board(self) -> Board:
        """The board that it was compiled for. Raises UserError if there is none of that name any more."""
        return board_in(self.path, self.project.board) if BOARD in self.files else find_board(self.project.board)

    @property
    def clocked_board(self) -> Board:
        """The same with the clock of its design, which behind AXI is the processor's and not the board's own."""
        try:
            hz = json.loads(self.files[DESIGN])["clock_hz"]
        except (KeyError, TypeError, ValueError):
            return self.board
        return replace(self.board, clock_hz=hz) if isinstance(hz, int) and hz > 0 else self.board

    @property
    def oscillator_hz(self) -> int:
        """Of the oscillator from which a PLL makes the clock; 0 where it is the clock, or simulated."""
        return self.board.oscillator_hz if BOARD in self.files and self.board.has_part else 0


def put(project: Project, out: Path, extras: Mapping[str, bytes] | None = None) -> tuple[ProjectFolder, bool]:
    """The project in the folder `out`, which appears whole or not at all, and whether the same was there before.

    Then nothing is written, and what was simulated and built there stays. extras: files beside the project's own.
    Raises UserError if `out` holds something else than a project, which then stays as it is.
    """
    kept = _holds(out, project)
    if not kept:
        with whole_folder(out.resolve()) as draft:
            project.save(draft)
            for path, content in (extras or {}).items():
                (draft / path).write_bytes(content)
    return ProjectFolder(out, project), kept


def put_beside(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files beside those of a project that was there before, by path; each appears whole."""
    for path, content in files.items():
        with whole_file(folder / path) as draft:
            draft.write_bytes(content)


def check_replaceable(out: Path) -> None:
    """Raises UserError if `out` holds something else than a project, which then stays as it is."""
    if out.is_file():
        raise UserError(f"{out} already exists; name another folder with --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise UserError(f"{out} holds other files and no project; name another folder with --out.")


def _holds(out: Path, project: Project) -> bool:
    if not out.is_dir() or not any(out.iterdir()):
        return False
    check_replaceable(out)
    try:
        return Project.load(out).digest == project.digest
    except UserError:
        return False  # damaged, or changed by hand: it is made anew


@dataclass(frozen=True)
class _Manifest:
    top: str
    board: str
    digest: str
    files: tuple[str, ...]


def is_plain_path(path: str) -> bool:
    """Whether it leads down from a project's folder, and no tool's script can read it as anything but a path."""
    parts = path.split("/")
    return len(path) <= _LONGEST and all(_PART.fullmatch(part) and set(part) != {"."} for part in parts)


def _manifest(folder: Path) -> _Manifest:
    try:
        document = json.loads(_read(folder / MANIFEST, MOST_MANIFEST))
        return _checked(_Manifest(document["top"], document["board"], document["digest"], tuple(document["files"])))
    except FileNotFoundError:
        raise UserError(f"{folder} is not a project, it has no {MANIFEST}; make one with `hwflow compile`.") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            f"{folder / MANIFEST} is not a readable manifest ({error!r:.80}); run `hwflow compile` again."
        ) from None
    except _NotAProjectsError as error:
        raise UserError(f"{folder / MANIFEST} is none that hwflow wrote: {error}; compile it again.") from None


class _NotAProjectsError(Exception):
    """What `compile` never writes."""


def _checked(manifest: _Manifest) -> _Manifest:
    if not all(isinstance(text, str) for text in (manifest.top, manifest.board, manifest.digest, *manifest.files)):
        raise TypeError("top, board, digest and files are text")
    if not is_identifier(manifest.top):
        raise _NotAProjectsError(f"its top {manifest.top!r:.60} is no name of a module")
    if not _BOARD.fullmatch(manifest.board):
        raise _NotAProjectsError(f"its board {manifest.board!r:.60} is no name of a board")
    if len(manifest.files) > MOST_FILES:
        raise _NotAProjectsError(f"it lists {len(manifest.files):,} files, more than {MOST_FILES:,}")
    seen: set[str] = set()
    for path in manifest.files:
        if not is_plain_path(path):
            raise _NotAProjectsError(f"{path!r:.60} is no plain path inside the project")
        if path in seen:
            raise _NotAProjectsError(f"it lists {path} twice")
        seen.add(path)
    return manifest


def _content(folder: Path, path: str, room: int) -> bytes:
    try:
        if not (folder / path).resolve().is_relative_to(folder.resolve()):
            raise UserError(f"{path} in the project in {folder} is a link that leads out of it; compile it again.")
        return _read(folder / path, room)
    except FileNotFoundError:
        raise UserError(f"The project in {folder} lacks its file {path}; compile it again.") from None
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise UserError(f"{path!r}, a file of the project in {folder}, cannot be read ({error}); compile it again."
                        ) from None  # fmt: skip


def _read(path: Path, most: int) -> bytes:
    """A file's content. Raises OSError if it cannot be read, ValueError for more bytes than that, or a pipe or device."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # which no pipe holds up
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is no file")
        if status.st_size > most:
            raise ValueError(f"it is too large, {status.st_size:,} bytes")
        content = file.read(status.st_size + 1)  # takes memory for what is asked for, not for what is there
        if len(content) > status.st_size:
            raise ValueError("it grows while it is read")
    return content
