"""Where hwflow's own files lie, and files and folders that appear whole or not at all."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hwflow.drafts import NEW, PREFIX, draft_in, lock, put, sweep
from hwflow.errors import UserError
from hwflow.faults import shown, told, writing

_PACKAGE = Path(__file__).resolve().parent
_TRIES, _PAUSE = 10, 0.02  # a lock may be held for a moment by one who looks whether its owner has ended


def data_folder(room: str) -> Path:
    """The folder of hand-written `rtl` or `boards`: inside an installed package, else beside it, in the checkout.

    Inside comes first: beside an installed package lie other people's, and one of them may have such a folder.
    """
    inside = _PACKAGE / "data" / room
    return inside if inside.is_dir() else _PACKAGE.parent / room


@contextmanager
def whole_folder(target: Path, *, replace: bool = True) -> Iterator[Path]:
    """Yield an empty folder that takes the name `target` only if the block ends without an error.

    A folder that was there stays until then. Raises UserError if `target` is a file, if it exists and not `replace`, and
    for what the system refuses to write.
    """
    with writing(target, target.parent / PREFIX):
        if os.path.lexists(target) and not (replace and target.is_dir()):
            raise UserError(f"{shown(target)} already exists; name another folder with --out.")
        with _parents(target), draft_in(target.parent) as draft:
            (draft / NEW).mkdir()
            yield draft / NEW
            put(draft, target)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a path at which the block makes a file, which takes the name `target` only if it ends without an error.

    Raises UserError if `target` is a folder or a device, and for what the system refuses to write.
    """
    with writing(target, target.parent / PREFIX):
        if target.exists() and not target.is_file():
            raise UserError(f"{shown(target)} is no file; name another one.")
        with _parents(target), draft_in(target.parent) as draft:
            yield draft / NEW
            (draft / NEW).replace(target)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield an empty folder for temporary files, which goes with the block.

    Raises UserError for what the system refuses to write there.
    """
    try:
        parent = Path(tempfile.gettempdir())
    except OSError as error:
        raise UserError(told(error, "The folder for temporary files")) from None
    with writing(parent, parent / PREFIX), draft_in(parent) as draft:
        yield draft


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep every other process of this user from working on `folder` until the block ends, however it ends.

    The lock lies in the system's folder for temporary files, so that nothing appears beside `folder`, where what a dead
    process left is removed first. Raises UserError if another process holds the lock.
    """
    place, parent = folder.resolve(), Path(tempfile.gettempdir())
    sweep(parent)
    sweep(place.parent)
    name = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    path = parent / f"{PREFIX}{os.getuid()}-{name}.lock"
    with writing(path):
        handle = _take(path)
    if handle is None:
        raise UserError(f"Another hwflow is at work in {folder}; wait until it ends, or name another folder.")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def read_files(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The contents of those of the named files that are in the folder and can be read."""
    found = {}
    for name in names:
        with suppress(OSError):
            found[name] = (folder / name).read_bytes()
    return found


def _take(path: Path) -> int | None:
    for _ in range(_TRIES):
        handle = lock(path, wait=False, create=True)
        if handle is not None:
            return handle
        time.sleep(_PAUSE)
    return None


@contextmanager
def _parents(target: Path) -> Iterator[None]:
    """Make the folders above `target`; if the block fails, remove those that were made."""
    made: list[Path] = []
    missing = []
    for above in target.absolute().parents:  # not by recursion: paths can be deeper than Python's stack
        if above.is_dir():
            break
        missing.append(above)
    try:
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            made.append(folder)
        yield
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise
