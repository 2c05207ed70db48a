"""Nets on the simulated board, broken off in the midst of a vector or of a tick: 40 times, and 1,000 in `make bench`."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from broken_off_trial import outcomes, quantised, spiking
from needs import needs_pyosys
from netlists import as_yosys_reads_it

from hwflow.project import Project
from hwflow.quantised.network import Network
from hwflow.spiking.network import SpikingNetwork

pytestmark = pytest.mark.slow
BREAKS = 40
Family = Callable[[], tuple[Network | SpikingNetwork, Project]]


def broken_off(network: Network | SpikingNetwork, project: Project, folder: Path, breaks: int = BREAKS) -> list[bool]:
    """Whether all was right after each break."""
    with closing(outcomes(network, project, folder)) as right:
        return list(islice(right, breaks))


@pytest.mark.parametrize("family", [quantised, spiking])
def test_nothing_is_left_of_what_was_broken_off(family: Family, tmp_path: Path) -> None:
    assert broken_off(*family(), tmp_path) == [True] * BREAKS


@pytest.mark.long
@pytest.mark.parametrize("family", [quantised, spiking])
def test_the_whole_device_is_what_yosys_reads(family: Family, tmp_path: Path) -> None:
    """The same with the netlist of the top, pins and all, in place of its RTL."""
    needs_pyosys("pyosys reads the RTL as a build does")
    network, project = family()
    assert broken_off(network, as_yosys_reads_it(project, tmp_path / "netlist"), tmp_path, 10) == [True] * 10


@pytest.mark.parametrize(
    ("family", "file", "right", "broken"),
    [
        pytest.param(
            quantised, "hwf_stream_device.sv", "net_rst <= rst || hello;", "net_rst <= rst;", marks=pytest.mark.long
        ),
        (spiking, "hwf_spiking_device.sv", ".clear_axons(hello)", ".clear_axons(1'b0)"),
    ],
    ids=["quantised", "spiking"],
)
def test_a_device_that_does_not_begin_anew_is_found(
    family: Family, file: str, right: str, broken: str, tmp_path: Path
) -> None:
    network, project = family()
    (path,) = [path for path in project.files if path.endswith(file)]
    text = project.files[path].decode()
    assert text.count(right) == 1
    files = {**project.files, path: text.replace(right, broken).encode()}
    with closing(outcomes(network, replace(project, files=files), tmp_path)) as after:
        assert not all(islice(after, BREAKS))
