"""The net's picture: what stands where."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from quantised.networks import random_folding, random_graph

from hwflow.board import find_board
from hwflow.quantised.backend.dataflow import build_accelerator, design_of
from hwflow.quantised.backend.design import Design, LayerDesign
from hwflow.quantised.report.drawing import WIDTH, Rectangle, count_of, draw_net, short
from hwflow.quantised.report.graph import draw_graph


def overlap(a: Rectangle, b: Rectangle) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def inside(part: Rectangle, whole: Rectangle) -> bool:
    return (
        whole.x <= part.x
        and part.x + part.width <= whole.x + whole.width + 1e-9
        and whole.y <= part.y
        and part.y + part.height <= whole.y + whole.height + 1e-9
    )


@pytest.mark.parametrize("layers", [1, 3, 4, 9, 30])
def test_boxes_stand_apart_and_in_the_picture(
    design: Design, make_layer: Callable[..., LayerDesign], layers: int
) -> None:
    chain = tuple(make_layer(f"d{i}", 64, 64, 64, 64) for i in range(layers))
    picture = draw_net(dataclasses.replace(design, layers=chain))
    frames = [box.frame for box in picture.boxes]
    assert len(frames) == layers + 2 and len(picture.arrows) == layers + 1
    assert not any(overlap(a, b) for i, a in enumerate(frames) for b in frames[:i])
    assert all(inside(frame, Rectangle(0, 0, picture.width, picture.height)) for frame in frames)
    assert picture.width <= WIDTH


def test_three_layers_and_an_argmax_fit_one_row(design: Design, make_layer: Callable[..., LayerDesign]) -> None:
    layers = (*(make_layer(f"d{i}", 64, 64, 1, 1) for i in range(3)), make_layer("argmax", 10, 1, 1, 1, kind="argmax"))
    picture = draw_net(dataclasses.replace(design, layers=layers))
    assert len({box.frame.y + box.frame.height / 2 for box in picture.boxes}) == 1


def test_the_tile_is_the_share_of_the_matrix_worked_on(design: Design) -> None:
    box = draw_net(design).boxes[1]
    assert box.matrix and box.tile and inside(box.matrix, box.frame) and inside(box.tile, box.matrix)
    assert box.tile.height / box.matrix.height == pytest.approx(4 / 32)
    assert box.tile.width == pytest.approx(max(2.0, box.matrix.width * 2 / 94))


def test_only_the_slowest_unit_is_outlined(design: Design) -> None:
    assert [box.title for box in draw_net(design).boxes if box.slowest] == ["dense0"]


def test_words_of_the_streams(design: Design) -> None:
    arrows = draw_net(design).arrows
    assert [(arrow.above, arrow.below) for arrow in arrows] == [
        ("2 × UINT2", "47 beats"), ("4 × UINT2", "FIFO 2"), ("1 × UINT2", "FIFO 2"), ("1 × UINT2", "FIFO 2")
    ]  # fmt: skip


def test_the_summary_names_every_unit_and_its_folding(design: Design) -> None:
    summary = draw_net(design).summary
    assert "dense0 32 × 94, PE 4, SIMD 2" in summary and summary.startswith("Chain of 3 units")


def test_names_are_cut_to_the_box() -> None:
    assert short("a" * 40, 17) == "a" * 16 + "…" and short("dense0", 17) == "dense0"


def test_one_is_singular() -> None:
    assert (count_of(1, "beat"), count_of(1200, "beat")) == ("1 beat", "1,200 beats")


@pytest.mark.parametrize("seed", range(6))
def test_a_graphs_boxes_stand_apart_and_its_streams_lead_from_writer_to_reader(design: Design, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_graph(rng, largest=6)
    made = build_accelerator(network, random_folding(rng, network))
    graph = design_of(made, find_board("sim"), 1_000_000, design.estimate)
    if not graph.wires:
        pytest.skip("a chain")
    picture = draw_graph(graph)
    frames = [box.frame for box in picture.boxes]
    assert len(frames) == len(graph.layers) + 2 and len(picture.arrows) == len(graph.wires)
    assert not any(overlap(a, b) for i, a in enumerate(frames) for b in frames[:i])
    assert all(inside(frame, Rectangle(0, 0, picture.width, picture.height)) for frame in frames)
    for wire, arrow in zip(graph.wires, picture.arrows, strict=True):
        points = [tuple(map(float, point.split())) for point in arrow.path[1:].split("L")]
        source, reader = frames[wire.source + 1], frames[wire.reader + 1]
        assert points[0] == (source.x + source.width, source.y + source.height / 2)
        assert points[-1] == (reader.x - 2, reader.y + reader.height / 2)
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert not any(box.x < x < box.x + box.width and box.y < y < box.y + box.height
                       for x, y in points for box in frames)  # fmt: skip
