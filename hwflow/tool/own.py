"""What this user's own hwflow made, kept as marks in the user's cache: an empty file for each, named by a digest.

A project can say of itself what it likes; a mark cannot come with it, because nobody else can write there.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from hwflow.errors import UserError
from hwflow.tool.cache import cache_folder, digest_of

_PREFIX = "own-"


def mark(*parts: bytes | str) -> None:
    """Remember that this user made what the parts say. Without a cache nothing is remembered, and all is checked again."""
    with suppress(OSError, UserError):
        (cache_folder() / _name(parts)).touch(mode=0o600)


def is_own(*parts: bytes | str) -> bool:
    """Whether that was marked."""
    try:
        return (cache_folder() / _name(parts)).is_file()
    except (OSError, UserError):
        return False


def content_of(path: Path) -> str:
    """SHA-256, in hex, of a file; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def links_outside(folder: Path) -> tuple[str, ...]:
    """Links under a folder that lead out of it, by their paths in it: a tool that writes there writes elsewhere."""
    root, found = folder.resolve(), []
    for here, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(here, name)
            if path.is_symlink() and not leads_inside(path, root):
                found.append(str(path.relative_to(root)))
    return tuple(sorted(found))


def leads_inside(path: Path, root: Path) -> bool:
    """Whether a path, its links followed, lies in the folder `root`, which has none in its own."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # links in a circle
        return False


def _name(parts: tuple[bytes | str, ...]) -> str:
    return _PREFIX + digest_of(parts)
