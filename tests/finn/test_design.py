"""The record of FINN's nodes: types and beats, and that a damaged one is refused."""

from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.finn.design import FINN, FinnDesign, FinnNode, Stream, type_of
from hwflow.ints import IntType
from hwflow.project import Project, ProjectFolder
from hwflow.records import to_json


def node(name: str, sources: tuple[str, ...], style: str = "rtl") -> FinnNode:
    stream = Stream("in0_V", 12, 4, "INT3", 16)
    return FinnNode(name, "MVAU", style, "", name, "dense0", 3, 4, 1, 4, 3, 0, stream, stream, None, sources, (), None,
                    1, 2)  # type: ignore[arg-type]  # fmt: skip


def design() -> FinnDesign:
    nodes = (
        node("a", ("pkg.sv", "mvu.sv", "a.v")),
        node("b", ("pkg.sv", "mvu.sv", "b.v")),
        node("c", ("c.cpp",), "hls"),
    )
    return FinnDesign("1.6.1", "xc7z020clg400-1", 10.0, ("streamline",), nodes)


def test_types_by_name() -> None:
    assert type_of("INT2") == IntType(2, True) and type_of("UINT12") == IntType(12, False)


def test_beats_and_bits_of_a_stream() -> None:
    stream = Stream("in0_V", 12, 4, "INT3", 16)
    assert (stream.beats, stream.bits, stream.type) == (3, 12, IntType(3, True))


def test_sources_stand_once_and_only_of_rtl() -> None:
    assert design().sources == ("pkg.sv", "mvu.sv", "a.v", "b.v")
    assert [one.name for one in design().hls] == ["c"]


def test_it_reads_back(tmp_path: Path) -> None:
    def folder(text: str) -> ProjectFolder:
        return ProjectFolder(tmp_path, Project({FINN: text.encode()}, "top", "zcu104"))

    assert FinnDesign.of(folder(to_json(design()))) == design()
    with pytest.raises(UserError, match="compile --backend finn"):
        FinnDesign.of(folder(to_json(design())[:100]))
