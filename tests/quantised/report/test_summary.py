"""What is called passed, and what is called failed."""

import dataclasses
from pathlib import Path

import pytest

from hwflow.evaluation import Evaluation
from hwflow.quantised.report.evidence import QuantisedEvidence, gather
from hwflow.quantised.report.lines import check_lines
from hwflow.quantised.report.sections import check_view
from hwflow.quantised.report.summary import figures_of
from hwflow.reports.figures import Figure
from hwflow.reports.summary import tiles_of


@pytest.fixture
def evidence(demo: Path) -> QuantisedEvidence:
    return gather(demo / "icebreaker")


def figure(evidence: QuantisedEvidence, key: str) -> Figure:
    return next(figure for figure in figures_of(evidence) if figure.key == key)


def test_everything_right_passes(evidence: QuantisedEvidence) -> None:
    asked = {f.key for f in figures_of(evidence) if f.passed is not None}
    assert asked >= {
        "accuracy",
        "check_mismatches",
        "mismatches",
        "as_predicted",
        "device_mismatches",
        "device_latency",
    }
    assert all(f.passed for f in figures_of(evidence) if f.key in asked)


def test_keys_are_told_apart(evidence: QuantisedEvidence) -> None:
    keys = [f.key for f in figures_of(evidence)]
    assert len(keys) == len(set(keys))


def test_one_mismatch_fails(evidence: QuantisedEvidence) -> None:
    assert evidence.simulation and evidence.run and evidence.check
    wrong = dataclasses.replace(
        evidence,
        simulation=dataclasses.replace(evidence.simulation, mismatches=1),
        run=dataclasses.replace(evidence.run, mismatches=1),
        check=dataclasses.replace(evidence.check, mismatches=1),
    )
    for key in ("mismatches", "device_mismatches", "check_mismatches"):
        assert figure(wrong, key).passed is False and figure(wrong, key).value == 1


def test_a_check_counts_and_one_that_was_left_out_says_so(evidence: QuantisedEvidence) -> None:
    assert evidence.check
    left_out = dataclasses.replace(evidence, check=None)
    without_qonnx = dataclasses.replace(evidence, check=dataclasses.replace(evidence.check, unchecked="no qonnx"))
    for unchecked in (left_out, without_qonnx):
        shown = figure(unchecked, "check_mismatches")
        assert (shown.value, shown.passed) == ("not checked", None)
        view = check_view(unchecked)
        assert view and "not checked" in [line.text for line in check_lines(view.record).rows]
    destroyed = dataclasses.replace(evidence, check=dataclasses.replace(evidence.check, input_error=0.2))
    assert figure(destroyed, "input_error").passed is False
    rows = {line.label: line.text for line in check_lines(evidence.check).rows}
    assert rows["Vectors"] == "500 random, 300 given" and rows["Integers that differ"] == "0 of 2,400"
    assert rows["Vectors that do not count, as float32 rounds the file's own sums"] == "3"
    assert rows["The same class"] == "100 %" and rows["Assumed"] == "the input is 10 bits"


def test_one_cycle_fails(evidence: QuantisedEvidence) -> None:
    assert evidence.simulation and evidence.run
    for change in ("latency_cycles", "fill_cycles", "predicted_initiation_interval_cycles"):
        late = dataclasses.replace(evidence.simulation, **{change: getattr(evidence.simulation, change) + 1})
        assert figure(dataclasses.replace(evidence, simulation=late), "as_predicted").passed is False
    run = dataclasses.replace(evidence.run, latency_cycles=evidence.run.latency_cycles + 1)
    assert figure(dataclasses.replace(evidence, run=run), "device_latency").passed is False


def test_missed_timing_and_an_overfull_part_fail(evidence: QuantisedEvidence) -> None:
    assert evidence.build
    slow = dataclasses.replace(evidence.build, timing_met=False, fmax_mhz=11.9)
    assert figure(dataclasses.replace(evidence, build=slow), "fmax").passed is False
    large = dataclasses.replace(evidence.build, luts=5281)
    assert figure(dataclasses.replace(evidence, build=large), "luts_share").passed is False


def test_an_estimate_says_nothing_of_timing(evidence: QuantisedEvidence) -> None:
    assert evidence.build
    guess = dataclasses.replace(evidence.build, estimate=True, timing_met=None, fmax_mhz=None)
    figures = {f.key: f for f in figures_of(dataclasses.replace(evidence, build=guess))}
    assert "fmax" not in figures and "verdict_fmax" not in figures
    assert figures["luts"].source.kind == "estimate"


def test_a_stand_in_for_the_vendors_tool_fails(evidence: QuantisedEvidence) -> None:
    assert evidence.build
    false = dataclasses.replace(evidence.build, impostor=True)
    assert figure(dataclasses.replace(evidence, build=false), "tool").passed is False


def test_an_accuracy_says_on_which_samples(evidence: QuantisedEvidence) -> None:
    assert evidence.run
    ran = dataclasses.replace(evidence, run=dataclasses.replace(evidence.run, accuracy=0.5))
    assert {f.key: f.samples for f in figures_of(ran) if "accuracy" in f.key} == {
        "accuracy": "11,000 held-out samples of training",
        "float_accuracy": "11,000 held-out samples of training",
        "rtl_accuracy": "10,000 vectors simulated, of vectors.npz",
        "device_accuracy": "2,000 vectors over the link, of vectors.npz",
    }


def test_a_net_no_better_than_a_baseline_fails(evidence: QuantisedEvidence) -> None:
    assert evidence.training
    same = Evaluation("decision tree", evidence.training.quantised.class_names, evidence.training.quantised.confusion)
    training = dataclasses.replace(evidence.training, baselines=(same,))
    assert figure(dataclasses.replace(evidence, training=training), "accuracy").passed is False


def test_nothing_is_said_of_what_was_not_done(demo: Path) -> None:
    keys = {f.key for f in figures_of(gather(demo / "ulx3s-85f"))}
    assert "interval" in keys and "mismatches" not in keys and "device_mismatches" not in keys


def test_times_are_cycles_over_the_clock(evidence: QuantisedEvidence) -> None:
    assert figure(evidence, "verdict").value == 410 / 12e6
    assert figure(evidence, "verdict_fmax").value == 410 / 24.6e6
    assert figure(evidence, "rate").value == 12e6 / 376


def test_tiles_are_figures_of_the_table(evidence: QuantisedEvidence) -> None:
    figures = figures_of(evidence)
    tiles = tiles_of(figures)
    assert 4 <= len(tiles) <= 6 and set(tiles) <= set(figures)
