"""Drafts: folders of things half done, each locked by the process at work in it, so that any other can tell a dead one's.

A draft is a hidden folder beside what it will become, or in the folder for temporary files. Its owner holds a lock on it
(flock), which the system takes back however the owner ends; whoever comes next to the same place removes what is not
locked. In a draft, `new` is what is being made; `old/NAME` is what it replaces, set aside, and put back if NAME is missing.
"""

import ctypes
import errno
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".hwflow-"
NEW = "new"
_OLD, _GONE = "old", "gone"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_UNKNOWN = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}  # file systems without such locks


@contextmanager
def draft_in(parent: Path) -> Iterator[Path]:
    """Yield a new draft in an existing folder, after removing those of owners that have ended; it goes with the block.

    Raises OSError if the folder cannot be written.
    """
    sweep(parent)
    while True:
        place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        handle = lock(place, wait=True)
        if handle is not None:
            break  # else somebody swept it before it was locked
    try:
        yield place
    finally:
        _clear(place)
        os.close(handle)


def put(draft: Path, target: Path) -> None:
    """Give the draft's `new` the name `target`. Where the system can exchange two folders, `target` is never missing."""
    new = draft / NEW
    if not os.path.lexists(target):
        new.rename(target)
    elif not _exchange(new, target):
        aside = draft / _OLD / target.name
        aside.parent.mkdir()
        target.rename(aside)
        new.rename(target)
        aside.parent.rename(draft / _GONE)  # whose content is not worth putting back


def remove_whole(path: Path) -> None:
    """Remove a folder so that nobody sees a part of it under its name."""
    with draft_in(path.parent) as draft:
        path.rename(draft / _GONE)


def sweep(parent: Path) -> None:
    """Remove this user's drafts and locks in a folder whose owners have ended; put back what they had set aside."""
    try:
        with os.scandir(parent) as entries:
            found = [Path(entry.path) for entry in entries if entry.name.startswith(PREFIX)]
    except OSError:
        return
    for path in found:
        with suppress(OSError):
            if path.lstat().st_uid == os.getuid() and (handle := lock(path, wait=False)) is not None:
                try:
                    _clear(path)
                finally:
                    os.close(handle)


def lock(path: Path, *, wait: bool, create: bool = False) -> int | None:
    """The handle of an exclusive lock on a file or folder; None if another holds it (not `wait`), or it was removed.

    create: make the file if there is none. On a file system without locks the owner goes on without one, and nobody
    else takes it for dead.
    """
    flags = os.O_CREAT | os.O_RDWR if create else os.O_RDONLY | os.O_NONBLOCK
    try:
        handle = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    except FileNotFoundError:
        return None
    if _locked(handle, wait, owner=wait or create) and _is_at(handle, path):
        return handle
    os.close(handle)
    return None


def _locked(handle: int, wait: bool, owner: bool) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        return owner and error.errno in _UNKNOWN
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether nobody removed, before it was locked, what was opened."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _clear(path: Path) -> None:
    """Put back what was set aside and is missing, and remove the rest."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    old = path / _OLD
    if old.is_dir() and not old.is_symlink():
        for aside in old.iterdir():
            if not os.path.lexists(path.parent / aside.name):
                aside.rename(path.parent / aside.name)
    shutil.rmtree(path, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names at once; False where the system or the file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    sys.audit("os.rename", str(one), str(other), -1, -1)
    names = (ctypes.c_char_p(os.fsencode(one)), ctypes.c_char_p(os.fsencode(other)))
    return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], ctypes.c_uint(_RENAME_EXCHANGE)) == 0)
