"""Programs from RTL: compiled once for equal files, tools and processors, wherever the project lies."""

from dataclasses import replace
from pathlib import Path

import pytest

from hwflow.errors import ToolError
from hwflow.tool import verilator
from hwflow.tool.cache import VARIABLE
from hwflow.tool.verilator import LOG, Model, build_model

RTL = "module top (input logic clk, output logic [3:0] out); always_ff @(posedge clk) out <= 4'd{}; endmodule\n"
MAIN = """#include <cstdio>
#include "Vtop.h"
#include "said.h"
int main() { Vtop top; top.clk = 0; top.eval(); top.clk = 1; top.eval(); std::printf(SAID, top.out); }
"""


@pytest.fixture
def model(tmp_path: Path) -> Model:
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "main.cpp").write_text(MAIN)
    (tmp_path / "main" / "said.h").write_text('#define SAID "out %d\\n"\n')
    return Model({"top.sv": RTL.format(5).encode()}, "top", tmp_path / "main" / "main.cpp", optimise=False)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders, in a cache of the test's own, that were filled, in place of compiling."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    folders: list[Path] = []
    monkeypatch.setattr(verilator, "_compile", lambda *arguments: folders.append(arguments[-1]))
    return folders


def test_equal_models_are_compiled_once(model: Model, made: list[Path], tmp_path: Path) -> None:
    said: list[str] = []
    programs = {build_model(replace(model), lambda: said.append("compiling")) for _ in range(3)}
    assert (len(made), len(programs), said) == (1, 1, ["compiling"])


def test_whatever_changes_a_program_compiles_another(
    model: Model, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_model(model)
    others = [
        replace(model, sources={"top.sv": RTL.format(6).encode()}),
        replace(model, sources={"other.sv": model.sources["top.sv"]}),
        replace(model, vcd=True),
        replace(model, optimise=True),
        replace(model, assertions=False),
    ]
    programs = {build_model(other) for other in others}
    assert len(made) == 6 and len(programs) == 5
    (model.main.parent / "said.h").write_text("#define SAID 1\n")
    build_model(model)
    monkeypatch.setattr(verilator, "processor", lambda: "flags: another")
    build_model(model)
    monkeypatch.setattr(verilator, "state_of", lambda program: f"{program}, another version")
    build_model(model)
    assert len(made) == 9


def test_the_processor_is_known_by_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    here = verilator.processor()
    monkeypatch.setattr(Path, "read_text", lambda _: "model name: another\nflags\t\t: none\n")
    there = verilator.processor()
    assert there != here
    monkeypatch.setattr(Path, "read_text", lambda _: "flags\t\t: none\ncpu MHz: 12\n")  # which changes all the time
    assert verilator.processor() == there


@pytest.mark.slow
def test_a_program_runs_and_a_fault_of_the_rtl_is_told(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hwflow.tool.process import run_tool

    cache = tmp_path / "cache"  # empty, and no other worker's words in it
    monkeypatch.setenv(VARIABLE, str(cache))
    lines: list[str] = []
    run_tool([str(build_model(model))], tmp_path / "log", on_line=lines.append)
    run_tool(
        [str(build_model(replace(model, sources={"top.sv": RTL.format(6).encode()})))],
        tmp_path / "log",
        on_line=lines.append,
    )
    assert lines == ["out 5", "out 6"]
    assert "verilated.cpp" not in (cache / LOG).read_text()  # the run-time library is the first model's
    run_tool([str(build_model(replace(model, vcd=True)))], tmp_path / "log", on_line=lines.append)
    assert "verilated.cpp" in (cache / LOG).read_text()  # other options, another library
    with pytest.raises(ToolError, match="%Error: .*top.sv"):
        build_model(replace(model, sources={"top.sv": b"module top (input logic clk);\n  nonsense\nendmodule\n"}))
    assert "unexpected endmodule" in (cache / LOG).read_text()
