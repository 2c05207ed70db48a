"""`spiking-digits-taught` and `spiking-mnist…`: digits learnt on the chip from labels, by a third factor."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from hwflow.apps.chip import ChipApp, Course
from hwflow.apps.demo import Plan, Tell
from hwflow.apps.digits_on_chip.app import digits_in_words
from hwflow.apps.taught.images import digits_with_validation, mnist_halved, mnist_whole
from hwflow.apps.taught.learning import Lesson, teach
from hwflow.apps.taught.teaching import Teaching
from hwflow.dataset import Dataset
from hwflow.progress import Progress
from hwflow.sources import Source
from hwflow.spiking.flow.running import MODEL
from hwflow.spiking.frontend.model import from_network
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import DIGITS, DigitsRecord


class TaughtApp(ChipApp):
    """dataset: of its images; least: accuracy that it must reach; beside: as in Lesson, where the device is not the golden model."""

    def __init__(
        self,
        name: str,
        description: str,
        dataset: Callable[[Sequence[Source], int], Dataset],
        how: Teaching,
        least: float,
        beside: tuple[int, int] | None = None,
        takes: frozenset[str] = ChipApp.takes,
    ) -> None:
        self.name, self.description, self.takes = name, description, takes
        self.dataset, self.how, self.least, self.beside = dataset, how, least, beside

    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> Course:
        return _Course(self, plan, out, progress, tell)


class _Course(Course):
    result = DIGITS

    def __init__(self, app: TaughtApp, plan: Plan, out: Path, progress: Progress, tell: Tell) -> None:
        super().__init__(app.name, plan, out, progress, tell)
        beside = None if self.port == MODEL else app.beside
        self._app, self._lesson = app, Lesson(app.dataset(plan.data, plan.seed), app.how, plan.seed, beside)

    def model(self) -> SpikingModel:
        return SpikingModel(from_network(self._lesson.network()))

    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        data = self._lesson.data
        taught = teach(lockstep, self._lesson, self.progress)
        learnt, judged = taught.beside
        also = f"{learnt:,} presentations that learn and {judged:,} that are judged ran there in lockstep with the golden model."
        record = DigitsRecord(
            recipe=self.name,
            project=project.digest,
            seed=self.plan.seed,
            learnt=True,
            least=self._app.least,
            evaluation=taught.evaluation,
            curve=taught.curve,
            samples=(len(data.y_train), 0, len(data.y_test)),
            notes=(*data.notes, f"{self._app.how.passes} passes.", also),
            proof=self.proof(lockstep, start),
            tool=self.tools(),
            curve_of="training images, each judged before it was learnt",
        )
        record.save(project.path)
        return digits_in_words(record), record.right


DIGITS_TAUGHT = TaughtApp(
    "spiking-digits-taught",
    "8 x 8 digits learnt on the chip from labels, by a third factor",
    digits_with_validation,
    Teaching(),
    least=0.93,
)
_MNIST = Teaching(ticks=4, passes=1, rate=0.045, output_rate=1.0, slower=0.5, steps=4)
MNIST_TAUGHT = tuple(
    TaughtApp(name, f"{about}; --data mnist.npz", images, how, least, (500, 500), ChipApp.takes | {"data"})
    for name, about, images, how, least in (
        ("spiking-mnist", "28 x 28 digits taught on the chip, 256 hidden neurons, one pass", mnist_whole, _MNIST, 0.95),
        (
            "spiking-mnist-448",
            "the same, 448 hidden neurons, three passes",
            mnist_whole,
            replace(_MNIST, hidden=448, passes=3),
            0.97,
        ),
        (
            "spiking-mnist-14",
            "14 x 14 digits taught on the chip, 236 hidden neurons, two passes",
            mnist_halved,
            replace(_MNIST, hidden=236, passes=2, rate=0.09, threshold=2.5),
            0.96,
        ),
    )
)
