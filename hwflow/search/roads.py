"""The two roads from what a factory gives to hardware: what the search asks of either."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hwflow.board import Board
from hwflow.documents import DOCUMENT
from hwflow.evaluation import Evaluation
from hwflow.handles import CompiledProject, Net
from hwflow.paths import whole_file, whole_folder
from hwflow.progress import Progress
from hwflow.search.hardware import Hardware, Limits


@dataclass(frozen=True, eq=False)
class Made:
    """A trained net. files: that keep it, by name; network: in integers; evaluation: of these, on validation samples."""

    files: Mapping[str, bytes]
    network: Net
    evaluation: Evaluation


class Road(Protocol):
    """What is done with the nets of one family. Folders are those that hold the files of `Made`; model: what of one `hwflow compile`
    reads, empty for the folder itself."""

    model: str

    def made(self, trained: Any) -> Made:
        """What a factory gave, in integers, and how good they are. Raises UserError for what cannot be built or judged."""
        ...

    def judged(self, trained: Any, network: Any, x: NDArray[Any], y: NDArray[np.int64]) -> Evaluation:
        """How good the integers are on other samples. Raises UserError for samples that do not suit the net."""
        ...

    def read(self, folder: Path) -> Net:
        """The net in integers."""
        ...

    def designs(self, folder: Path, board: Board, limits: Limits) -> tuple[Hardware, ...]:
        """What hardware it can be, none that another beats in everything. Raises UserError if nothing is within the limits."""
        ...

    def compile(
        self, folder: Path, board: str, clock: str | None, out: Path, how: Hardware | Limits, progress: Progress
    ) -> CompiledProject:
        """The net for a board into `out`, by a design that is known, or by the compiler's choice within limits."""
        ...

    def vectors(self, x: NDArray[Any]) -> NDArray[Any]:
        """Samples as `simulate` takes them."""
        ...

    def write(self, files: Mapping[str, bytes], folding: str, out: Path) -> Path:
        """The net's files for a user who names the model `out`, with a design's folding where one is given to `hwflow compile` as a
        file; gives what that reads."""
        ...


def road_in(folder: Path) -> Road:
    """The road of a net that is kept in a folder."""
    from hwflow.search.quantised import QuantisedRoad
    from hwflow.search.spiking import SpikingRoad

    return SpikingRoad() if (folder / DOCUMENT).is_file() else QuantisedRoad()


def into_folder(files: Mapping[str, bytes], out: Path) -> Path:
    """Files as a folder that appears whole."""
    with whole_folder(out) as draft:
        for name, content in files.items():
            (draft / name).write_bytes(content)
    return out


def into_file(content: bytes, out: Path) -> Path:
    """One of them as a file that appears whole."""
    with whole_file(out) as draft:
        draft.write_bytes(content)
    return out
