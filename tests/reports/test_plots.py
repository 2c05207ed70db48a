"""Geometry of the spiking pictures: every value has its place, and every picture its words."""

import base64
import re
import struct
import zlib

import numpy as np
import pytest

from hwflow.reports.plots import WIDTH, bars, curve, raster, tiles, traces


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_each_spike_is_a_dash_in_its_place() -> None:
    plot = raster(np.array([[0, 0], [50, 3], [99, 1]]), 100, 4, "neurons")
    dots = places(plot.strokes[0].path)
    left, top, right, bottom = plot.frame
    assert len(dots) == 3 and dots[0][0] == left and dots[1][0] == pytest.approx((left + right) / 2, abs=0.1)
    assert dots[0][1] < dots[2][1] < dots[1][1] and all(top < y < bottom for _, y in dots)
    assert "3 spikes of 4 neurons in 100 ticks" in plot.summary
    assert raster(np.zeros((0, 2), int), 10, 4, "axons").strokes[0].path == ""


def test_membranes_lie_between_their_bounds() -> None:
    values, thresholds = np.array([[-5, 0], [10, 3]]), np.full((2, 2), 12)
    plot = traces(values, thresholds, ["neuron 1", "neuron 2"])
    left, top, right, bottom = plot.frame
    limits, lines = plot.strokes[:2], plot.strokes[2:]
    assert all(y == top for stroke in limits for _, y in places(stroke.path))
    assert places(lines[0].path)[0] == (left, bottom) and places(lines[0].path)[1][0] == pytest.approx(
        left + (right - left) / 2
    )


def test_a_curve_rises() -> None:
    plot = curve([(10, 0.2), (100, 0.9)], "images", "accuracy")
    (_, low), (x, high) = places(plot.strokes[0].path)
    assert high < low and x == plot.frame[2] and "20.0% after 10, 90.0% after 100" in plot.summary
    assert [mark.text for mark in plot.beside] == ["0%", "20%", "40%", "60%", "80%", "100%"]


def test_bars_stand_on_the_axis() -> None:
    plot = bars(np.array([0.0, 2.0, 1.0]), "neuron", "rate")
    assert plot.strokes[0].path.count("M") == 2 and plot.width == WIDTH
    assert bars(np.zeros(3), "neuron", "rate").strokes[0].path == ""


def test_tiles_are_a_png_with_a_pixel_for_each_weight() -> None:
    pictures = np.zeros((4, 2, 2), int)
    pictures[3, 1, 1], pictures[0, 0, 0] = 10, -10
    picture = tiles(pictures, 10, 3, "weights")
    data = base64.b64decode(picture.uri.partition(",")[2])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack_from(">II", data, 16)
    assert (width, height) == (5, 5) and (picture.width, picture.height) == (15, 15)
    at = data.index(b"IDAT")
    length = struct.unpack_from(">I", data, at - 4)[0]
    body = data[at + 4 : at + 4 + length]
    assert struct.unpack_from(">I", data, at + 4 + length)[0] == zlib.crc32(b"IDAT" + body)
    pixels = np.frombuffer(zlib.decompress(body), np.uint8).reshape(5, 16)[:, 1:].reshape(5, 5, 3)
    assert pixels[4, 4].tolist() == [36, 87, 197] and pixels[0, 0].tolist() == [196, 48, 38]
    assert pixels[2].tolist() == [[255] * 3] * 5 and pixels[0, 1].tolist() == [238] * 3
