"""What was compiled, in numbers: the record that a spiking project carries for simulation, host and report."""

from dataclasses import dataclass
from typing import Literal

from hwflow.resources import Estimate
from hwflow.spiking.backend.schedule import TickCycles
from hwflow.spiking.backend.synapses import SynapseBits
from hwflow.spiking.network import Core

ShellName = Literal["link", "axi"]


@dataclass(frozen=True)
class SpikingDesign:
    """A compiled spiking core, and the net that it was made for; any net that fits the core can be loaded into it.

    axons, neurons: of the net; left_out: features of the core that would not have fitted; log: spikes that wait for the
    host; cycles: what a tick takes; estimate: made before synthesis, never a measurement; shell: what brings the requests: the link,
    or AXI, behind which there is no UART and baud is 0; synapses: how they are stored, and what other ways would have taken.
    """

    network: str
    network_digest: str
    board: str
    clock_hz: int
    baud: int
    axons: int
    neurons: int
    core: Core
    left_out: tuple[str, ...]
    log: int
    cycles: TickCycles
    memory_bits: int
    estimate: Estimate
    shell: ShellName = "link"
    synapses: SynapseBits | None = None
