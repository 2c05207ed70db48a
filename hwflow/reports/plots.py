"""Pictures of a spiking net as geometry and small bitmaps, which the templates put into SVG."""

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.ints import IntArray

WIDTH, _LEFT, _RIGHT, _TOP, _FOOT = 520.0, 52.0, 14.0, 10.0, 34.0
_BLUE, _RED = np.array([36, 87, 197]), np.array([196, 48, 38])

Numbers = IntArray | NDArray[np.float64]


@dataclass(frozen=True)
class Stroke:
    """A path and its class in the style sheet."""

    style: str
    path: str


@dataclass(frozen=True)
class Mark:
    """A word beside an axis: where it stands."""

    at: float
    text: str


@dataclass(frozen=True)
class Plot:
    """Strokes in a frame (left, top, right, bottom), with marks below and beside it; summary: for those who do not see it."""

    width: float
    height: float
    frame: tuple[float, float, float, float]
    strokes: tuple[Stroke, ...]
    below: tuple[Mark, ...]
    beside: tuple[Mark, ...]
    x_title: str
    y_title: str
    summary: str


@dataclass(frozen=True)
class Bitmap:
    """A PNG as a data URI, to be drawn `width` x `height` with visible pixels."""

    uri: str
    width: int
    height: int
    summary: str


def raster(spikes: IntArray, ticks: int, neurons: int, what: str) -> Plot:
    """A dash for each spike, [n, 2] of tick and neuron, neuron 0 at the top."""
    axes = _Axes(ticks, neurons, 200.0, down=True)
    path = "".join(f"M{axes.x(t):.1f} {axes.y(i + 0.5):.1f}h1.6" for t, i in spikes.tolist())
    return axes.plot(
        (Stroke("spikes", path),), "tick", what, f"{len(spikes):,} spikes of {neurons} {what} in {ticks} ticks"
    )


def traces(values: Numbers, thresholds: Numbers, names: Sequence[str]) -> Plot:
    """Membranes, [ticks, n], as lines, and the threshold of each as a dashed line of the same shade."""
    low = min(0.0, float(values.min(initial=0)))
    high = max(float(values.max(initial=0)), float(thresholds.max(initial=0))) or 1.0
    axes = _Axes(len(values), high, 200.0, floor=low)
    strokes = [Stroke(f"trace t{i % 4} limit", axes.line(thresholds[:, i])) for i in range(values.shape[1])]
    strokes += [Stroke(f"trace t{i % 4}", axes.line(values[:, i])) for i in range(values.shape[1])]
    return axes.plot(tuple(strokes), "tick", "membrane", f"Membranes of {', '.join(names)}; dashed: their thresholds")


def curve(points: Sequence[tuple[float, float]], x_title: str, y_title: str) -> Plot:
    """A line through points (x, share of one), each marked."""
    axes = _Axes(max(x for x, _ in points), 1.0, 200.0, percent=True)
    line = "M" + "L".join(f"{axes.x(x):.1f} {axes.y(y):.1f}" for x, y in points)
    dots = "".join(f"M{axes.x(x) - 3:.1f} {axes.y(y):.1f}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0" for x, y in points)
    said = ", ".join(f"{y:.1%} after {x:g}" for x, y in points)
    return axes.plot((Stroke("trace t0", line), Stroke("dots", dots)), x_title, y_title, f"{y_title}: {said}")


def bars(values: NDArray[np.float64], x_title: str, y_title: str) -> Plot:
    """A bar for each value, in the order given."""
    axes = _Axes(len(values), max(float(values.max(initial=0)), 1e-9), 200.0)
    step = axes.x(1) - axes.x(0)
    path = "".join(
        f"M{axes.x(i):.1f} {axes.y(0):.1f}V{axes.y(value):.1f}h{step:.2f}V{axes.y(0):.1f}z"
        for i, value in enumerate(values.tolist())
        if value
    )
    return axes.plot(
        (Stroke("bars", path),), x_title, y_title, f"{y_title} of {len(values)}, at most {values.max():.4g}"
    )


def tiles(pictures: IntArray, largest: int, scale: int, summary: str) -> Bitmap:
    """Pictures [n, rows, columns] side by side in about a square: blue above zero, red below, pale at zero."""
    count, rows, columns = pictures.shape
    across = max(1, int(np.ceil(np.sqrt(count * rows / columns))))
    down = -(-count // across)
    canvas = np.full((down * (rows + 1) - 1, across * (columns + 1) - 1, 3), 255, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // across * (rows + 1), number % across * (columns + 1)
        canvas[top : top + rows, left : left + columns] = _tint(picture, largest)
    return Bitmap(_png(canvas), canvas.shape[1] * scale, canvas.shape[0] * scale, summary)


def _tint(values: IntArray, largest: int) -> NDArray[np.uint8]:
    share = np.clip(np.abs(values) / max(largest, 1), 0, 1)[..., None]
    ink = np.where((values >= 0)[..., None], _BLUE, _RED)
    return np.asarray(np.rint(238 + (ink - 238) * share), np.uint8)


def _png(pixels: NDArray[np.uint8]) -> str:
    """RGB [height, width, 3] as PNG (RFC 2083: 8 bits, no filter, one IDAT) in a data URI."""
    height, width, _ = pixels.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


class _Axes:
    """From values to places: x of 0 … `right`, y of `floor` … `top`, upward, or downward from 0 at the top."""

    def __init__(self, right: float, top: float, height: float, *, floor: float = 0.0, down: bool = False, percent: bool = False) -> None:  # fmt: skip
        self._right, self._top, self._floor, self._down, self._percent = max(right, 1e-9), top, floor, down, percent
        self._height = height
        self._frame = (_LEFT, _TOP, WIDTH - _RIGHT, height - _FOOT)

    def x(self, value: float) -> float:
        left, _, right, _ = self._frame
        return left + (right - left) * value / self._right

    def y(self, value: float) -> float:
        _, top, _, bottom = self._frame
        share = (value - self._floor) / (self._top - self._floor)
        return top + (bottom - top) * (share if self._down else 1 - share)

    def line(self, values: Numbers) -> str:
        return "M" + "L".join(f"{self.x(t):.1f} {self.y(value):.1f}" for t, value in enumerate(values.tolist()))

    def plot(self, strokes: tuple[Stroke, ...], x_title: str, y_title: str, summary: str) -> Plot:
        below = tuple(Mark(self.x(value), _short(value)) for value in _steps(0, self._right))
        beside = tuple(
            Mark(self.y(value), f"{value:.0%}" if self._percent else _short(value))
            for value in _steps(self._floor, self._top)
        )
        return Plot(WIDTH, self._height, self._frame, strokes, below, beside, x_title, y_title, summary)


def _steps(low: float, high: float) -> list[float]:
    """Three to six round numbers between two others."""
    unit = 10.0 ** np.floor(np.log10(high - low))
    step = next(unit * part for part in (0.2, 0.5, 1.0, 2.0) if (high - low) / (unit * part) <= 6)
    return [float(value) for value in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step]


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if abs(value) >= 10_000 else f"{value:g}"
