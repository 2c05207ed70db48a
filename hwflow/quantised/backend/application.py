"""The streaming net behind the shell of a board."""

from collections.abc import Sequence

from hwflow.ints import IntType
from hwflow.quantised.backend.loads import layout_of
from hwflow.quantised.backend.streams import Stream
from hwflow.quantised.backend.units import clog2
from hwflow.quantised.backend.verilog import LOAD_BITS, STORED_BITS, input_bits, output_bits
from hwflow.quantised.network import Network
from hwflow.shell.top import Application, request_ports
from hwflow.shell.verilog import instance

KIND = 1  # which HELLO tells, see docs/link.md
_LEAST_LIMIT = 16  # cycles in which the net moves no byte, as a power of two, after which a request is called stalled
_LENGTH = "request_length"


def dataflow_application(
    network: Network,
    streams: Sequence[Stream],
    module: str,
    input_bytes: int,
    output_bytes: int,
    clock: str,
    digest: str,
) -> Application:
    """The streaming application and the net behind it. input_bytes, output_bytes: of a vector on the link; clock: the
    top's wire; digest: which HELLO tells."""
    units = [stream.writer for stream in streams if stream.writer]
    addresses = layout_of(units).addresses
    bus = {"load": "load", "stored": "stored"} if addresses else {}
    output = units[-1].y
    # Four times what a vector takes, and more: no net reaches that from one byte to the next.
    limit = max(_LEAST_LIMIT, 2 + clog2(sum(stream.writer.cycles for stream in streams if stream.writer)))
    unread = () if addresses else (_LENGTH,)  # it reads its payload until there is no more
    ends = {name: name for name in ("s_valid", "s_ready", "s_data", "m_valid", "m_ready", "m_data")}
    device = {
        "S_BITS": input_bits(streams),
        "S_COUNT": network.input_size * network.input_type.bits,
        "M_BITS": output_bits(streams),
        "M_COUNT": network.output_size * output.bits,
        "LIMIT_BITS": limit,
    } | ({"ADDRESSES": addresses} if addresses else {})
    wires = dict.fromkeys(("net_rst", "s_valid", "s_ready", "m_valid", "m_ready"), 1)
    return Application(
        kind=KIND,
        digest=digest,
        inputs=input_bytes,
        outputs=output_bytes,
        wires=wires
        | {"s_data": input_bits(streams), "m_data": output_bits(streams)}
        | ({"load": LOAD_BITS, "stored": STORED_BITS} if addresses else {}),
        parts=(
            instance(
                "hwf_loaded_device" if addresses else "hwf_stream_device",
                "device",
                device,
                request_ports(clock, *unread) | {"net_rst": "net_rst"} | ends | bus,
            ),
            instance(module, "net", {}, {"clk": clock, "rst": "net_rst"} | ends | bus),
        ),
        unread=unread,
        more={"LIMIT_BITS": limit} | vectors_told(network, output),
    )


def vectors_told(network: Network, output: IntType) -> dict[str, int]:
    """What the identity tells of vectors, parameter to value. output: type of the results."""
    return {
        "INPUT_SIZE": network.input_size,
        "INPUT_BITS": network.input_type.bits,
        "INPUT_SIGNED": int(network.input_type.signed),
        "OUTPUT_SIZE": network.output_size,
        "OUTPUT_BITS": output.bits,
        "OUTPUT_SIGNED": int(output.signed),
    }
