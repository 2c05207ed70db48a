"""A net behind AXI, driven from Python on the board itself: PYNQ, and numpy, and no more of hwflow than this package.

    import hwflow_pynq
    with hwflow_pynq.open("hwf_top.bit") as board:
        classes = board.infer(x)

`run` and `infer` take and give what they do of the model and of `project.open`, so that what was written for the simulated
board goes on here. `execute` takes and gives the net's integers. A notebook for FINN's driver goes on with `FINNDMAOverlay`. The
registers and the packing are in docs/how-to/zynq.md.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.quantised.driver.board import BATCH, Board
from hwflow.quantised.driver.board import DriverError as DriverError

NET = "net.json"


@contextmanager
def open(bitstream: "str | Path", *, batch: int = BATCH) -> "Iterator[Board]":
    """Load the bitstream, whose .hwh lies beside it, and drive its core until the block ends.

    batch: vectors of a transfer, at most. Raises DriverError if the bitstream is none of the project's.
    """
    board = _board(bitstream, batch)
    try:
        yield board
    finally:
        board.close()


class FINNDMAOverlay:
    """A net under the names that FINN's driver has (finn-plus-driver 1.6), so that a notebook for one drives the other.

    bitfile_name, platform, io_shape_dict, batch_size: as there; io_shape_dict is that of `settings.json` beside this package, or
    None. Other arguments, and platform, are FINN's own and not needed here. Raises DriverError as `open`.
    """

    def __init__(
        self,
        bitfile_name: "str | Path",
        platform: str = "zynq-iodma",
        io_shape_dict: "dict[str, Any] | None" = None,
        batch_size: int = 1,
        **_: Any,
    ) -> None:
        self.platform, self._bitfile = platform, bitfile_name
        self.io_shape_dict = io_shape_dict or json.loads(Path(__file__).with_name(NET).read_text())["finn"]
        self._made = _board(bitfile_name, batch_size)

    @property
    def batch_size(self) -> int:
        """Vectors that `execute` takes."""
        return self._made.batch

    @batch_size.setter
    def batch_size(self, value: int) -> None:
        self._made.close()
        self._made = _board(self._bitfile, value)

    @property
    def num_inputs(self) -> int:
        return int(self.io_shape_dict["num_inputs"])

    @property
    def num_outputs(self) -> int:
        return int(self.io_shape_dict["num_outputs"])

    def ishape_normal(self, ind: int = 0) -> "tuple[int, ...]":
        """Of an input of `execute`: the batch, and the net's shape."""
        return self.batch_size, *self.io_shape_dict["ishape_normal"][ind][1:]

    def oshape_normal(self, ind: int = 0) -> "tuple[int, ...]":
        """Of an output of `execute`."""
        return self.batch_size, *self.io_shape_dict["oshape_normal"][ind][1:]

    def execute(self, input_npy: Any) -> Any:
        """Integers of the shape `ishape_normal`, in floats or not, to those of `oshape_normal` in float32; lists of several.

        Raises DriverError for another shape, and for values that the input does not hold.
        """
        given = input_npy if isinstance(input_npy, list) else [input_npy]
        parts = [np.asarray(part) for part in given]
        wanted = [self.ishape_normal(i) for i in range(self.num_inputs)]
        if [part.shape for part in parts] != wanted:
            raise DriverError(
                f"The inputs are of shape {[part.shape for part in parts]}, and {self._made.name} takes {wanted}."
            )
        whole = np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
        integers = whole.astype(np.int64)
        if (integers != whole).any():
            raise DriverError(f"The inputs hold values that are not whole, which {self._made.name} takes.")
        results = self._split(self._made.execute(integers).astype(np.float32))
        return results[0] if len(results) == 1 else results

    def _split(self, y: "NDArray[np.float32]") -> "Sequence[NDArray[np.float32]]":
        shapes = [self.oshape_normal(i) for i in range(self.num_outputs)]
        sizes = [int(np.prod(shape[1:])) for shape in shapes]
        parts = np.split(y, np.cumsum(sizes)[:-1], axis=1)
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _board(bitstream: "str | Path", batch: int) -> Board:
    from pynq import Overlay, allocate  # type: ignore[import-not-found]

    net = json.loads(Path(__file__).with_name(NET).read_text())
    return Board(Overlay(str(bitstream)), allocate, net, batch)
