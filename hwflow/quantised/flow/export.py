"""A compiled net as a core to embed: alone, or behind AXI, and vectors with the reference's answers."""

from hwflow.errors import UserError
from hwflow.export.core import Stream, StreamCore
from hwflow.export.ip_core import ROOM, IpCore, Packets
from hwflow.export.memory import FOLDER, with_parameter
from hwflow.export.write import Exported
from hwflow.quantised import reference
from hwflow.quantised.backend.axi import axi_core
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import FOLDING, MODULE, build_accelerator
from hwflow.quantised.backend.folding import parse_folding
from hwflow.quantised.flow.vectors import vectors_for
from hwflow.quantised.tool.simulate import dataflow_source
from hwflow.samples import GivenInputs
from hwflow.shell.axi import beside_axi
from hwflow.shell.block_design import SOURCE, WRAPPER, wrapper


def exported(compiled: Compiled, given: GivenInputs, count: int | None) -> Exported:
    """What the project can be exported as. given, count: the testbench's vectors, as in `vectors_for`."""
    return Exported(lambda: core_of(compiled, given, count), lambda: ip_of(compiled, given, count))


def core_of(compiled: Compiled, given: GivenInputs, count: int | None) -> StreamCore:
    """The net alone, without link and shell. given, count: the testbench's vectors, as in `vectors_for`.

    Raises UserError for a net that is not in hwflow's own RTL, or whose memories the host writes, and for vectors that
    do not fit.
    """
    _refuse_finn(compiled)
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


def ip_of(compiled: Compiled, given: GivenInputs, count: int | None) -> IpCore:
    """The net behind AXI, as the project has it, with its driver. given, count: as in `core_of`.

    Raises UserError for a project that has no ports of AXI, or not those that compiling it again gives, or is FINN's, and
    for vectors that do not fit.
    """
    _refuse_finn(compiled)
    if compiled.design.shell != "axi":
        raise UserError(f"The project in {compiled.path} has no ports of AXI, as an IP for Vivado wants them; compile it with "
                        "--shell axi.")  # fmt: skip
    files, network, design = compiled.folder.files, compiled.network, compiled.design
    folding = parse_folding(files.get(FOLDING, b""), network, str(compiled.path / FOLDING))
    accelerator = build_accelerator(network, folding)
    axi = axi_core(accelerator, beside_axi(compiled.folder.board), design.input_bytes, design.output_bytes)
    if files.get(SOURCE) != wrapper(axi).encode():
        raise UserError(
            f"The top of the project in {compiled.path} has not the ports that this hwflow gives it; compile it again."
        )
    chosen = vectors_for(network, given, count)
    kept = {path: content for path, content in files.items() if path.startswith(("rtl/", "driver/"))}
    images = {path.replace(FOLDER, ROOM, 1): content for path, content in files.items() if path.startswith(FOLDER)}
    return IpCore(
        title=network.name,
        network=network.digest,
        project=compiled.digest,
        axi=axi,
        files=with_parameter(kept, MODULE, "./") | images | {f"{ROOM}{WRAPPER}.v": files[SOURCE]},
        s=Packets(axi.s_axis, network.input_type, chosen.x, user=False),
        m=Packets(axi.m_axis, accelerator.units[-1].y, reference.run(network, chosen.x), user=True),
        source=chosen.source,
    )


def _refuse_finn(compiled: Compiled) -> None:
    if compiled.design.backend != "dataflow":
        raise UserError(f"The project in {compiled.path} is FINN's, which packages its core itself; compile it with "
                        "--backend dataflow.")  # fmt: skip
