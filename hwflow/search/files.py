"""What a search leaves in its folder: the front as a page, as a record, and each point as a record of its own."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwflow.paths import whole_file, whole_folder
from hwflow.records import to_json
from hwflow.search.page import render
from hwflow.search.pick import record_of
from hwflow.search.result import Found

RECORD, POINTS, PAGE = "search.json", "points", "front.html"


def write(found: Found, folder: Path) -> None:
    """Into the study's folder, each whole or not at all."""
    with whole_file(folder / RECORD) as draft:
        draft.write_text(json.dumps(document(found), indent=1) + "\n")
    with whole_file(folder / PAGE) as draft:
        draft.write_text(render(found))
    with whole_folder(folder / POINTS) as place:
        for point in found.front:
            (place / f"{point.number}.json").write_text(to_json(record_of(found, point)))


def document(found: Found) -> dict[str, Any]:
    """The record as JSON, without the points that others beat."""
    made: dict[str, Any] = json.loads(to_json(replace(found, every=())))
    del made["every"]
    return made
