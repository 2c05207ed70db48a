"""The records of a folder with a quantised net."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from hwflow.errors import UserError
from hwflow.project import DESIGN, RUN, SIMULATION, SWITCHING
from hwflow.quantised.backend.design import Design
from hwflow.quantised.report.check import CHECK, CheckRecord, check_beside
from hwflow.quantised.report.records import RunRecord, SimulationRecord
from hwflow.quantised.report.switching import SwitchingRecord
from hwflow.quantised.report.training import TRAINING, Training, read_training
from hwflow.records import read_record
from hwflow.reports.evidence import Evidence, build_in, digest_in, effort_of, if_there, refuse_others
from hwflow.reports.figures import Source
from hwflow.tool.build import BUILD


@dataclass(frozen=True, kw_only=True)
class QuantisedEvidence(Evidence):
    """Training, the net checked against its model file, the design, and what its RTL and its board gave."""

    training: Training | None = None
    check: CheckRecord | None = None
    design: Design | None = None
    simulation: SimulationRecord | None = None
    run: RunRecord | None = None
    switching: SwitchingRecord | None = None

    def trained(self) -> Source:
        """Where figures of classification came from."""
        assert self.training
        t = self.training
        command = f"hwflow train {t.recipe} --bits {t.bits} --seed {t.seed} --out {shlex.quote(t.model)}"
        return Source("test set", command, TRAINING, ", ".join(t.versions))

    def on_waveforms(self) -> Source:
        """Where the count of changes came from."""
        assert self.switching
        return Source(
            "simulation", f"hwflow simulate {self.name} --vcd FILE", self.file(SWITCHING), self.switching.tool
        )

    def checked(self) -> Source:
        """Where the comparison with the model file came from; or, without one, that it was left out."""
        if self.check is None:
            return self.compiled("setting")
        return Source("reference", f"hwflow check {shlex.quote(self.check.model)}", CHECK, self.check.tool)


def gather(folder: Path) -> QuantisedEvidence:
    """Read every record of a folder; those of training and the check lie there or in the folder above.

    Raises UserError if it holds no record at all, or a record is damaged or of another project.
    """
    remedy = "run `hwflow compile` again."
    design = if_there(folder / DESIGN, lambda path: read_record(Design, path, remedy))
    training = if_there(_here_or_above(folder, TRAINING), read_training)
    if training is None and design is None:
        raise UserError(
            f"{folder} holds no record of hwflow; name a folder that `hwflow compile` or `hwflow train` made."
        )
    title = design.board if design else folder.resolve().name
    build = build_in(folder)
    evidence = QuantisedEvidence(
        title=title,
        folder=folder,
        net=training.recipe if training else design.network if design else title,
        project=digest_in(folder),
        board=design.board if design else None,
        estimate=design.estimate if design else None,
        build=build,
        effort=effort_of(folder, build),
        training=training,
        check=_check_of(folder, design),
        design=design,
        simulation=if_there(folder / SIMULATION, lambda path: SimulationRecord.from_folder(path.parent)),
        run=if_there(folder / RUN, lambda path: RunRecord.from_folder(path.parent)),
        switching=if_there(folder / SWITCHING, lambda path: SwitchingRecord.from_folder(path.parent)),
    )
    made = {
        (SIMULATION, "simulate"): evidence.simulation,
        (BUILD, "build"): evidence.build,
        (RUN, "run"): evidence.run,
        (SWITCHING, "simulate --vcd"): evidence.switching,
    }
    refuse_others(evidence, made)
    return evidence


def _check_of(folder: Path, design: Design | None) -> CheckRecord | None:
    """The check of the folder's net, made when it was compiled, or in the folder above for all its projects."""
    place = _here_or_above(folder, CHECK).parent
    if design is not None:
        return check_beside(place, design.network_digest)
    return if_there(place / CHECK, lambda path: CheckRecord.from_folder(path.parent))


def _here_or_above(folder: Path, name: str) -> Path:
    """The record in the folder, or, if that is a project without one, in the folder above."""
    above = folder.resolve().parent / name
    return above if (folder / DESIGN).exists() and not (folder / name).exists() else folder / name
