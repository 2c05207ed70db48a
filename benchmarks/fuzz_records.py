"""What the steps leave behind, for `make fuzz`: a project with a record of each, read as the report and the verbs do."""

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_changes import tree_changed
from fuzz_trial import Kind

from hwflow.evaluation import Evaluation

RULE = Evaluation("net", ("normal", "DoS"), ((90, 10), (0, 100)))


def record_seeds(folder: Path) -> list[Any]:
    """The files of a quantised project and of a spiking one by path, JSON as values."""
    from fuzz_files import project_seeds

    quantised, _, spiking = project_seeds(folder)
    return [quantised | _records(quantised), spiking | _spiking_records(spiking)]


def _plain(record: Any) -> Any:
    return json.loads(json.dumps(dataclasses.asdict(record)))


def _records(files: dict[str, Any]) -> dict[str, Any]:
    from hwflow.quantised.report.check import CheckRecord
    from hwflow.quantised.report.records import RunRecord, SimulationRecord
    from hwflow.quantised.tool.simulate import Boundary
    from hwflow.tool.build import Build
    from hwflow.tool.effort import Attempt, Effort
    from hwflow.tool.nextpnr import Use
    from hwflow.tool.step import DoneStep
    from hwflow.tool.tuning import Tuning

    project, network = files["project.json"]["digest"], files["design.json"]["network_digest"]
    check = CheckRecord("model.onnx", network, "integers", 500, 300, 2400, 0, 0, False, 3, 0, 2e-7, 1.0, 0.0, False, "", ("an assumption",), "qonnx 1")  # fmt: skip
    simulated = SimulationRecord(project, 100, "v.npz", 0, (Boundary("dense0", 3200, 0),), 41, 45, 37.0, 41, 45, 37, 2.5, 0.0, 0.95, RULE, "verilator 5")  # fmt: skip
    ran = RunRecord(project, "sim", "simulated board", 100, "v.npz", 0, 41, 41, 12_000_000, 4.0, 25.0, {"frames_good": 61}, 0.95, RULE, "pyserial 3")  # fmt: skip
    step = DoneStep("synthesis", ("yosys", "synth.ys"), "ab" * 32, 31.5, "build/synthesis.log")
    built = Build(project=project, board="icebreaker", luts=2640, ffs=1200, brams=15, dsps=0, utilisation={"ICESTORM_LC": Use(2640, 5280)},
                  fmax_mhz=24.6, clock_mhz=12.0, timing_met=True, bitstream="build/hwf_top.bin", estimate=False, steps=(step,),
                  tools={"pyosys": "0.70"})  # fmt: skip
    attempts = (
        Attempt(37, Tuning(), 2650, 1200, 15, 23.9, True, "", 60.0),
        Attempt(37, Tuning(1, "-device u"), 2640, 1200, 15, 24.6, True, "", 61.5),
    )
    effort = Effort(project, "icebreaker", 12.0, 600.0, attempts, 1)
    records = {"check": check, "simulation": simulated, "run": ran, "build": built, "effort": effort}
    return {f"{name}.json": _plain(record) for name, record in records.items()}


def _spiking_records(files: dict[str, Any]) -> dict[str, Any]:
    from hwflow.spiking.report.applications import DIGITS, DigitsRecord, Proof

    proof = Proof("sim", "simulated board", 1000, 50, 30_000, 4_000, 0, "", 2.5)
    digits = DigitsRecord("spiking-digits", files["project.json"]["digest"], 0, True, 0.8, RULE, ((10, 0.5), (100, 0.95)), (100, 50, 20),
                          ("a note",), proof)  # fmt: skip
    return {DIGITS: _plain(digits)}


def record_changed(files: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """A value of one of the records is another; those that the manifest lists are signed."""
    path = draw.choice(
        sorted(
            path
            for path in files
            if path.endswith(".json") and path not in files["project.json"]["files"] and path != "project.json"
        )
    )
    files[path] = tree_changed(files[path], draw)
    return files


def save_records(files: dict[str, Any], folder: Path) -> Path:
    place = folder / "project"
    for path, content in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return place


def read_records(path: Path) -> Any:
    """As `hwflow report` does, its page included."""
    from hwflow.reports import make_report

    with np.errstate(all="warn"):
        report = make_report([path], path.parent / "report.html")
    report.words()
    return report


RECORDS = Kind("record", record_seeds, record_changed, save_records, read_records)
