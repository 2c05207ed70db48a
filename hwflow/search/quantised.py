"""Quantised nets in the search: exported by Brevitas, read in integers, and built as the compiler chooses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.evaluation import Evaluation
from hwflow.handles import CompiledProject
from hwflow.paths import scratch_folder
from hwflow.progress import Progress
from hwflow.quantised import reference
from hwflow.quantised.backend.dataflow import FOLDING
from hwflow.quantised.frontend import load
from hwflow.quantised.model import QuantisedModel, classes_of
from hwflow.quantised.network import Network
from hwflow.search.factory import Trained
from hwflow.search.hardware import Hardware, Limits, designs
from hwflow.search.labels import check_labels, evaluated
from hwflow.search.roads import Made, into_file

MODEL = "model.onnx"


class QuantisedRoad:
    model = MODEL

    def made(self, trained: Trained) -> Made:
        with scratch_folder() as scratch:
            network = integers(trained, scratch / MODEL)
            content = (scratch / MODEL).read_bytes()
        return Made({MODEL: content}, network, self.judged(trained, network, trained.x, trained.y))

    def judged(self, trained: Trained, network: Network, x: NDArray[Any], y: NDArray[np.int64]) -> Evaluation:
        return judge(network, x, y, trained.class_names)

    def read(self, folder: Path) -> Network:
        return load(folder / MODEL, argmax=True)

    def designs(self, folder: Path, board: Board, limits: Limits) -> tuple[Hardware, ...]:
        return designs(self.read(folder), board, limits)

    def compile(
        self, folder: Path, board: str, clock: str | None, out: Path, how: Hardware | Limits, progress: Progress
    ) -> CompiledProject:
        model = QuantisedModel.read(folder / MODEL, argmax=True)
        if isinstance(how, Hardware):
            folding = into_file(how.folding.encode(), folder / FOLDING)
            return model.compile(board, out, folding=folding, clock=clock, progress=progress)
        return model.compile(board, out, target_fps=how.rate, max_luts=how.luts, max_brams=how.brams,
                             max_latency=how.latency, clock=clock, progress=progress)  # fmt: skip

    def vectors(self, x: NDArray[Any]) -> NDArray[Any]:
        return x.astype(np.float32)

    def write(self, files: Mapping[str, bytes], folding: str, out: Path) -> Path:
        into_file(folding.encode(), out.parent / FOLDING)
        return into_file(files[MODEL], out)


def integers(trained: Trained, path: Path) -> Network:
    """The net in integers, ending in the class, by way of its export to `path`. Raises UserError for what cannot be exported or built."""
    from hwflow.quantised.train.brevitas import export_module, keep_bits_unsigned

    x = np.asarray(trained.x)
    if x.ndim != 2 or not len(x):
        raise UserError(f"The factory's validation samples have the shape {x.shape}; give [n, inputs] with n above 0.")
    export_module(trained.net, x[:1].astype(np.float32), path)
    if set(np.unique(x).tolist()) <= {0, 1}:
        keep_bits_unsigned(path)
    return load(path, argmax=True)


def judge(network: Network, x: NDArray[Any], y: NDArray[np.int64], class_names: tuple[str, ...]) -> Evaluation:
    """How good the integers are on samples. Raises UserError for samples or labels that do not suit the net."""
    x, y = np.asarray(x, dtype=np.float32), np.asarray(y)
    if x.ndim != 2 or x.shape[1] != network.input_size:
        raise UserError(
            f"The factory's samples have the shape {x.shape}, but its net takes {network.input_size} inputs."
        )
    check_labels(y, len(x))
    said = classes_of(network, network.dequantise(reference.run(network, network.quantise(x))))
    return evaluated(class_names, y, said)
