"""Arguments of the Python API, checked against the signatures that say what they are."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from types import UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin

from hwflow.errors import UserError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_PLAIN = (bool, int, float, str, Path, list, tuple, type(None))


def checked(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The function, which raises UserError for an argument that is not of the plain kind that its signature says.

    Plain kinds are bool, int, float, str, Path, lists of them, literals and unions of these; whatever else a signature
    says is checked where it is used. Numbers of numpy count as Python's.
    """
    signature = inspect.signature(function)
    kinds = {p.name: p.annotation for p in signature.parameters.values() if _is_plain(p.annotation)}

    @wraps(function)
    def call(*arguments: _P.args, **keywords: _P.kwargs) -> _R:
        try:
            bound = signature.bind(*arguments, **keywords)
        except TypeError as error:
            raise UserError(f"{function.__name__}() was called with other arguments than it has ({error}).") from None
        for name, kind in kinds.items():
            if name in bound.arguments:
                bound.arguments[name] = _checked(name, kind, bound.arguments[name])
        return function(*bound.args, **bound.kwargs)

    return call


def checked_options(options: Mapping[str, object], kinds: Mapping[str, Any]) -> dict[str, Any]:
    """The same of options by their names. Raises UserError also for one that has no kind."""
    for name in options:
        if name not in kinds:
            raise UserError(f"There is no option {name!r} here; there are {', '.join(kinds) or 'none'}.")
    return {name: _checked(name, kinds[name], value) for name, value in options.items()}


def _is_plain(kind: Any) -> bool:
    if kind in _PLAIN or get_origin(kind) is Literal:
        return True
    origin = get_origin(kind)
    return origin in (Union, UnionType, list, tuple) and all(k is ... or _is_plain(k) for k in get_args(kind))


def _checked(name: str, kind: Any, value: object) -> Any:
    from pydantic import ValidationError

    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, bool) and kind is not bool and bool not in get_args(kind):
        value = str(value)  # which is no number: True is not 1 here
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError:
        raise UserError(f"{name} is {value!r:.60}, and should be {_in_words(kind)}.") from None


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter  # costs 0.1 s, which `import hwflow` need not pay

    return TypeAdapter(kind)


def _in_words(kind: Any) -> str:
    words = {
        bool: "True or False",
        int: "a whole number",
        float: "a number",
        str: "text",
        Path: "a path",
        type(None): "None",
    }
    if kind in words:
        return words[kind]
    if get_origin(kind) is Literal:
        return " or ".join(repr(value) for value in get_args(kind))
    if get_origin(kind) in (list, tuple):
        return f"a list, each {_in_words(get_args(kind)[0])}"
    return " or ".join(dict.fromkeys(_in_words(one) for one in get_args(kind)))
