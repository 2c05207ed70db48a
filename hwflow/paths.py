"""Where hwflow's own files lie, and folders that appear whole or not at all."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hwflow.errors import UserError

_PACKAGE = Path(__file__).resolve().parent


def data_folder(room: str) -> Path:
    """The folder of hand-written `rtl` or `boards`: in the checkout, or inside an installed package."""
    checkout = _PACKAGE.parent / room
    return checkout if checkout.is_dir() else _PACKAGE / "data" / room


@contextmanager
def whole_folder(target: Path, *, replace: bool = True) -> Iterator[Path]:
    """Yield an empty folder beside `target` that takes its name only if the block ends without an error.

    Raises UserError if `target` is a file, if its parent cannot be written, or if it exists and not `replace`.
    """
    if target.is_file() or (target.exists() and not replace):
        raise UserError(f"{target} already exists; name another folder with --out.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise UserError(
            f"Cannot write to {target.parent} ({error.strerror}); name another folder with --out."
        ) from None
    try:
        draft.chmod(0o755)
        yield draft
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` that takes its name only if the block ends without an error."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise UserError(f"Cannot write to {target.parent} ({error.strerror}); name another file.") from None
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o644)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep every other process of this user from working on `folder` until the block ends, however it ends.

    The lock lies in the system's folder for temporary files, so that nothing appears beside `folder`. Raises UserError
    if another process holds it.
    """
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"hwflow-{os.getuid()}-{name}.lock"
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(f"Another hwflow is at work in {folder}; wait until it ends, or name another folder."
                            ) from None  # fmt: skip
        yield


def read_files(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """The contents of those of the named files that are in the folder and can be read."""
    found = {}
    for name in names:
        with suppress(OSError):
            found[name] = (folder / name).read_bytes()
    return found
