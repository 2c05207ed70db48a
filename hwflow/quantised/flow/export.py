"""A compiled net as a core to embed: its RTL without link and shell, and vectors with the reference's answers."""

from hwflow.errors import UserError
from hwflow.export.core import Stream, StreamCore
from hwflow.export.memory import with_parameter
from hwflow.quantised import reference
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.flow.vectors import vectors_for
from hwflow.quantised.tool.simulate import dataflow_source
from hwflow.samples import GivenInputs


def core_of(compiled: Compiled, given: GivenInputs, count: int | None) -> StreamCore:
    """The core. given, count: the testbench's vectors, as in `vectors_for`.

    Raises UserError for a net that is not in hwflow's own RTL, or whose memories the host writes, and for vectors that
    do not fit.
    """
    if compiled.design.backend != "dataflow":
        raise UserError(f"The project in {compiled.path} is FINN's, which packages its core itself; compile it with "
                        "--backend dataflow.")  # fmt: skip
    source, network = dataflow_source(compiled), compiled.network
    if source.net.content:
        raise UserError(f"The host writes weights of the project in {compiled.path}, and a core has no host; compile it with "
                        "constant weights, none of them in large RAMs.")  # fmt: skip
    chosen, net = vectors_for(network, given, count), source.net
    return StreamCore(
        module=source.module,
        title=network.name,
        network=network.digest,
        project=compiled.digest,
        files=with_parameter(source.files, source.module),
        s=Stream("s", network.input_size, net.lanes_in, net.x, chosen.x),
        m=Stream("m", net.size_out, net.lanes_out, net.y, reference.run(network, chosen.x)),
        source=chosen.source,
    )
