"""The four ways hwflow fails. Each message is one sentence: the thing, the place, the remedy."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class HwflowError(Exception):
    """Base of every expected failure; `exit_status` is what the command line ends with."""

    exit_status = 1


class ToolError(HwflowError):
    """A tool failed, or a result is wrong (exit status 1)."""


class UserError(HwflowError):
    """The user's model, board, options or file is at fault (exit status 2)."""

    exit_status = 2


class MissingTool(HwflowError):
    """A program or package that the request needs is not installed (exit status 3)."""

    exit_status = 3


def install(extra: str) -> str:
    """The command that brings what an extra of pyproject.toml names; in a checkout too, where hwflow is a link to it."""
    return f"pip install 'hwflow[{extra}]'"


def missing(purpose: str, what: str, extra: str) -> MissingTool:
    """The error that says what a purpose needs, and how to get it."""
    return MissingTool(f"{purpose} needs {what}, which is not installed; run `{install(extra)}`.")


@contextmanager
def needed(purpose: str, extra: str) -> Iterator[None]:
    """Around imports of packages that not every installation has. Raises MissingTool for the first that is not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise missing(purpose, str(error.name), extra) from None


def in_a_line(text: str) -> str:
    """A text with words of a file in it, as it may stand in a sentence: short, in one line."""
    return f"{text if text.isprintable() else ascii(text)[1:-1]:.200}"


def placed(fault: Mapping[str, Any]) -> str:
    """One of pydantic's errors: where in the document, and what is wrong there."""
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {fault['msg']}" if place else str(fault["msg"])
