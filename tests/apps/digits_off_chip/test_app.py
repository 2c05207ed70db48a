"""MNIST from end to end on the golden model: a smaller net, trained on fewer images than the recipe."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hwflow.apps.demo import Plan
from hwflow.apps.digits_off_chip.app import MNIST_OFF_CHIP, OffChipApp
from hwflow.apps.digits_off_chip.showing import in_one_tick
from hwflow.apps.taught.images import mnist_whole
from hwflow.dataset import Dataset
from hwflow.errors import UserError
from hwflow.progress import silent
from hwflow.sources import Source
from hwflow.spiking.report.applications import DigitsRecord

pytestmark = pytest.mark.slow


def some(sources: Sequence[Source], seed: int) -> Dataset:
    data = mnist_whole(sources, seed)
    return replace(
        data,
        x_train=data.x_train[:3000],
        y_train=data.y_train[:3000],
        x_test=data.x_test[:400],
        y_test=data.y_test[:400],
    )


def test_images_are_learnt_written_and_classified_in_integers(tmp_path: Path, shared: Path) -> None:
    pytest.importorskip("torch", reason="no torch, which `pip install 'hwflow[train]'` brings")
    file = shared / "data/mnist.npz"
    if not file.is_file():
        pytest.skip("no mnist.npz in the folder ../shared/data")
    how = replace(MNIST_OFF_CHIP.how, hidden=48, steps=150, batch=128)
    app = OffChipApp("small", "a small one", some, in_one_tick, how, heard=0, silence=1, least=0.8, copies=1,
                     takes=MNIST_OFF_CHIP.takes)  # fmt: skip
    done = app.demo(Plan(0, (Source(file),), port="model"), tmp_path / "out", silent, lambda stage: None)
    record = DigitsRecord.from_folder(tmp_path / "out/sim")
    assert done.right and record.right and record.evaluation.accuracy > 0.8
    assert record.pace and record.pace.mean < record.pace.worst and record.proof.ticks == 800
    assert "The core takes" in (tmp_path / "out/report.html").read_text()


def test_without_its_file_it_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--data mnist.npz"):
        MNIST_OFF_CHIP.demo(Plan(port="model"), tmp_path / "out", silent, lambda stage: None)
