"""The records of a folder: what is known about one build of a net."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from hwflow import __version__
from hwflow.errors import UserError
from hwflow.project import MANIFEST
from hwflow.quantised.backend.design import DESIGN, Design, SpikingDesign
from hwflow.quantised.report.records import (
    IMPORT,
    RUN,
    SIMULATION,
    ImportRecord,
    RunRecord,
    SimulationRecord,
    SpikingRunRecord,
    SpikingSimulationRecord,
)
from hwflow.quantised.report.training import TRAINING, Training, read_training
from hwflow.report.figures import Kind, Source
from hwflow.spiking.network import is_spiking
from hwflow.spiking.report.activity import ACTIVITY, Activity
from hwflow.spiking.report.applications import DIGITS, PATTERNS, DigitsRecord, PatternsRecord, Proof
from hwflow.tool.build import BUILD, Build

Record = TypeVar("Record")
KINDS: dict[str, Kind] = {"golden model": "reference", "simulated board": "simulated board"}  # of what ran


@dataclass(frozen=True)
class Evidence:
    """One folder's records; None where a step has not been done.

    title: what the folder is called on the page; folder: its path as it was given; project: digest of the project;
    design: of a dataflow net, spiking: of a spiking one; digits, patterns, activity: of the spiking applications.
    """

    title: str
    folder: Path
    project: str | None
    training: Training | None
    imported: ImportRecord | None
    design: Design | None
    simulation: SimulationRecord | None
    build: Build | None
    run: RunRecord | None
    spiking: SpikingDesign | None = None
    spiking_simulation: SpikingSimulationRecord | None = None
    spiking_run: SpikingRunRecord | None = None
    digits: DigitsRecord | None = None
    patterns: PatternsRecord | None = None
    activity: Activity | None = None

    @property
    def family(self) -> Literal["quantised", "spiking"]:
        """Of the net."""
        return "spiking" if self.spiking else "quantised"

    @property
    def board(self) -> str | None:
        """The name of the board that the project is for."""
        design = self.design or self.spiking
        return design.board if design else None

    def applied(self) -> Source:
        """Where the figures of a spiking application came from."""
        record = self.digits or self.patterns
        assert record
        command = f"hwflow demo {record.recipe} --seed {record.seed} --port {record.proof.port}"
        file = self._file(DIGITS if self.digits else PATTERNS)
        return Source(KINDS.get(record.proof.kind, "measured"), command, file, record.tool)

    @property
    def proof(self) -> Proof | None:
        """On what the spiking application ran."""
        record = self.digits or self.patterns
        return record.proof if record else None

    def trained(self) -> Source:
        """Where figures of classification came from."""
        assert self.training
        t = self.training
        command = f"hwflow train {t.recipe} --bits {t.bits} --seed {t.seed} --out {shlex.quote(t.model)}"
        return Source("test set", command, TRAINING, ", ".join(t.versions))

    def executed(self) -> Source:
        """Where the comparison with the model file came from."""
        assert self.imported
        return Source("reference", "hwflow demo", IMPORT, self.imported.tool)

    def compiled(self, kind: Kind) -> Source:
        """Where the compiler's figures came from."""
        command = f"hwflow compile --board {self.board} --out {self._name}"
        return Source(kind, command, self._file(DESIGN), f"hwflow {__version__}")

    def simulated(self) -> Source:
        """Where the figures of the RTL in Verilator came from."""
        record = self.simulation or self.spiking_simulation
        assert record
        return Source("simulation", f"hwflow simulate {self._name}", self._file(SIMULATION), record.tool)

    def built(self) -> Source:
        """Where utilisation and timing came from."""
        assert self.build
        kind: Kind = "estimate" if self.build.estimate else "place and route"
        tool = ", ".join(f"{package} {version}" for package, version in self.build.tools.items())
        return Source(kind, f"hwflow build {self._name}", self._file(BUILD), tool)

    def ran(self) -> Source:
        """Where figures of the device behind the link came from."""
        record = self.run or self.spiking_run
        assert record
        command = f"hwflow run {self._name} --port {record.port}"
        return Source(KINDS.get(record.kind, "measured"), command, self._file(RUN), record.tool)

    def command(self, verb: str, options: str = "") -> str:
        """The command that makes a record of this folder."""
        return f"hwflow {verb} {shlex.quote(str(self.folder))} {options}".rstrip()

    @property
    def _name(self) -> str:
        return shlex.quote(self.folder.name or str(self.folder))

    def _file(self, name: str) -> str:
        return f"{self.folder.name}/{name}"


def gather(folder: Path) -> Evidence:
    """Read every record of a project folder; those of training and import lie there or in the folder above.

    Raises UserError if the folder is not there, holds no record at all, or a record is damaged or of another project.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}; make one with `hwflow compile`.")
    if is_spiking(folder):
        return _gather_spiking(folder)
    design = _if_there(folder / DESIGN, lambda path: Design.from_folder(path.parent))
    evidence = Evidence(
        title=design.board if design else folder.resolve().name,
        folder=folder,
        project=_if_there(folder / MANIFEST, _digest),
        training=_if_there(_here_or_above(folder, TRAINING), read_training),
        imported=_if_there(_here_or_above(folder, IMPORT), lambda path: ImportRecord.from_folder(path.parent)),
        design=design,
        simulation=_if_there(folder / SIMULATION, lambda path: SimulationRecord.from_folder(path.parent)),
        build=_if_there(folder / BUILD, lambda path: Build.from_folder(path.parent)),
        run=_if_there(folder / RUN, lambda path: RunRecord.from_folder(path.parent)),
    )
    if evidence.training is None and evidence.design is None:
        raise UserError(
            f"{folder} holds no record of hwflow; name a folder that `hwflow compile` or `hwflow train` made."
        )
    _refuse_others(evidence)
    return evidence


def _gather_spiking(folder: Path) -> Evidence:
    design = SpikingDesign.from_folder(folder)
    evidence = Evidence(
        title=design.board,
        folder=folder,
        project=_if_there(folder / MANIFEST, _digest),
        training=None,
        imported=None,
        design=None,
        simulation=None,
        build=_if_there(folder / BUILD, lambda path: Build.from_folder(path.parent)),
        run=None,
        spiking=design,
        spiking_simulation=_if_there(
            folder / SIMULATION, lambda path: SpikingSimulationRecord.from_folder(path.parent)
        ),
        spiking_run=_if_there(folder / RUN, lambda path: SpikingRunRecord.from_folder(path.parent)),
        digits=_if_there(folder / DIGITS, lambda path: DigitsRecord.from_folder(path.parent)),
        patterns=_if_there(folder / PATTERNS, lambda path: PatternsRecord.from_folder(path.parent)),
        activity=_if_there(folder / ACTIVITY, lambda path: Activity.from_folder(path.parent)),
    )
    _refuse_others(evidence)
    return evidence


def _refuse_others(evidence: Evidence) -> None:
    """Numbers of another project would be wrong here, however good they look."""
    made = {
        (SIMULATION, "simulate"): evidence.simulation or evidence.spiking_simulation,
        (BUILD, "build"): evidence.build,
        (RUN, "run"): evidence.run or evidence.spiking_run,
        (DIGITS, "demo"): evidence.digits,
        (PATTERNS, "demo"): evidence.patterns,
    }
    for (name, verb), record in made.items():
        if record is not None and evidence.project is not None and record.project != evidence.project:
            raise UserError(
                f"{evidence.folder / name} is of another project than the one in its folder; run `hwflow {verb}` again."
            )


def _digest(path: Path) -> str:
    try:
        return str(json.loads(path.read_text())["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is not a readable manifest; run `hwflow compile` again.") from None


def _here_or_above(folder: Path, name: str) -> Path:
    """The record in the folder, or, if that is a project without one, in the folder above."""
    above = folder.resolve().parent / name
    return above if (folder / DESIGN).exists() and not (folder / name).exists() else folder / name


def _if_there(path: Path, read: Callable[[Path], Record]) -> Record | None:
    return read(path) if path.exists() else None
