"""`spiking-digits-nir`: 8 × 8 digits, trained off the chip by surrogate gradients, and brought to it through NIR."""

from pathlib import Path

import numpy as np

from hwflow.apps.chip import ChipApp, Course
from hwflow.apps.demo import Plan, Tell
from hwflow.apps.digits_on_chip.app import digits_in_words
from hwflow.apps.digits_on_chip.competition import digits_and_a_fifth
from hwflow.apps.digits_on_chip.learning import run_digits
from hwflow.apps.stages import code_digest
from hwflow.progress import Progress
from hwflow.spiking.host.lockstep import Lockstep
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.project import SpikingProject
from hwflow.spiking.report.applications import DIGITS, DigitsRecord
from hwflow.spiking.train.coding import Spikes, rate_code

_LEAST = 0.95  # accuracy that it must reach
_TICKS, _SPIKES = 16, 6.0  # of an image
_SILENCE = 100  # ticks after it, which bring any state of 16 bits back to rest
_DT = 1e-3  # seconds of a tick


class _App(ChipApp):
    name = "spiking-digits-nir"
    description = "8 x 8 digits, trained by surrogate gradients, through NIR"

    def course(self, plan: Plan, out: Path, progress: Progress, tell: Tell) -> Course:
        return _Course(self.name, plan, out, progress, tell)

    def check(self) -> None:
        from hwflow.spiking.train.surrogate import check_training

        check_training()


class _Course(Course):
    result = DIGITS

    def prepare(self) -> None:
        inputs = [self.name, str(self.plan.seed), code_digest("spiking/train", "apps")]
        self.do("train", inputs, [self._nir], self._train)

    @property
    def _nir(self) -> Path:
        return self.out / "digits.nir"

    def _train(self) -> tuple[str, bool]:
        from hwflow.spiking.train.surrogate import Training, spike_counts, train_layers, write_nir

        data, seed = digits_and_a_fifth(self.plan.seed), self.plan.seed
        x, classes = _images(data.x_train, 2), len(data.class_names)
        layers = train_layers(x, data.y_train, classes, Training(), seed, self.progress)
        said = spike_counts(layers, _images(data.x_test, 2)).argmax(axis=1)
        write_nir(layers, self._nir)
        return f"surrogate gradients, {(said == data.y_test).mean():.2%} in floats, written as NIR", True

    def model(self) -> SpikingModel:
        return SpikingModel.read(self._nir, dt=_DT)

    def apply(self, project: SpikingProject, lockstep: Lockstep, start: float) -> tuple[str, bool]:
        seed = self.plan.seed
        data = digits_and_a_fifth(seed)
        images = _images(data.x_test, _SILENCE)
        ran = run_digits(lockstep, project.compiled.network, images, data.y_test, self.progress)
        ran.activity.save(project.path)
        record = DigitsRecord(
            recipe=self.name,
            project=project.digest,
            seed=seed,
            learnt=False,
            least=_LEAST,
            evaluation=ran.evaluation,
            curve=(),
            samples=(len(data.y_train), 0, len(data.y_test)),
            notes=data.notes,
            proof=self.proof(lockstep, start),
            tool=self.tools("nir"),
        )
        record.save(project.path)
        return digits_in_words(record), record.right


def _images(pixels: np.ndarray, silence: int) -> Spikes:
    return np.stack([rate_code(one / 16, _SPIKES, _TICKS, silence) for one in pixels])


DIGITS_OFF_CHIP = _App()
