"""A FINN project to a bitfile, a PYNQ driver and a deployment package, where the user has Vivado and Vitis HLS."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import MissingTool, ToolError
from hwflow.finn.design import MODELS, FinnDesign
from hwflow.finn.environment import VERSION, Environment, find_environment
from hwflow.finn.order import WORKER_ENVIRONMENT, told_failure
from hwflow.paths import only_one, whole_folder
from hwflow.progress import Progress, silent
from hwflow.project import Project, ProjectFolder
from hwflow.records import read_record
from hwflow.tool.build import BUILD, Build
from hwflow.tool.process import Together, find_program, run_tool
from hwflow.tool.step import DoneStep
from hwflow.tool.vivado import Vivado, find_vivado, read_slack

RELEASES = ("2022.2", "2024.2")
STEPS = ("hw_codegen", "hw_ipgen", "synthesize_bitfile", "make_driver", "deployment_package")  # as in worker/build.py
OUT = "build/finn"
LOG = "build/finn.log"
_MODEL = "hw_codegen"  # the step whose model the build starts from
_SAFE = re.compile(r"[A-Za-z0-9_./-]+")
_WANTED = f"Vivado {' or '.join(RELEASES)} with Vitis HLS, by AMD's installer, and then `source settings64.sh`"
_VENDOR_ERROR = re.compile(
    r"^(ERROR|CRITICAL ERROR|FATAL)\b.*|^.*(No space left on device|Abnormal program termination).*"
)


@dataclass(frozen=True)
class _Result:
    resources: Mapping[str, float]


def find_suite(design: FinnDesign) -> Vivado:
    """The Vivado that FINN's build can use, with Vitis HLS beside it. Raises MissingTool with what is missing."""
    vivado = find_vivado()
    named = os.environ.get("XILINX_VIVADO")
    if vivado is None or named is None or not Path(named).is_dir():
        raise MissingTool(f"FINN's build to a bitfile needs {_WANTED}; without it there is only FINN's estimate: "
                          f"{_estimate(design)}.")  # fmt: skip
    if vivado.release not in RELEASES or vivado.release not in named:
        raise MissingTool(f"FINN works with {_WANTED}; this is Vivado {vivado.release}, in {named}.")
    if find_program("vitis_hls") is None:
        raise MissingTool(f"vitis_hls is not on PATH, and FINN's build needs it; install {_WANTED}.")
    return vivado


def _estimate(design: FinnDesign) -> str:
    luts = [node.luts for node in design.nodes]
    said = "LUTs not estimated" if None in luts else f"{sum(n or 0 for n in luts):,} LUTs"
    brams, dsps = sum(node.brams or 0 for node in design.nodes), sum(node.dsps or 0 for node in design.nodes)
    return f"{said}, {brams:,} block RAMs of 18 kbit, {dsps:,} DSPs"


def build_finn_project(folder: ProjectFolder, progress: Progress = silent, together: Together | None = None) -> Build:
    """Run FINN's own build; leaves `build.json`, and bitfile, driver, deployment package and reports under `build/finn`.

    A build that was interrupted, or failed, goes on after the last step that ended well. together: with which other tools
    its own end. Raises MissingTool without Vivado or FINN, UserError if another build of the project is at work, and
    ToolError with the vendor's own cause if a step fails.
    """
    project, design = folder.project, FinnDesign.of(folder)
    vivado, environment = find_suite(design), find_environment()
    place = build_place(project)
    with only_one(place):
        place.mkdir(parents=True, exist_ok=True)
        (folder.path / BUILD).unlink(missing_ok=True)
        (folder.path / "build").mkdir(exist_ok=True)
        seconds = _run(folder, environment, place, design.clock_ns, progress, together)
        build = _record(folder, vivado, place, design.clock_ns, seconds)
        with whole_folder(folder.path / OUT) as draft:
            for part in ("bitfile", "driver", "deploy", "report"):
                shutil.copytree(place / part, draft / part)
    build.save(folder.path)
    return build


def build_place(project: Project) -> Path:
    """Where FINN builds a project: FINN writes this path into scripts of shells and of Tcl, so it has plain letters only."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser().absolute()
    root = cache / "hwflow" / "finn"
    if not _SAFE.fullmatch(str(root)):
        root = Path(f"/var/tmp/hwflow-{os.getuid()}/finn")
    return root / project.digest[:16]


def _run(
    folder: ProjectFolder,
    environment: Environment,
    place: Path,
    clock_ns: float,
    progress: Progress,
    together: Together | None,
) -> float:
    model = next(path for path in sorted(folder.files) if path.startswith(MODELS) and path.endswith(f"_{_MODEL}.onnx"))
    (place / "model.onnx").write_bytes(folder.files[model])
    fields = {"model": str(place / "model.onnx"), "folder": str(place), "board": folder.board.finn}
    job = place / "job.json"
    job.write_text(json.dumps({"task": "build", **fields, "clock_ns": clock_ns}))
    (place / "result.json").unlink(missing_ok=True)
    (place / "failure.json").unlink(missing_ok=True)
    log = folder.path / LOG

    def on_line(line: str) -> None:
        progress(f"FINN: {line[1:]}" if line.startswith("@") else line)

    try:
        done = run_tool(
            environment.worker(job),
            log,
            cwd=place,
            environment=WORKER_ENVIRONMENT,
            on_line=on_line,
            together=together,
        )
    except ToolError as error:
        raise told_failure(place, log, error, vendor_cause(place, newer_than=job)) from None
    return done.seconds


def vendor_cause(place: Path, newer_than: Path) -> str | None:
    """The first error in the newest log that a vendor's tool left under `place`, with the log's path."""
    since = newer_than.stat().st_mtime
    logs = [path for path in place.rglob("*.log") if path.is_file() and path.stat().st_mtime >= since]
    for log in sorted(logs, key=lambda path: path.stat().st_mtime, reverse=True):
        for line in log.read_text(errors="replace").splitlines():
            if _VENDOR_ERROR.match(line):
                return f"{line.strip()[:300]} (in {log})"
    return None


def _record(folder: ProjectFolder, vivado: Vivado, place: Path, clock_ns: float, seconds: float) -> Build:
    used = read_record(_Result, place / "result.json", "build it again.").resources
    try:
        slack = read_slack((place / "report" / "post_route_timing.rpt").read_text())
    except (OSError, ValueError) as error:
        raise ToolError(
            f"Vivado left no readable timing report in {place / 'report'} ({error}); build again."
        ) from None
    brams = used.get("BRAM_36K", 0) + used.get("BRAM_18K", 0) / 2
    return Build(
        project=folder.digest,
        board=folder.board.name,
        luts=int(used.get("LUT", 0)),
        ffs=int(used.get("FF", 0)),
        brams=int(-(-brams // 1)),
        dsps=int(used.get("DSP", 0)),
        utilisation={},
        fmax_mhz=round(1e3 / (clock_ns - slack), 2),
        clock_mhz=1e3 / clock_ns,
        timing_met=slack >= 0,
        bitstream=f"{OUT}/bitfile/finn-accel.bit",
        estimate=False,
        steps=(DoneStep("finn", ("finn",), folder.digest, round(seconds, 2), LOG),),
        tools={"vivado": vivado.release, "finn-plus": VERSION},
        impostor=not vivado.genuine,
    )
