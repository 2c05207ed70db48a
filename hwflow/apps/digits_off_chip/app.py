"""`spiking-digits-nir` and `spiking-mnist-nir`: digits, trained off the chip by surrogate gradients, and brought to it through NIR."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from hwflow.apps.chip import ChipApp, Course
from hwflow.apps.demo import Plan, Tell
from hwflow.apps.digits_off_chip.running import off_chip
from hwflow.apps.digits_off_chip.showing import by_rates, in_one_tick, warped
from hwflow.apps.digits_on_chip.app import digits_in_words
from hwflow.apps.digits_on_chip.competition import digits_and_a_fifth
from hwflow.apps.stages import code_digest
from hwflow.apps.taught.images import mnist_whole
from hwflow.dataset import Dataset, Samples
from hwflow.progress import Progress
from hwflow.sources import Source
from hwflow.spiking.flow.running import MODEL
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import DIGITS, DigitsRecord
from hwflow.spiking.train.coding import Spikes
from hwflow.spiking.train.surrogate import Layer, Training, check_training, spike_counts, train_layers, votes, write_nir

_DT = 1e-3  # seconds of a tick


class OffChipApp(ChipApp):
    """dataset: of its images; shown: images as spikes, with so many ticks of silence behind each; heard: ticks of silence after which
    nothing fires any more in floats; silence: those that bring the core back to rest; copies: of the training images, warped, beside
    these; least: accuracy that it must reach; beside: test images that the device does in lockstep with the golden model, None for
    all; lanes, without: of the core on a real board, None and nothing for what fits."""

    def __init__(
        self,
        name: str,
        description: str,
        dataset: Callable[[Sequence[Source], int], Dataset],
        shown: Callable[[Samples, int], Spikes],
        how: Training,
        *,
        heard: int,
        silence: int,
        least: float,
        copies: int = 0,
        beside: int | None = None,
        lanes: int | None = None,
        without: tuple[str, ...] = (),
        takes: frozenset[str] = ChipApp.takes,
    ) -> None:
        self.name, self.description, self.takes = name, description, takes
        self.dataset, self.shown, self.how, self.least = dataset, shown, how, least
        self.heard, self.silence, self.copies, self.beside = heard, silence, copies, beside
        self.lanes, self.without = lanes, without

    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> Course:
        return _Course(self, plan, out, progress, tell)

    def check(self) -> None:
        check_training()

    def train(self, data: Dataset, seed: int, progress: Progress) -> tuple[Layer, ...]:
        """The net, by the training images and warped copies of them."""
        images = warped(data.x_train, self.copies, seed) if self.copies else data.x_train
        labels = np.tile(data.y_train, 1 + self.copies)
        return train_layers(self.shown(images, self.heard), labels, len(data.class_names), self.how, seed, progress)

    def right_in_floats(self, layers: tuple[Layer, ...], data: Dataset) -> float:
        """Accuracy on the test images."""
        said = votes(spike_counts(layers, self.shown(data.x_test, self.heard)), len(data.class_names)).argmax(axis=1)
        return float((said == data.y_test).mean())


class _Course(Course):
    result = DIGITS

    def __init__(self, app: OffChipApp, plan: Plan, out: Path, progress: Progress, tell: Tell) -> None:
        super().__init__(app.name, plan, out, progress, tell)
        self._app, self._data = app, app.dataset(plan.data, plan.seed)
        self.lanes, self.without = app.lanes, app.without

    def prepare(self) -> None:
        inputs = [self.name, str(self.plan.seed), *self.inputs(), code_digest("spiking/train", "apps")]
        self.do("train", inputs, [self._nir], self._train)

    @property
    def _nir(self) -> Path:
        return self.out / "digits.nir"

    def _train(self) -> tuple[str, bool]:
        layers = self._app.train(self._data, self.plan.seed, self.progress)
        write_nir(layers, self._nir)
        right = self._app.right_in_floats(layers, self._data)
        return f"surrogate gradients, {right:.2%} in floats, written as NIR", True

    def model(self) -> SpikingModel:
        return SpikingModel.read(self._nir, dt=_DT)

    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        app, data = self._app, self._data
        network, design = project.compiled.network, project.compiled.design
        beside = None if self.port == MODEL else app.beside
        ran = off_chip(lockstep, network, app.shown(data.x_test, app.silence), data, beside, self.progress)
        ran.activity.save(project.path)
        there = () if beside is None else (f"The first {beside:,} ran there in lockstep with the golden model.",)
        record = DigitsRecord(
            recipe=self.name,
            project=project.digest,
            seed=self.plan.seed,
            learnt=False,
            least=app.least,
            evaluation=ran.evaluation,
            curve=(),
            samples=(len(data.y_train), 0, len(data.y_test)),
            notes=(*data.notes, *there),
            proof=self.proof(lockstep, start),
            tool=self.tools("nir"),
            pace=ran.pace(design.cycles, design.clock_hz),
        )
        record.save(project.path)
        return digits_in_words(record), record.right


def _digits(sources: Sequence[Source], seed: int) -> Dataset:
    return digits_and_a_fifth(seed)


DIGITS_OFF_CHIP = OffChipApp(
    "spiking-digits-nir",
    "8 x 8 digits, trained by surrogate gradients, through NIR",
    _digits,
    by_rates,
    Training(),
    heard=2,
    silence=100,  # any state of 16 bits is zero then
    least=0.95,
)
MNIST_OFF_CHIP = OffChipApp(
    "spiking-mnist-nir",
    "28 x 28 digits, an image in one tick, trained by surrogate gradients, through NIR; --data mnist.npz",
    mnist_whole,
    in_one_tick,
    Training(
        hidden=368,
        steps=12000,
        batch=256,
        learning_rate=1e-2,
        decay=0.0,
        beta=0.0,
        voters=8,
        slope=1.0,
        scale=4.5,
        lost=0.0,
        hidden_lost=0.05,
        worth=0.7,
        price=0.05,
    ),
    heard=0,
    silence=1,  # in which the outputs fire; the neurons remember nothing
    least=0.98,
    copies=6,
    beside=300,
    lanes=16,
    without=("learning",),
    takes=ChipApp.takes | {"data"},
)
