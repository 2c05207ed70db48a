"""Spiking projects on the page: sections, figures and pictures from the records that demos leave."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from hwflow.apps.packets.patterns import Layout, pattern_network
from hwflow.board import find_board
from hwflow.errors import UserError
from hwflow.evaluation import Evaluation
from hwflow.project import Project, put_beside
from hwflow.records import to_json
from hwflow.reports import make_report
from hwflow.spiking.backend.core import compile_spiking
from hwflow.spiking.frontend.model import TRIAL, Fidelity, Remarks
from hwflow.spiking.report.activity import ACTIVITY, Activity
from hwflow.spiking.report.applications import (
    Detector,
    DigitsRecord,
    Pace,
    PatternsRecord,
    Proof,
    RewardRecord,
    Sweep,
)
from hwflow.spiking.report.evidence import gather


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = compile_spiking(pattern_network(Layout(4, words=1, axons=16, detectors=4)), find_board("sim"))
    project.save(tmp_path / "sim")
    return tmp_path / "sim"


@pytest.fixture
def proof() -> Proof:
    return Proof("sim", "simulated board", 1000, 50, 30_000, 4_000, 0, "", 2.5)


@pytest.fixture
def digits(folder: Path, proof: Proof) -> DigitsRecord:
    evaluation = Evaluation("competing neurons", ("0", "1"), ((9, 1), (0, 10)))
    curve = ((10, 0.5), (100, 0.95))
    return DigitsRecord(
        "spiking-digits", Project.load(folder).digest, 0, True, 0.8, evaluation, curve, (100, 50, 20), ("<b>",), proof
    )


@pytest.fixture
def activity() -> Activity:
    weight = np.arange(20 * 4).reshape(20, 4) % 7
    return Activity(
        about="a window", shape=np.array([16, 4, 30]), axon_spikes=np.array([[0, 1]]), spikes=np.array([[2, 3]]),
        traced=np.array([0, 2]), membranes=np.zeros((30, 2), int), thresholds=np.full((30, 2), 9),
        counts=np.array([1, 0, 2, 0]), counted=30, before=weight, after=weight + 1, tile=np.array([2, 4]),
        order=np.array([3, 2, 1, 0]),
    )  # fmt: skip


def page_of(folder: Path) -> tuple[str, dict[str, object]]:
    out = folder.parent / "report.html"
    make_report([folder.parent], out)
    return out.read_text(), json.loads(out.with_suffix(".json").read_text())


def test_an_images_cycles_are_told_apart_from_the_link(folder: Path, digits: DigitsRecord) -> None:
    paced = replace(digits, pace=Pace(2500.5, 4000, 30_000, 25_000_000))
    paced.save(folder)
    html, document = page_of(folder)
    assert "2,500.5 cycles" in html and "4,000" in html and "Counted as predicted" in html
    assert document["failed"] == [] and paced.right
    other = replace(paced, pace=Pace(2500.5, 4000, 30_001, 25_000_000))
    other.save(folder)
    assert "Not as predicted" in page_of(folder)[0] and not other.right
    alone = replace(other, proof=replace(other.proof, port="model", kind="golden model", cycles=0))
    alone.save(folder)
    assert alone.right and "predicted" not in page_of(folder)[0].partition("The core takes")[2].partition("</p>")[0]


def test_digits_with_all_their_pictures(folder: Path, digits: DigitsRecord, activity: Activity) -> None:
    digits.save(folder)
    activity.save(folder)
    html, document = page_of(folder)
    assert "Accuracy on the held-out images" in html and "Learnt weights of each neuron" in html
    assert "&lt;b&gt;" in html and "<b>" not in html.partition("held-out images, where")[2][:200]
    assert document["checks"] == 2 and document["failed"] == []
    for piece in html.split("<svg")[1:]:
        root = ElementTree.fromstring("<svg" + piece[: piece.index("</svg>")] + "</svg>")
        assert root.get("aria-hidden") == "true" or (root.get("role") == "img" and root.get("aria-label"))
    assert "in the page: Spikes of the axons" in json.dumps(document) and "data:image" not in json.dumps(document)
    assert "hwflow train" not in html  # nothing of the other family is missed


def test_what_is_wrong_is_said(folder: Path, digits: DigitsRecord) -> None:
    bad = replace(digits, least=0.99, proof=replace(digits.proof, differing=3, first="tick 7, neuron 2"))
    assert digits.right and not bad.right
    bad.save(folder)
    html, document = page_of(folder)
    assert document["failed"] == ["Accuracy, held-out images", "Values that differ from the golden model"]
    assert "tick 7, neuron 2" in html and "not accurate enough" in html


def test_patterns(folder: Path, proof: Proof, activity: Activity) -> None:
    sweeps = (Sweep("the paper's", (20, 9), 1, 0, 1024, 0, 0, 0, True, None),
              Sweep("even", (20, 20), 2, 3, 16, 0, 6, 6, True, 6))  # fmt: skip
    detectors = (Detector(("TCP 23 S",), 12, 0, 0, 0), Detector(("UDP 53", "ICMP"), 9, 0, 4, 4))
    digest = Project.load(folder).digest
    record = PatternsRecord("packets", digest, 0, sweeps, "x.pcap", 100, 2, detectors, (), proof)
    assert record.right and not replace(record, sweeps=(replace(sweeps[0], missed=1),)).right
    assert not replace(record, detectors=(replace(detectors[1], false=5),)).right
    record.save(folder)
    activity.save(folder)
    html, document = page_of(folder)
    assert "TCP 23 S" in html and "UDP 53 and ICMP" in html and document["failed"] == [] and document["checks"] == 4


def test_reward(folder: Path, proof: Proof) -> None:
    record = RewardRecord(
        "reward", Project.load(folder).digest, 0, 0.9, 0.95, 0.13, (600, 200), 7000, ((300, 0.5), (600, 0.9)), proof
    )
    record.save(folder)
    html, document = page_of(folder)
    assert "95.00 % of 200 balls caught" in html and "Balls caught, as it learns" in html and document["failed"] == []
    assert (
        record.right
        and not replace(record, caught=0.89).right
        and not replace(record, proof=replace(proof, differing=1)).right
    )


def test_records_of_another_project_are_refused(folder: Path, digits: DigitsRecord) -> None:
    replace(digits, project="ab" * 32).save(folder)
    with pytest.raises(UserError, match="another project"):
        gather(folder)


def test_activity_is_kept_and_damage_is_told(folder: Path, activity: Activity) -> None:
    activity.save(folder)
    again = Activity.from_folder(folder)
    assert again.about == activity.about and again.counted == 30 and np.array_equal(again.after, activity.after)
    (folder / ACTIVITY).write_bytes(b"PK")
    with pytest.raises(UserError, match="not a readable record of activity"):
        gather(folder)


def tried(folder: Path, fires: int) -> None:
    """A trial as `compile` leaves it, in which the outputs fire so often."""
    fidelity = Fidelity("random stimuli", 10, 1000, 400, 390, 20, 0.05, 0.1, 0.1, 30, fires, 0.9, 4, 0.001)
    put_beside(folder, {TRIAL: to_json(Remarks(("a tick is 1 ms",), None, fidelity)).encode()})


def test_the_trial_beside_the_floats_is_shown_and_a_net_that_it_silenced_fails(folder: Path) -> None:
    assert "The integers beside the floats" not in page_of(folder)[0]
    tried(folder, fires=28)
    html, document = page_of(folder)
    assert "390 in integers, 400 in floats" in html and "a tick is 1 ms" in html and "5.00 %" in html
    assert document["checks"] == 3 and document["failed"] == []
    tried(folder, fires=0)
    assert page_of(folder)[1]["failed"] == ["Spikes of the outputs"]


def test_a_bare_project_shows_its_core_and_asks_for_simulation(folder: Path) -> None:
    html, document = page_of(folder)
    assert "16 axons, 4 neurons" in html and f"hwflow simulate {folder}" in html
    assert document["checks"] == 2 and document["open"] == ["simulate sim", "run sim"]
    assert "0 of 2 checks passed, 2 steps not done" in html


def test_an_application_stands_for_simulation_and_run_where_a_board_ran(folder: Path, digits: DigitsRecord) -> None:
    digits.save(folder)
    assert page_of(folder)[1]["open"] == []
    replace(digits, proof=replace(digits.proof, kind="golden model", compared=0)).save(folder)
    assert page_of(folder)[1]["open"] == ["simulate sim", "run sim"]
