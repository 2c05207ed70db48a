"""The digest by which a board says which build it holds (docs/link.md).

It is the SHA-256 of what the bitstream is made from: the project's RTL, memory images and constraints, the name of the top
and of the board. The top holds the digest itself, so there zeros are read in its place. Two projects whose hardware is
the same have the same one: a spiking core may be loaded with either one's net.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from hwflow.errors import UserError
from hwflow.project import Project

NO_BUILD = "0" * 32
_ROOMS = ("rtl/", "memory/", "constraints/", "vivado/")
_PLACE = re.compile(rb"(?<=\.BUILD\(128'h)[0-9a-f]{32}(?=\))")


def sealed(project: Project) -> Project:
    """The project with its build's digest in its top, which must have a place for it."""
    return replace(project, files=_with_build(project, _digest(project)))


def build_of(project: Project) -> str:
    """The digest, in hex, that the project's board tells: the first 16 bytes.

    Raises UserError if the top does not hold the digest of its own project.
    """
    told = _digest(project)
    if _PLACE.findall(project.files.get(_top(project), b"")) != [told.encode()]:
        raise UserError(f"The project for {project.board} does not hold its own digest; compile it again.")
    return told


def _digest(project: Project) -> str:
    files = {path: content for path, content in _with_build(project, NO_BUILD).items() if path.startswith(_ROOMS)}
    return replace(project, files=files).digest[: len(NO_BUILD)]


def _with_build(project: Project, build: str) -> Mapping[str, bytes]:
    top = _top(project)
    return (
        {**project.files, top: _PLACE.sub(build.encode(), project.files[top])}
        if top in project.files
        else project.files
    )


def _top(project: Project) -> str:
    return f"rtl/{project.top}.sv"
