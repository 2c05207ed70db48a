"""A spiking core between AXI4-Stream and AXI4-Lite, for a design around a processor, and its drivers (docs/how-to/zynq.md)."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from hwflow.board import Board
from hwflow.host.c_header import c_header, octets
from hwflow.host.dma import REPLY_BYTES, REQUEST_BYTES, packed
from hwflow.host.package import FOLDER, package_files
from hwflow.shell.axi import CLOCK, ROOMS, axi_top, request_core
from hwflow.shell.block_design import block_design_files
from hwflow.shell.library import rtl_library
from hwflow.shell.processor import processor_of
from hwflow.shell.top import TOP
from hwflow.spiking.backend.application import spiking_application
from hwflow.spiking.fit import pad
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.writes import loading, plastic_bytes, plastic_writes

_HOST = Path(__file__).parents[1] / "host"
_ONBOARD, _CORE, _C_DRIVER = "hwflow.spiking.host.onboard", "core.json", f"{FOLDER}/hwf_net.h"


def axi_files(network: SpikingNetwork, core: Core, log: int, board: Board, sources: Sequence[str]) -> dict[str, bytes]:
    """The RTL round the core, the top, and the Vivado project. sources: of the core's RTL."""
    made = request_core(network.name, board.clock_hz, spiking_application(core, log, CLOCK))
    files = rtl_library(*ROOMS) | {f"rtl/{TOP}.sv": axi_top(made).encode()}
    processor = processor_of(board)
    assert processor is not None  # as was checked
    return files | block_design_files(made, board, processor, sorted({*files, *sources}), images=False)


def driver_files(network: SpikingNetwork, core: Core, build: str) -> dict[str, bytes]:
    """Drivers for the board's own Python and for C. build: the digest that the core tells."""
    told = json.dumps({"core": asdict(core), "build": build}, indent=1) + "\n"
    package = package_files(_ONBOARD, network.to_files() | {_CORE: told.encode()})
    return package | {_C_DRIVER: _c_driver(network, core, build).encode()}


def _c_driver(network: SpikingNetwork, core: Core, build: str) -> str:
    """The core in numbers, and what writes the net into it as requests, one behind the other."""
    padded = pad(network, core)
    commands = loading(core, padded) + plastic_writes(core, plastic_bytes(core, padded))
    numbers = {
        "HWF_AXONS": core.axons,
        "HWF_NEURONS": core.neurons,
        "HWF_LANES": core.lanes,
        "HWF_ENTRIES": core.entries,
        "HWF_GRADED": int(core.graded),
        "HWF_INPUT_BYTES": REQUEST_BYTES,
        "HWF_OUTPUT_BYTES": REPLY_BYTES,
    }
    body = (_HOST / "onboard.c").read_text()
    return c_header(numbers, [octets("loading", b"".join(map(packed, commands)))], core.digest, build, body)
