"""What is built: files as a value, made without touching the disk."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hwflow.errors import UserError

MANIFEST = "project.json"


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
        """Read what `save` wrote. Raises UserError if it is not a project or a file was changed since."""
        try:
            manifest = json.loads((folder / MANIFEST).read_text())
            files = {path: (folder / path).read_bytes() for path in manifest["files"]}
            project = Project(files, manifest["top"], manifest["board"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{folder} is not a project ({error}); make one with `hwflow compile`.") from None
        if project.digest != manifest["digest"]:
            raise UserError(f"A file of the project in {folder} was changed since it was compiled; compile it again.")
        return project
