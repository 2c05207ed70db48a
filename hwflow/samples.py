"""Samples that a user gives: arrays at hand, or an .npz that holds them as `x`, and labels, if known, as `y`."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import ArrayLike, NDArray

from hwflow.errors import UserError

Given = str | Path | ArrayLike | None  # an .npz by its path, an array, or nothing
_LAYOUT = "it should hold x, the model's float inputs with the sample as first axis, and, if known, y, a class each"
_ARRAY = "The array"


def read_samples(given: str | Path | ArrayLike) -> tuple[NDArray[np.generic], NDArray[np.generic] | None, str]:
    """x [n, …], y or None, and where they came from. Raises UserError if there is no usable x.

    Usable is what is numbers, none of them NaN, in at least two axes, of at least one sample.
    """
    if isinstance(given, str | Path):
        path = Path(given)
        x, y = _from_file(path)
        _check(x, f"x in {path}")
        return x, y, path.name
    try:
        x = np.asarray(given)
    except ValueError as error:
        raise UserError(f"The samples are no array ({error}); give numbers with the sample as first axis.") from None
    _check(x, _ARRAY)
    return x, None, "the array"


def _from_file(path: Path) -> tuple[NDArray[np.generic], NDArray[np.generic] | None]:
    try:
        with path.open("rb") as handle:  # numpy would leave a damaged file open
            file: Any = np.load(handle, allow_pickle=False)
            if not isinstance(file, NpzFile):
                raise UserError(f"{path} is a single array, not an .npz of named ones; {_LAYOUT}.")
            if "x" not in file:
                raise UserError(f"{path} holds {', '.join(file) or 'nothing'}, and no x; {_LAYOUT}.")
            return file["x"], file.get("y", None)
    except FileNotFoundError:
        raise UserError(f"There is no file {path}; {_LAYOUT}.") from None
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path} is no .npz that can be read ({_reason(path, error)}); {_LAYOUT}.") from None


def _reason(path: Path, error: Exception) -> str:
    """Why numpy cannot read a file; of what is no file of numpy's it says something about pickles, which misleads."""
    if "pickle" not in str(error):
        return f"{str(error)[:80]!r}"
    with path.open("rb") as handle:
        start = handle.read(512)
    return "it is a text file" if start.isascii() else "it is none of numpy's files, or holds Python objects"


def _check(x: NDArray[np.generic], what: str) -> None:
    if np.issubdtype(x.dtype, np.complexfloating):
        raise UserError(f"{what} is complex; give real numbers.")
    if x.ndim < 2 or not len(x) or not (np.issubdtype(x.dtype, np.number) or x.dtype == np.bool_):
        raise UserError(f"{what} is {x.dtype} of shape {x.shape}; {_LAYOUT}.")
    if np.issubdtype(x.dtype, np.floating):
        wrong = ~np.isfinite(x.astype(np.float64)).reshape(len(x), -1).all(axis=1)
        if wrong.any():
            row = int(np.argmax(wrong))
            kind = "NaN" if np.isnan(x[row].astype(np.float64)).any() else "an infinity"
            raise UserError(f"{what} holds {kind} in row {row}, counted from 0, and in "
                            f"{int(wrong.sum()) - 1:,} other rows; mend or drop them.")  # fmt: skip
