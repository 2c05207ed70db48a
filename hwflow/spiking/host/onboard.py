"""A spiking core behind AXI, driven from Python on the board itself: PYNQ, and numpy, and no more of hwflow than this package.

    import hwflow_pynq
    with hwflow_pynq.open("hwf_top.bit") as board:
        spikes = board.run(stimuli, learn=True)
        learnt = board.state().weight

`board` is what `project.open` gives, with the project's net loaded, so that what was written for the simulated board goes on
here. Requests and registers are in docs/how-to/zynq.md.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwflow.documents import ARRAYS, DOCUMENT, arrays_in
from hwflow.errors import HwflowError as HwflowError
from hwflow.host.dma import DmaRequests
from hwflow.spiking.blocks import Block
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.network import Core
from hwflow.spiking.network_file import from_written

CORE = "core.json"


@contextmanager
def open(bitstream: "str | Path") -> "Iterator[SpikingBoard]":
    """Load the bitstream, whose .hwh lies beside it, and the net into its core, and drive that until the block ends.

    Raises HwflowError, as all that the board does, if the bitstream is none of the project's.
    """
    from pynq import Overlay, allocate  # type: ignore[import-not-found]

    here = Path(__file__).parent
    told = json.loads((here / CORE).read_text())
    core = Core(**{**told["core"], "blocks": tuple(Block(**block) for block in told["core"]["blocks"])})
    files = {name: (here / name).read_bytes() for name in (DOCUMENT, ARRAYS)}
    network = from_written(json.loads(files[DOCUMENT]), arrays_in(files))
    requests = DmaRequests(Overlay(str(bitstream)), allocate, str(bitstream))
    try:
        board = SpikingBoard(requests, core, told["build"])
        board.load(network)
        yield board
    finally:
        requests.close()
