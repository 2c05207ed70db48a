"""`spiking-digits`: 8 × 8 digits learnt on the chip by STDP, without labels."""

from pathlib import Path

from hwflow.apps.chip import ChipApp, Course, compared
from hwflow.apps.demo import Plan, Tell
from hwflow.apps.digits_on_chip.competition import Competition, digits_and_a_fifth
from hwflow.apps.digits_on_chip.learning import learn_digits
from hwflow.progress import Progress
from hwflow.spiking.frontend.model import from_network
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import DIGITS, DigitsRecord

_LEAST = 0.80  # accuracy that it must reach
_PIXELS = 64


class _App(ChipApp):
    name = "spiking-digits"
    description = "8 x 8 digits learnt on the chip by STDP, without labels"

    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> Course:
        return _Course(self.name, plan, out, progress, tell)


class _Course(Course):
    result = DIGITS

    def model(self) -> SpikingModel:
        return SpikingModel(from_network(Competition().network(_PIXELS, self.plan.seed)))

    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        seed = self.plan.seed
        data = digits_and_a_fifth(seed)
        learnt = learn_digits(lockstep, Competition(), data, seed, self.progress)
        learnt.activity.save(project.path)
        record = DigitsRecord(
            recipe=self.name,
            project=project.digest,
            seed=seed,
            learnt=True,
            least=_LEAST,
            evaluation=learnt.evaluation,
            curve=learnt.curve,
            samples=(len(data.y_train), learnt.naming, len(data.y_test)),
            notes=(*data.notes, "Labels were used only to name the neurons, after learning."),
            proof=self.proof(lockstep, start),
            tool=self.tools(),
        )
        record.save(project.path)
        return digits_in_words(record), record.right


def digits_in_words(record: DigitsRecord) -> str:
    """How well digits were classified, in a line."""
    accuracy, held_out = record.evaluation.accuracy, record.samples[2]
    return f"{accuracy:.2%} of {held_out} held-out digits, at least {record.least:.0%} wanted; {compared(record.proof)}"


DIGITS_ON_CHIP = _App()
