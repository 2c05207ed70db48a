"""The records of a folder with a spiking core."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hwflow.project import DESIGN, RUN, SIMULATION
from hwflow.records import read_record
from hwflow.reports.evidence import KINDS, Evidence, build_in, digest_in, if_there, refuse_others
from hwflow.reports.figures import Source
from hwflow.spiking.backend.design import SpikingDesign
from hwflow.spiking.frontend.model import TRIAL, Fidelity, Remarks, remarks_in
from hwflow.spiking.report.activity import ACTIVITY, Activity
from hwflow.spiking.report.applications import (
    DIGITS,
    PATTERNS,
    REWARD,
    DigitsRecord,
    PatternsRecord,
    Proof,
    RewardRecord,
)
from hwflow.spiking.report.records import SpikingRunRecord, SpikingSimulationRecord
from hwflow.tool.build import BUILD


@dataclass(frozen=True, kw_only=True)
class SpikingEvidence(Evidence):
    """The design, the trial of its net beside the floats, what its RTL and its board gave, and the applications: digits, patterns, reward, activity."""

    design: SpikingDesign
    trial: Remarks | None = None
    simulation: SpikingSimulationRecord | None = None
    run: SpikingRunRecord | None = None
    digits: DigitsRecord | None = None
    patterns: PatternsRecord | None = None
    reward: RewardRecord | None = None
    activity: Activity | None = None

    @property
    def proof(self) -> Proof | None:
        """On what the application ran."""
        return self._application[1].proof if self._application else None

    @property
    def _application(self) -> "tuple[str, DigitsRecord | PatternsRecord | RewardRecord] | None":
        """The record that an application left, and its file."""
        records = ((DIGITS, self.digits), (PATTERNS, self.patterns), (REWARD, self.reward))
        return next(((file, record) for file, record in records if record), None)

    @property
    def results(self) -> Mapping[str, bool]:
        """An application on a board stands for its simulation and run; what ran on the golden model alone, for neither."""
        results = dict(super().results)
        if self.run is not None and self.run.kind == "golden model":
            del results["run"]
        if self.proof is not None and self.proof.kind != "golden model":
            results = {"run": self.proof.right, "simulate": self.proof.right} | results
        return results

    @property
    def fidelity(self) -> Fidelity | None:
        """The net beside its floats in the trial; None if it has no floats."""
        return self.trial.fidelity if self.trial else None

    def tried(self) -> Source:
        """Where the figures of the trial came from."""
        return replace(self.compiled("reference"), file=self.file(TRIAL))

    def applied(self) -> Source:
        """Where the figures of an application came from."""
        assert self._application
        file, record = self._application
        command = f"hwflow demo {record.recipe} --seed {record.seed} --port {record.proof.port}"
        return Source(KINDS.get(record.proof.kind, "measured"), command, self.file(file), record.tool)


def gather(folder: Path) -> SpikingEvidence:
    """Read every record of a folder. Raises UserError if a record is damaged or of another project."""
    design = read_record(SpikingDesign, folder / DESIGN, "run `hwflow compile` again.")
    evidence = SpikingEvidence(
        title=design.board,
        folder=folder,
        net=design.network,
        project=digest_in(folder),
        board=design.board,
        estimate=design.estimate,
        build=build_in(folder),
        design=design,
        trial=if_there(folder / TRIAL, lambda path: remarks_in(path.parent)),
        simulation=if_there(folder / SIMULATION, lambda path: SpikingSimulationRecord.from_folder(path.parent)),
        run=if_there(folder / RUN, lambda path: SpikingRunRecord.from_folder(path.parent)),
        digits=if_there(folder / DIGITS, lambda path: DigitsRecord.from_folder(path.parent)),
        patterns=if_there(folder / PATTERNS, lambda path: PatternsRecord.from_folder(path.parent)),
        reward=if_there(folder / REWARD, lambda path: RewardRecord.from_folder(path.parent)),
        activity=if_there(folder / ACTIVITY, lambda path: Activity.from_folder(path.parent)),
    )
    made = {
        (SIMULATION, "simulate"): evidence.simulation,
        (BUILD, "build"): evidence.build,
        (RUN, "run"): evidence.run,
        (DIGITS, "demo"): evidence.digits,
        (PATTERNS, "demo"): evidence.patterns,
        (REWARD, "demo"): evidence.reward,
    }
    refuse_others(evidence, made)
    return evidence
