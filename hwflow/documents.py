"""A net as it is saved: a document of plain values, and arrays by name."""

import hashlib
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
DOCUMENT, ARRAYS = "network.json", "network.npz"
# What numpy and zipfile raise for a file that is none, or is damaged.
DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError, RuntimeError,
          SyntaxError, AttributeError, TokenError, lzma.LZMAError, struct.error, zipfile.BadZipFile, zlib.error)  # fmt: skip


def digest_of(document: Mapping[str, Any], arrays: Arrays) -> str:
    """SHA-256, in hex, of both."""
    sha = hashlib.sha256(json.dumps(document, sort_keys=True).encode())
    for key in sorted(arrays):
        array = np.ascontiguousarray(arrays[key])
        sha.update(f"{key} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return sha.hexdigest()


def files_of(document: Mapping[str, Any], arrays: Arrays) -> dict[str, bytes]:
    """`network.json` and `network.npz`, equal for equal nets."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return {DOCUMENT: (json.dumps(document, indent=1) + "\n").encode(), ARRAYS: buffer.getvalue()}


def arrays_in(files: Mapping[str, bytes]) -> Arrays:
    """The arrays of `files_of`. Raises one of DAMAGE if there are none that can be read."""
    with np.load(io.BytesIO(files[ARRAYS]), allow_pickle=False) as file:
        return {name: array_of(file, name) for name in file}


def array_of(file: Mapping[str, Any], name: str) -> NDArray[Any]:
    """An array of an .npz that is open. Raises KeyError if there is none, ValueError for a member that is no array, of which numpy gives
    the bytes."""
    found = file[name]
    if not isinstance(found, np.ndarray):
        raise ValueError(f"{name} is no array")
    return found


def reason_of(error: BaseException) -> str:
    """What a damaged file is refused for, in a line."""
    return f"{(str(error).splitlines() or [type(error).__name__])[0]:.200}"
