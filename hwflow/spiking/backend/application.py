"""The spiking core behind the shell of a board."""

from hwflow.shell.top import Application, request_ports
from hwflow.shell.verilog import instance
from hwflow.spiking.backend.bench import core_parameters
from hwflow.spiking.network import Core

KIND = 2  # which HELLO tells, see docs/link.md
_VECTORS = ("vector_in", "vector_out")


def spiking_application(core: Core, log: int, clock: str, window: int | None = None) -> Application:
    """The spiking core and its device. log: spikes that it can keep for the host; clock: the top's wire; window: as of Application."""
    ports = request_ports(clock, *_VECTORS)
    parameters = core_parameters(core) | {"COUNTING": int(core.counting), "LOG": log}
    return Application(
        kind=KIND,
        digest=core.digest,
        inputs=core.axons,
        outputs=core.neurons,
        wires={},
        parts=(instance("hwf_spiking_device", "device", parameters, ports),),
        given=dict.fromkeys(_VECTORS, "1'b0"),
        window=window,
    )
