"""Where a core's RTL reads its memory images: said by a parameter of its module, `MEMORY`, that an instance can set.

A compiled project's RTL names `memory/NAME`, from the folder in which a tool runs, which in a design of somebody else's is
not known beforehand.
"""

import re
from collections.abc import Mapping

FOLDER = "memory/"  # of the images in a project
PARAMETER = "MEMORY"
_READ = re.compile(r'"memory/([^"]*)"')


def with_parameter(files: Mapping[str, bytes], module: str, folder: str = FOLDER) -> dict[str, bytes]:
    """The files of a core with the parameter in its module, which has none so far; the same if it reads no images.

    folder: what the parameter is unless an instance sets it."""
    path = f"rtl/{module}.sv"
    text, head = files[path].decode(), f"module {module} (\n"
    if not _READ.search(text):
        return dict(files)
    assert text.count(head) == 1
    said = f'module {module} #(\n    parameter {PARAMETER} = "{folder}"  // what the names of the memory images begin with\n) (\n'
    return {**files, path: _READ.sub(rf'{{{PARAMETER}, "\1"}}', text).replace(head, said).encode()}
