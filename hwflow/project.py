"""What is built: files as a value, made without touching the disk; and that value as it lies in a folder."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hwflow.board import BOARD, Board, board_in, find_board
from hwflow.errors import UserError
from hwflow.paths import whole_folder

MANIFEST = "project.json"
DESIGN = "design.json"  # what was compiled, in numbers
# What the later steps leave beside these.
SIMULATION = "simulation.json"
RUN = "run.json"


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
        """Read what `save` wrote. Raises UserError if it is not a project, or a file is missing or was changed since."""
        manifest = _manifest(folder)
        files = {path: _content(folder, path) for path in manifest.files}
        project = Project(files, manifest.top, manifest.board)
        if project.digest != manifest.digest:
            raise UserError(f"A file of the project in {folder} was changed since it was compiled; compile it again.")
        return project


@dataclass(frozen=True)
class ProjectFolder:
    """A project and the folder in which it lies: read once, and handed on in place of the folder's path."""

    path: Path
    project: Project

    @staticmethod
    def read(path: Path) -> "ProjectFolder":
        """Raises UserError as `Project.load` does."""
        return ProjectFolder(path, Project.load(path))

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


def _manifest(folder: Path) -> _Manifest:
    try:
        document = json.loads((folder / MANIFEST).read_text())
        return _Manifest(document["top"], document["board"], document["digest"], tuple(document["files"]))
    except FileNotFoundError:
        raise UserError(f"{folder} is not a project, it has no {MANIFEST}; make one with `hwflow compile`.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{folder / MANIFEST} is not a readable manifest ({error!r:.80}); run `hwflow compile` again."
        ) from None


def _content(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except FileNotFoundError:
        raise UserError(f"The project in {folder} lacks its file {path}; compile it again.") from None
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{path!r}, a file of the project in {folder}, cannot be read ({error}); compile it again."
                        ) from None  # fmt: skip
