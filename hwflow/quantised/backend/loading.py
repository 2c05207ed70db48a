"""What the host writes into a board before a compiled net runs there."""

import hashlib
from dataclasses import dataclass

from hwflow.ints import IntType
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import FOLDING, MODULE
from hwflow.quantised.backend.folding import parse_folding
from hwflow.quantised.backend.loads import Content, content_of
from hwflow.quantised.backend.units import units_of


@dataclass(frozen=True, eq=False)
class Loading:
    """A net that the host writes into memories of the board, or some of it.

    content: what is written; shapes: the digest that HELLO tells in place of the model's, in hex, where all that is the
    net's own is loaded, else None; output: the type of its outputs on the link.
    """

    content: Content
    shapes: str | None
    output: IntType


def loading_of(compiled: Compiled) -> Loading | None:
    """What is to be written for a compiled net; None if nothing is. Raises UserError if its folding is damaged."""
    if compiled.design.backend != "dataflow":
        return None
    network, files = compiled.network, compiled.folder.files
    folding = parse_folding(files.get(FOLDING, b""), network, str(compiled.path / FOLDING))
    units = units_of(network, folding)
    content = content_of(units)
    if content is None:
        return None
    shapes = hashlib.sha256(files[f"rtl/{MODULE}.sv"]).hexdigest() if folding.loaded else None
    return Loading(content, shapes, units[-1].y)
