"""Each section: what it shows, and what it says when there is nothing to show."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from hwflow.quantised.family import QUANTISED
from hwflow.quantised.report.evidence import QuantisedEvidence, gather
from hwflow.quantised.report.sections import SECTIONS as OWN
from hwflow.quantised.report.sections import quality_view, speed_view, switching_view
from hwflow.quantised.train.run import TrainResult
from hwflow.reports.page import panels_of, render
from hwflow.reports.report import Gathered, Report, listed
from hwflow.reports.report import report_of as report_on
from hwflow.reports.sections import COMMON, fabric_remedy, fabric_view

SECTIONS = (*OWN, *COMMON)


def report_of(evidences: Sequence[QuantisedEvidence]) -> Report:
    return report_on([Gathered(QUANTISED, evidence) for evidence in evidences])


@pytest.fixture
def evidence(demo: Path) -> QuantisedEvidence:
    return gather(demo / "icebreaker")


def test_keys_and_templates_are_told_apart() -> None:
    assert (
        len({section.key for section in SECTIONS}) == len({section.template for section in SECTIONS}) == len(SECTIONS)
    )


def test_every_section_has_something_to_show_and_says_whence(evidence: QuantisedEvidence) -> None:
    for section in SECTIONS:
        view = section.view(evidence)
        assert view is not None and view.sources, section.key


def test_a_section_without_a_record_names_its_command(demo: Path) -> None:
    column = report_of([gather(demo / "ulx3s-85f")]).columns[0]
    assert set(column.missing) == {"switching", "equality", "fabric", "run"}
    assert column.missing["fabric"] == f"hwflow build {demo / 'ulx3s-85f'}"


def test_folders_with_spaces_are_quoted(evidence: QuantisedEvidence) -> None:
    spaced = dataclasses.replace(evidence, folder=Path("my nets/it's one"))
    assert spaced.command("build") == """hwflow build 'my nets/it'"'"'s one'"""


def test_the_simulated_board_has_no_part_to_fill(evidence: QuantisedEvidence) -> None:
    sim = dataclasses.replace(evidence, build=None, board="sim")
    assert fabric_remedy(sim) == "" and fabric_remedy(dataclasses.replace(evidence, build=None)) != ""
    fabric = next(section for section in SECTIONS if section.key == "fabric")
    assert panels_of(fabric, report_of([sim]).columns) == ()
    assert len(panels_of(fabric, report_of([evidence, sim]).columns)) == 1


def test_what_is_the_same_for_all_is_shown_once(evidence: QuantisedEvidence, demo: Path) -> None:
    columns = report_of([evidence, gather(demo / "ulx3s-85f")]).columns
    once = {section.key for section in SECTIONS if len(panels_of(section, columns)) == 1}
    assert once == {"quality", "check", "speed"}  # the last as a table with a column each


def test_what_all_lack_is_said_once(evidence: QuantisedEvidence) -> None:
    bare = dataclasses.replace(evidence, training=None)
    quality = next(section for section in SECTIONS if section.key == "quality")
    (panel,) = panels_of(quality, report_of([bare, bare]).columns)
    assert panel.view is None and panel.remedy.startswith("hwflow train")


def test_use_of_the_part(evidence: QuantisedEvidence) -> None:
    view = fabric_view(evidence)
    assert view and view.part == "iCEBreaker, up5k"
    assert [(bar.label, bar.used, bar.available, bar.estimate) for bar in view.bars] == [
        ("LUTs", 2640, 5280, 3100),
        ("Flip-flops", 1200, 5280, 1200),
        ("Block RAMs", 15, 30, 8),
        ("Multipliers", 0, 8, None),
    ]
    assert view.also == ("ICESTORM_LC 2,640 of 5,280", "SB_IO 5 of 96")


def test_cycles_of_three_kinds_agree(evidence: QuantisedEvidence) -> None:
    view = speed_view(evidence)
    assert view and [row.agree for row in view.cycles] == [True, True, True]
    assert view.fmax_hz == 24.6e6 and view.durations[0].at_fmax == pytest.approx(410 / 24.6e6)
    assert view.device == "simulated board"


def test_only_a_can_net_is_compared_with_a_can_bus(evidence: QuantisedEvidence) -> None:
    assert evidence.training
    can, other = (
        evidence,
        dataclasses.replace(evidence, training=dataclasses.replace(evidence.training, recipe="digits")),
    )
    views = [speed_view(case) for case in (can, other)]
    assert views[0] and views[1] and views[0].notes and not views[1].notes


def test_quality_has_the_net_before_the_others(evidence: QuantisedEvidence, trained: TrainResult) -> None:
    view = quality_view(evidence)
    assert view and [row.name for row in view.classifiers] == ["2-bit MLP", "float MLP", "majority class"]
    assert view.training.quantised == trained.quantised


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_are_read_as_sentences(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_changes_to_finns_files_are_on_the_page(evidence: QuantisedEvidence) -> None:
    assert evidence.simulation and evidence.design
    simulation = dataclasses.replace(evidence.simulation, backend="finn", edits=("fifo.sv: <why>",), latency_cycles=1)
    of_finn = dataclasses.replace(evidence, simulation=simulation)
    assert simulation.right
    assert "fifo.sv: &lt;why&gt;" in render(report_of([of_finn]), "r.json")
    rows = speed_view(of_finn)
    assert rows and all(row.agree is None for row in rows.cycles)


def test_energy_is_an_estimate_with_its_method_where_the_part_was_measured(demo: Path) -> None:
    evidence = gather(demo / "icebreaker")
    view = switching_view(evidence)
    assert view is not None
    rows = {line.label: line.text for line in view.rows}
    assert rows["Bits that change for a vector"] == "87,000"
    assert rows["Of these in dense0"] == "75,000"
    # 351 µA at 1.219 V over 14.03125 changes of a cycle at 12 MHz
    assert rows["Energy of these for a vector, an estimate"] == "221.1 nJ"
    # (92.1 + 521.4) µA at 1.219 V, and 27.8 µA over 196 flip-flops for each of 1,200
    assert rows["Power of the whole design while nothing changes, an estimate"] == "955.3 µW"
    assert "tinyVision.ai measured" in view.notes[0]
    ours = dataclasses.replace(evidence.design, board="ulx3s-85f")
    other = switching_view(dataclasses.replace(evidence, design=ours))
    assert other is not None and other.energy is None and not any("nergy" in line.label for line in other.rows)
    assert other.notes == ("No energy: of this part no measured currents are known.",)
