"""The build's digest: in the top, of everything the hardware is made from, and of nothing else."""

from dataclasses import replace

import pytest

from hwflow.errors import UserError
from hwflow.project import Project
from hwflow.shell.build_digest import build_of, sealed

TOP = b"hwf_shell #(\n      .BUILD(128'h%s)\n  ) shell (...)"
FILES = {
    "rtl/top.sv": TOP % (b"0" * 32),
    "rtl/other.sv": b"module other; endmodule",
    "memory/weights.hex": b"00\n",
    "constraints/top.pcf": b"set_io clk 35\n",
    "vivado/build.tcl": b"",
    "network.json": b"{}",
}
PROJECT = Project(FILES, "top", "icebreaker")


def changed(path: str) -> Project:
    return replace(PROJECT, files={**FILES, path: FILES[path] + b" "})


def test_it_is_the_digest_of_the_hardware_with_zeros_in_its_place() -> None:
    hardware = {path: content for path, content in FILES.items() if path != "network.json"}
    made = sealed(PROJECT)
    assert build_of(made) == Project(hardware, "top", "icebreaker").digest[:32]
    assert made.files["rtl/top.sv"] == TOP % build_of(made).encode()
    assert {**made.files, "rtl/top.sv": FILES["rtl/top.sv"]} == FILES
    assert sealed(made) == made


@pytest.mark.parametrize("path", [path for path in FILES if path != "network.json"])
def test_other_hardware_is_another_build(path: str) -> None:
    assert build_of(sealed(changed(path))) != build_of(sealed(PROJECT))


def test_another_board_or_top_is_another_build() -> None:
    other = replace(PROJECT, board="ulx3s-85f")
    renamed = replace(PROJECT, top="main", files={**FILES, "rtl/main.sv": FILES["rtl/top.sv"]})
    assert len({build_of(sealed(project)) for project in (PROJECT, other, renamed)}) == 3


def test_what_is_no_hardware_does_not_matter() -> None:
    """A spiking core's net is loaded; the records of a project are for people."""
    assert build_of(sealed(changed("network.json"))) == build_of(sealed(PROJECT))


@pytest.mark.parametrize("project", [PROJECT, changed("rtl/other.sv"), replace(PROJECT, top="absent")])
def test_a_project_without_its_digest_is_refused(project: Project) -> None:
    damaged = replace(project, files={**project.files, "rtl/other.sv": b"another"})
    with pytest.raises(UserError, match="does not hold its own digest; compile it again"):
        build_of(replace(sealed(PROJECT), files=damaged.files, top=project.top))
