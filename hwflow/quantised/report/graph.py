"""The geometry of a net with branches: its units in columns, each behind all that it reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.quantised.backend.design import Design, LayerDesign, Wire
from hwflow.quantised.report.drawing import (
    ARGMAX_WIDTH,
    BOX_WIDTH,
    END_WIDTH,
    GAP,
    HEIGHT,
    LOW,
    Arrow,
    Box,
    Picture,
    Rectangle,
    count_of,
    end_box,
    matrix_scale,
    unit_box,
)

_APART = 26  # between two boxes of a column
_WAY = 34  # height that a stream takes which passes a column


@dataclass(frozen=True)
class _Item:
    """What stands in a column: a box, by its place among the layers; or, with its column, the way of a wire that passes."""

    place: int
    wire: int | None = None
    column: int = 0


def draw_graph(design: Design) -> Picture:
    """The units of a net with branches, left to right, each with its matrix, and a stream for each reader of a value."""
    layers, wires = design.layers, design.wires
    columns = _columns(len(layers), wires)
    frames = _frames(columns, layers)
    boxes = tuple(_box(place, frames[_Item(place)], design) for place in range(-1, len(layers) + 1))
    arrows = tuple(_arrow(i, wire, frames, layers) for i, wire in enumerate(wires))
    width = max(frame.x + frame.width for frame in frames.values()) + 2
    height = max(frame.y + frame.height for frame in frames.values()) + 8
    summary = f"Graph of {count_of(len(layers), 'unit')} and {count_of(len(wires), 'stream')}: " + ", ".join(
        f"{layer.name} reads {' and '.join(_name(wire.source, layers) for wire in wires if wire.reader == i)}"
        for i, layer in enumerate(layers)
    )
    return Picture(width, height, boxes, arrows, summary)


def _name(place: int, layers: Sequence[LayerDesign]) -> str:
    return "the input" if place < 0 else layers[place].name


def _columns(layers: int, wires: Sequence[Wire]) -> list[list[_Item]]:
    """Each box in the column behind the last of its sources; in a column, in the order of what they read."""
    column = {-1: 0}
    for place in range(layers + 1):
        column[place] = 1 + max(column[wire.source] for wire in wires if wire.reader == place)
    columns: list[list[_Item]] = [[] for _ in range(column[layers] + 1)]
    for place, number in column.items():
        columns[number].append(_Item(place))
    for i, wire in enumerate(wires):
        for number in range(column[wire.source] + 1, column[wire.reader]):
            columns[number].append(_Item(wire.source, i, number))
    rows: dict[_Item, float] = {}
    for number, items in enumerate(columns):
        items.sort(key=lambda item: _row_before(item, number, wires, rows))
        rows |= {item: row - len(items) / 2 for row, item in enumerate(items)}
    return columns


def _row_before(item: _Item, column: int, wires: Sequence[Wire], rows: dict[_Item, float]) -> float:
    """The mean row of what comes to an item from the column before it."""
    coming = [
        i for i, wire in enumerate(wires) if (i == item.wire if item.wire is not None else wire.reader == item.place)
    ]
    before = [rows.get(_Item(wires[i].source, i, column - 1), rows.get(_Item(wires[i].source), 0.0)) for i in coming]
    return sum(before) / len(before) if before else 0.0


def _frames(columns: Sequence[Sequence[_Item]], layers: Sequence[LayerDesign]) -> dict[_Item, Rectangle]:
    """Columns side by side, each in the middle of the picture's height."""
    heights = [sum(_size(item, layers)[1] for item in items) + _APART * (len(items) - 1) for items in columns]
    frames: dict[_Item, Rectangle] = {}
    x, middle = 2.0, 8 + max(heights) / 2
    for items, height in zip(columns, heights, strict=True):
        widest = max(_size(item, layers)[0] for item in items)
        y = middle - height / 2
        for item in items:
            width, own = _size(item, layers)
            width = widest if item.wire is not None else width
            frames[item] = Rectangle(x + (widest - width) / 2, y, width, own)
            y += own + _APART
        x += widest + GAP
    return frames


def _size(item: _Item, layers: Sequence[LayerDesign]) -> tuple[float, float]:
    if item.wire is not None:
        return 0, _WAY
    if not 0 <= item.place < len(layers):
        return END_WIDTH, LOW
    kind = layers[item.place].kind
    return (BOX_WIDTH, HEIGHT) if kind == "dense" else (ARGMAX_WIDTH, LOW)


def _box(place: int, frame: Rectangle, design: Design) -> Box:
    layers = design.layers
    if place < 0:
        return end_box(frame, "Input", layers[0].input_type, count_of(design.input_bytes, "byte"))
    if place == len(layers):
        last = layers[-1]
        count = last.tokens * (1 if last.kind == "argmax" else last.rows)
        return end_box(frame, "Output", f"{count} × {last.output_type}", count_of(design.output_bytes, "byte"))
    return unit_box(frame, layers[place], matrix_scale(layers), max(layer.cycles for layer in layers))


def _arrow(number: int, wire: Wire, frames: dict[_Item, Rectangle], layers: Sequence[LayerDesign]) -> Arrow:
    """From the source's right, along its ways through the columns between, to the reader's left."""
    start, end = frames[_Item(wire.source)], frames[_Item(wire.reader)]
    points = [(start.x + start.width, start.y + start.height / 2)]
    for item, way in frames.items():
        if item.wire == number:
            points += [(way.x, way.y + way.height / 2), (way.x + way.width, way.y + way.height / 2)]
    points.append((end.x - 2, end.y + end.height / 2))
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    (x0, y0), (x1, y1) = points[-2:]
    above = "" if wire.source < 0 else layers[wire.source].output_type
    return Arrow(path, (x0 + x1) / 2, (y0 + y1) / 2, above, f"FIFO {wire.depth}")
