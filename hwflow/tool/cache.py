"""What is costly to make, in a folder of the user's own, by the digest of all that it is made from.

A project's folder holds none of it: a project may come from anybody, and a program is run only if this user's own hwflow
made it. So the folder is the user's alone, and what others can write to is refused.
"""

import errno
import hashlib
import os
import platform
import stat
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from hwflow.drafts import PREFIX, remove_whole, sweep
from hwflow.errors import UserError
from hwflow.faults import writing
from hwflow.paths import whole_folder

VARIABLE = "HWFLOW_CACHE"
MOST_BYTES = 1 << 30
_OTHERS_WRITE = 0o022


def kept(digest: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills for this digest, now or earlier; for reading.

    What was not used for longest goes when all takes more than MOST_BYTES. Raises UserError if the cache cannot be
    written, or others can write to it; and what `make` raises.
    """
    room = cache_folder()
    place = room / digest
    if not place.is_dir():
        sweep(room)
        with whole_folder(place) as draft:
            make(draft)
        _trim(room, place)
    with suppress(OSError):
        os.utime(place)
    return place


def found(digest: str) -> Path | None:
    """The folder that `kept` filled for this digest earlier; None if there is none. Raises as `cache_folder`."""
    place = cache_folder() / digest
    return place if place.is_dir() else None


def cache_folder() -> Path:
    """The cache, made if it is not there: HWFLOW_CACHE, else `hwflow/made` in the user's folder for caches.

    Where that cannot be made it is a folder of the user's among the temporary files. Raises UserError if others can write
    to it.
    """
    named = os.environ.get(VARIABLE)
    if named:
        folder = Path(named).expanduser().absolute()
        with writing(folder):
            return _private(folder)
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        return _private(home.absolute() / "hwflow" / "made")
    except (OSError, RuntimeError):  # a home that is read-only, or none
        folder = Path(tempfile.gettempdir()) / f"hwflow-{os.getuid()}" / "made"
    with writing(folder):
        return _private(folder)


def digest_of(parts: Iterable[bytes | str]) -> str:
    """SHA-256, in hex, of parts and of where one ends and the next begins."""
    sha = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        sha.update(f"{len(content)}\n".encode() + content)
    return sha.hexdigest()


def state_of(program: str) -> str:
    """Which one of its name a program is: where its file lies, its size, and when it was written."""
    path = Path(program).resolve()
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def processor() -> str:
    """What this processor can: a program that was compiled for it need not run on another."""
    try:
        described = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        described = []
    return next((line for line in described if line.startswith(("flags", "Features"))), platform.machine())


def _private(folder: Path) -> Path:
    """Make the folder, for this user alone. Raises OSError if it cannot be written, UserError if others can write to it."""
    missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
    above, own = folder.parent, os.getuid()
    if above.stat().st_uid == own and not above.stat().st_mode & stat.S_ISVTX:
        above.chmod(above.stat().st_mode & ~_OTHERS_WRITE)
    safe = (
        (folder, (own,), _OTHERS_WRITE),
        (above, (own, 0), 0 if above.stat().st_mode & stat.S_ISVTX else _OTHERS_WRITE),
    )
    for path, owners, forbidden in safe:
        status = path.lstat()
        if status.st_uid not in owners or status.st_mode & forbidden or stat.S_ISLNK(status.st_mode):
            raise UserError(f"Others can write to {path}, where programs are kept that hwflow runs; remove it, or name "
                            f"another folder in {VARIABLE}.")  # fmt: skip
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    return folder


def _trim(room: Path, newest: Path) -> None:
    """Remove what was not used for longest, until the rest is small enough; `newest` stays."""
    with os.scandir(room) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir() and not entry.name.startswith(PREFIX)]
    found.sort(key=lambda path: path.stat().st_mtime)
    sizes = {path: sum(file.lstat().st_size for file in path.rglob("*")) for path in found}
    total = sum(sizes.values())
    for path in found:
        if total > MOST_BYTES and path != newest:
            total -= sizes[path]
            with suppress(OSError):
                remove_whole(path)
