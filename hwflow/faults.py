"""What the system refuses, in a sentence: the file, the reason, the remedy."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwflow.errors import UserError

_SPACE = "free some space there, or name another place"
_ALLOWED = "name a place that you may use"
_REMEDIES = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EROFS: _ALLOWED,
    errno.EACCES: _ALLOWED,
    errno.EPERM: _ALLOWED,
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`)",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`)",
    errno.ENOMEM: "free some memory",
    errno.EAGAIN: "end other programs (`ulimit -u`)",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.ELOOP: "name a place without links to itself",
    errno.EXDEV: "name a place that is no mount point",
    errno.EBUSY: "name a place that is no mount point",
}
_SHOWN = 160  # characters of a name


def told(error: OSError, place: Path | str | None = None) -> str:
    """A sentence on what the system refused, and where: the file that the error names, else `place`."""
    where = shown(place or error.filename or "A file")
    reason = error.strerror or str(error) or type(error).__name__
    return f"{where} cannot be used ({reason}); {_REMEDIES.get(error.errno or 0, 'check the path')}."


def shown(place: Path | str) -> str:
    """A path as a sentence shows it: of a very long one the beginning and the end."""
    text = os.fsdecode(place) if isinstance(place, bytes) else str(place)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}…{text[-_SHOWN // 2 :]}"


@contextmanager
def writing(target: Path, drafts: Path | None = None) -> Iterator[None]:
    """Turn what the system refuses inside the block into a UserError that names `target`.

    That is an error without a file's name, as of a full disk, or on `target`, a folder above it, or, but for a file that is
    not there, a path that begins with `drafts`. Errors on other files pass.
    """
    try:
        yield
    except OSError as error:
        name = error.filename if error.filename2 is None else error.filename2
        at = Path(os.fsdecode(name)).absolute() if isinstance(name, str | bytes) else None
        above = at is not None and target.absolute().is_relative_to(at)
        inside = at is None or (drafts is not None and str(at).startswith(str(drafts.absolute())))
        if not above and (not inside or error.errno in (errno.ENOENT, errno.EPIPE)):
            raise
        raise UserError(told(error, target)) from None
