"""Samples that a user gives: arrays at hand, or an .npz that holds them as `x`, and labels, if known, as `y`."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import ArrayLike, NDArray

from hwflow.documents import DAMAGE, array_of
from hwflow.errors import UserError, in_a_line

Given = str | Path | ArrayLike | None  # an .npz by its path, an array, or nothing
GivenInputs = Given | Mapping[str, ArrayLike]  # or arrays by the names of a model's inputs
_LAYOUT = "it should hold x, the model's float inputs with the sample as first axis, and, if known, y, a class each"
_ARRAY = "The array"


def read_samples(
    given: str | Path | ArrayLike | Mapping[str, ArrayLike],
) -> tuple[NDArray[np.generic], NDArray[np.generic] | None, str]:
    """x [n, …], y or None, and where they came from. Raises UserError if there is no usable x.

    Usable is what is numbers, none of them NaN, in at least two axes, of at least one sample.
    """
    arrays, source = _arrays(given, ("x", "y"))
    where = _where(given)
    if "x" not in arrays:
        raise UserError(f"{where} holds {in_a_line(', '.join(arrays)) or 'nothing'}, and no x; {_LAYOUT}.")
    x = arrays["x"]
    _check(x, f"x in {where}" if isinstance(given, str | Path) else _ARRAY)
    return x, arrays.get("y"), source


def read_parts(
    given: str | Path | ArrayLike | Mapping[str, ArrayLike], parts: Sequence[tuple[str, int]]
) -> tuple[NDArray[np.generic], NDArray[np.generic] | None, str]:
    """The same for a model with inputs of these names and sizes: x [n, all sizes], the inputs one behind another.

    Several are given by their names, or as `x`, or the array, which holds them so already. Raises UserError also if an input
    lacks, or has another size or number of samples.
    """
    names = [name for name, _ in parts]
    arrays, source = _arrays(given, (*names, "x", "y"))
    total = sum(size for _, size in parts)
    whole = arrays.get("x", np.zeros((0, 0)))
    if (
        len(parts) < 2
        or not isinstance(given, str | Path | Mapping)
        or (not set(names) <= arrays.keys() and whole.ndim > 1 and math.prod(whole.shape[1:]) == total)
    ):
        x, y, source = read_samples(given)
        if len(parts) > 1 and math.prod(x.shape[1:]) != total:
            raise UserError(f"{_where(given)} holds {math.prod(x.shape[1:])} values for a sample, and the model's inputs, "
                            f"{', '.join(names)}, together {total}; put them one behind another.")  # fmt: skip
        return x, y, source
    where = _where(given)
    columns = []
    for name, size in parts:
        if name not in arrays:
            raise UserError(f"{where} lacks {name!r:.60}; it should hold {', '.join(names)}, the model's inputs, with the "
                            "sample as first axis, or all of them one behind another as x.")  # fmt: skip
        _check(arrays[name], f"{name} in {where}")
        columns.append(arrays[name].reshape(len(arrays[name]), -1))
        if columns[-1].shape[1] != size:
            raise UserError(f"{name} in {where} holds {columns[-1].shape[1]} values for a sample, and the model's input {size}; give "
                            "the model's own inputs.")  # fmt: skip
        if len(columns[-1]) != len(columns[0]):
            raise UserError(f"{where} holds {len(columns[0])} samples of {names[0]} and {len(columns[-1])} of {name}; give as many of each.")  # fmt: skip
    return np.concatenate(columns, axis=1), None if "y" in names else arrays.get("y"), source


def _where(given: Any) -> str:
    return str(given) if isinstance(given, str | Path) else "What is given"


def _arrays(given: Any, wanted: Sequence[str]) -> tuple[dict[str, NDArray[np.generic]], str]:
    """Arrays by name, of a file those of the wanted names and something for each of the others, and where they came from."""
    if isinstance(given, str | Path):
        return _from_file(Path(given), wanted), Path(given).name
    try:
        if isinstance(given, Mapping):
            return {name: np.asarray(array) for name, array in given.items()}, "the arrays"
        return {"x": np.asarray(given)}, "the array"
    except ValueError as error:
        raise UserError(f"The samples are no array ({error}); give numbers with the sample as first axis.") from None


def _from_file(path: Path, wanted: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    try:
        with path.open("rb") as handle:  # numpy would leave a damaged file open
            file: Any = np.load(handle, allow_pickle=False)
            if not isinstance(file, NpzFile):
                raise UserError(f"{path} is a single array, not an .npz of named ones; {_LAYOUT}.")
            return {name: array_of(file, name) if name in wanted else np.zeros(0) for name in file}
    except FileNotFoundError:
        raise UserError(f"There is no file {path}; {_LAYOUT}.") from None
    except DAMAGE as error:
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
