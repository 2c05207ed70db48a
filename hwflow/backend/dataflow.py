"""Quantised nets to streaming dataflow hardware in our own RTL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwflow.backend.folding import Folding, checked
from hwflow.backend.schedule import Prediction, predict
from hwflow.backend.units import Unit, units_of
from hwflow.backend.verilog import memory_images, net_module
from hwflow.network import Network
from hwflow.paths import data_folder


@dataclass(frozen=True, eq=False)
class Accelerator:
    """A network under a folding: units, what they take in cycles, and the RTL that they are."""

    network: Network
    folding: Folding
    units: Sequence[Unit]
    prediction: Prediction
    module: str
    files: Mapping[str, bytes]


def rtl_library(*rooms: str) -> dict[str, bytes]:
    """The hand-written modules of some rooms of `rtl/`, as project files."""
    root = data_folder("rtl")
    return {f"rtl/{path.name}": path.read_bytes() for room in rooms for path in sorted((root / room).glob("hwf_*.sv"))}


def build_accelerator(
    network: Network, folding: Folding, module: str = "hwf_net", *, block_ram: bool = False
) -> Accelerator:
    """The net as a module with one input and one output stream, and its memory images.

    block_ram: put the deeper memories into block RAM, for families that have no other RAM.

    Raises UserError if the network is not a chain this backend builds, or the folding is not legal for it.
    """
    units = units_of(network, checked(folding, network, "The folding"))
    memories = f"memory/{module}_"
    files = rtl_library("stream", "dense") | memory_images(units, memories)
    files[f"rtl/{module}.sv"] = net_module(units, module, memories, block_ram).encode()
    return Accelerator(network, folding, units, predict(units), module, files)
