"""The geometry of the pictures: numbers and words that the templates turn into SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.quantised.backend.design import Design, LayerDesign

WIDTH = 1080  # of a picture, in its own units
BOX_WIDTH, ARGMAX_WIDTH, END_WIDTH, GAP, HEIGHT, _ROW = 146, 100, 84, 74, 196, 236
LOW = 92  # height of a box without a matrix
_GLYPH_WIDTH, _GLYPH_HEIGHT = 116, 84
_WORDS = {
    "argmax": "largest of",
    "add": "sums of",
    "product": "products of",
    "threshold": "activates",
    "concat": "puts in a row",
    "slice": "takes a part of",
    "transpose": "transposes",
    "sum": "sums along",
    "greatest": "largest along",
    "table": "looks up",
    "tablesum": "tables for",
}


@dataclass(frozen=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Box:
    """A unit, or an end of the net.

    end: whether it is the input or the output; matrix: the weight matrix, drawn to scale with the net's other ones; tile: the part of it worked on in a cycle;
    slowest: whether this unit sets the initiation interval.
    """

    frame: Rectangle
    title: str
    lines: tuple[str, ...]
    matrix: Rectangle | None = None
    tile: Rectangle | None = None
    slowest: bool = False
    end: bool = False

    @property
    def centre(self) -> float:
        return self.frame.x + self.frame.width / 2

    @property
    def foot(self) -> float:
        """Where the first of the lines stands."""
        return self.frame.y + self.frame.height - 14 - 16 * (len(self.lines) - 1)


@dataclass(frozen=True)
class Arrow:
    """A stream: its path, and the words above and below it, centred on `x`."""

    path: str
    x: float
    y: float
    above: str
    below: str


@dataclass(frozen=True)
class Picture:
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    summary: str  # what the picture says, for those who do not see it


def draw_net(design: Design) -> Picture:
    """The chain of units, left to right in rows: each with its matrix, the tile of a cycle, and its streams."""
    layers = design.layers
    scale = matrix_scale(layers)
    widths = [END_WIDTH, *(BOX_WIDTH if layer.kind == "dense" else ARGMAX_WIDTH for layer in layers), END_WIDTH]
    frames = _frames(widths)
    first, last = layers[0], layers[-1]
    boxes = [
        end_box(
            frames[0],
            "Input",
            f"{first.tokens * first.columns} × {first.input_type}",
            count_of(design.input_bytes, "byte"),
        )
    ]
    slowest = max(layer.cycles for layer in layers)
    boxes += [unit_box(frame, layer, scale, slowest) for frame, layer in zip(frames[1:-1], layers, strict=True)]
    count = last.tokens * (1 if last.kind == "argmax" else last.rows)
    boxes.append(end_box(frames[-1], "Output", f"{count} × {last.output_type}", count_of(design.output_bytes, "byte")))
    streams = [
        (
            f"{first.simd if first.kind in ('dense', 'tablesum') else first.pe} × {first.input_type}",
            count_of(first.tokens * first.beats, "beat"),
        )
    ]
    streams += [_stream(layer) for layer in layers]
    pairs = zip(boxes, boxes[1:], streams, strict=False)
    arrows = tuple(_arrow(left.frame, right.frame, *words) for left, right, words in pairs)
    height = max(frame.y + frame.height for frame in frames) + 8
    summary = f"Chain of {len(layers)} units: " + ", ".join(
        f"{layer.name} {layer.rows} × {layer.columns}, PE {layer.pe}, SIMD {layer.simd}" for layer in layers
    )
    width = max(frame.x + frame.width for frame in frames) + 2
    if any(frame.y > frames[0].y for frame in frames):
        width = WIDTH
    return Picture(width, height, tuple(boxes), arrows, summary)


def short(name: str, length: int) -> str:
    """A name that fits a box."""
    return name if len(name) <= length else name[: length - 1] + "…"


def matrix_scale(layers: Sequence[LayerDesign]) -> float:
    """Picture units for the square root of a matrix's dimension: roots keep a 784 and a 10 both visible."""
    matrices = [layer for layer in layers if layer.kind == "dense"] or layers
    widest = max(math.sqrt(layer.columns) for layer in matrices)
    highest = max(math.sqrt(layer.rows) for layer in matrices)
    return min(_GLYPH_WIDTH / widest, _GLYPH_HEIGHT / highest)


def _frames(widths: Sequence[float]) -> list[Rectangle]:
    """Boxes side by side; in a new row where no room for an arrow to that row would be left on the right."""
    frames: list[Rectangle] = []
    x, y = 2.0, 8.0
    for i, width in enumerate(widths):
        room = 2 if i == len(widths) - 1 else GAP
        if frames and x + width > WIDTH - room:
            x, y = 2.0, y + _ROW
        frames.append(Rectangle(x, y, width, HEIGHT))
        x += width + GAP
    return frames


def end_box(frame: Rectangle, title: str, *lines: str) -> Box:
    return Box(_low(frame), title, lines, end=True)


def _low(frame: Rectangle) -> Rectangle:
    return Rectangle(frame.x, frame.y + (frame.height - LOW) / 2, frame.width, LOW)


def count_of(number: int, thing: str) -> str:
    """`1 beat`, `2 beats`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _times(layer: LayerDesign) -> str:
    """How many vectors of a sample it takes, if several."""
    return f"{layer.tokens} · " if layer.tokens > 1 else ""


def unit_box(frame: Rectangle, layer: LayerDesign, scale: float, slowest: int) -> Box:
    title = short(layer.name, 17)
    is_slowest = layer.cycles == slowest
    if layer.kind != "dense":
        lines = (
            f"{_WORDS[layer.kind]} {_times(layer)}{layer.rows}",
            f"{layer.pe} a cycle",
            count_of(layer.cycles, "cycle"),
        )
        return Box(_low(frame), short(layer.name, 12), lines, slowest=is_slowest)
    width, height = max(6.0, scale * math.sqrt(layer.columns)), max(6.0, scale * math.sqrt(layer.rows))
    left = frame.x + (frame.width - width) / 2
    top = frame.y + 34 + (_GLYPH_HEIGHT - height) / 2
    tile = Rectangle(
        left, top, max(2.0, width * layer.simd / layer.columns), max(2.0, height * layer.pe / layer.rows)
    )  # fmt: skip
    lines = (
        f"{_times(layer)}{layer.rows} × {layer.columns} {layer.weight_type}",
        f"PE {layer.pe} · SIMD {layer.simd}",
        count_of(layer.cycles, "cycle"),
    )
    return Box(frame, title, lines, Rectangle(left, top, width, height), tile, is_slowest)


def _stream(layer: LayerDesign) -> tuple[str, str]:
    lanes = 1 if layer.kind == "argmax" else layer.pe
    return f"{lanes} × {layer.output_type}", f"FIFO {layer.fifo_depth}"


def _arrow(left: Rectangle, right: Rectangle, above: str, below: str) -> Arrow:
    start, end = left.x + left.width, right.x
    y = left.y + left.height / 2
    if right.x > left.x:
        return Arrow(f"M{start:g} {y:g}H{end - 2:g}", (start + end) / 2, y, above, below)
    # To the next row: out to the right, back between the rows, and down into the first box.
    turn, between = start + GAP - 10, y + _ROW / 2
    path = f"M{start:g} {y:g}H{turn:g}V{between:g}H{right.x + 27:g}V{right.y - 2:g}"
    return Arrow(path, start + (GAP - 10) / 2, y, above, below)
