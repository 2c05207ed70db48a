"""`spiking-digits` and `spiking-mnist-unsupervised`: digits learnt on the chip by STDP, without labels."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from hwflow.apps.chip import ChipApp, Course, compared
from hwflow.apps.demo import Plan, Tell
from hwflow.apps.digits_on_chip.competition import Competition, digits_and_a_fifth
from hwflow.apps.digits_on_chip.learning import Study, learn_digits
from hwflow.apps.digits_on_chip.race import Race
from hwflow.apps.taught.images import mnist_whole
from hwflow.progress import Progress
from hwflow.sources import Source
from hwflow.spiking.flow.running import MODEL
from hwflow.spiking.frontend.model import from_network
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import DIGITS, DigitsRecord


class OnChipApp(ChipApp):
    """study: what is learnt, of a seed and the user's data; least: accuracy that it must reach."""

    def __init__(
        self,
        name: str,
        description: str,
        study: Callable[[Sequence[Source], int], Study],
        least: float,
        takes: frozenset[str] = ChipApp.takes,
    ) -> None:
        self.name, self.description, self.takes = name, description, takes
        self.study, self.least = study, least

    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> Course:
        return _Course(self, plan, out, progress, tell)


class _Course(Course):
    result = DIGITS

    def __init__(self, app: OnChipApp, plan: Plan, out: Path, progress: Progress, tell: Tell) -> None:
        super().__init__(app.name, plan, out, progress, tell)
        study = app.study(plan.data, plan.seed)
        self._app, self._study = app, replace(study, beside=None) if self.port == MODEL else study

    def model(self) -> SpikingModel:
        study = self._study
        network = study.how.network(study.data.x_train.shape[1], study.seed)
        return SpikingModel(from_network(network, study.how.state_bits))

    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        data = self._study.data
        learnt = learn_digits(lockstep, self._study, self.progress)
        learnt.activity.save(project.path)
        notes = [*data.notes, "Labels were used only to name the neurons, after learning."]
        if self._study.beside:
            notes.append("{:,} images that were learnt and {:,} that were classified ran there in lockstep with the golden model."
                         .format(*learnt.beside))  # fmt: skip
        record = DigitsRecord(
            recipe=self.name,
            project=project.digest,
            seed=self.plan.seed,
            learnt=True,
            least=self._app.least,
            evaluation=learnt.evaluation,
            curve=learnt.curve,
            samples=(len(data.y_train), learnt.naming, len(data.y_test)),
            notes=tuple(notes),
            proof=self.proof(lockstep, start),
            tool=self.tools(),
        )
        record.save(project.path)
        return digits_in_words(record), record.right


def digits_in_words(record: DigitsRecord) -> str:
    """How well digits were classified, in a line."""
    accuracy, held_out = record.evaluation.accuracy, record.samples[2]
    return f"{accuracy:.2%} of {held_out} held-out digits, at least {record.least:.0%} wanted; {compared(record.proof)}"


def _digits(sources: Sequence[Source], seed: int) -> Study:
    return Study(digits_and_a_fifth(seed), Competition(), seed)


def _mnist(sources: Sequence[Source], seed: int) -> Study:
    looks = (1000, 2000, 5000, 10_000, 20_000, 30_000, 40_000, 50_000)
    return Study(mnist_whole(sources, seed), Race(), seed, looks, naming=10_000, look_naming=3000, looked=2000,
                 beside=(80, 40))  # fmt: skip


DIGITS_ON_CHIP = OnChipApp(
    "spiking-digits", "8 x 8 digits learnt on the chip by STDP, without labels", _digits, least=0.80
)
MNIST_ON_CHIP = OnChipApp(
    "spiking-mnist-unsupervised",
    "28 x 28 digits learnt on the chip by STDP, without labels, in one pass; --data mnist.npz",
    _mnist,
    least=0.87,
    takes=ChipApp.takes | {"data"},
)
