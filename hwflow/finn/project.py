"""What FINN made of a net, as a project."""

import json
import math
from dataclasses import replace

from hwflow.board import Board, carried
from hwflow.finn.design import FINN, TOP, FinnDesign, FinnNode
from hwflow.finn.folding import FINN_FOLDING, FinnFolding
from hwflow.finn.order import Made
from hwflow.ints import vector_bytes
from hwflow.project import DESIGN, Project
from hwflow.quantised.backend.dataflow import FOLDING
from hwflow.quantised.backend.design import Design, LayerDesign
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.backend.schedule import Prediction
from hwflow.quantised.network import ArgMax, Dense, Network, Threshold
from hwflow.records import to_json
from hwflow.resources import Estimate


def named(network: Network, nodes: tuple[FinnNode, ...]) -> tuple[FinnNode, ...]:
    """The nodes with the names of the layers that they compute: both are chains, in the same order."""
    kinds = {"MVAU": Dense, "Thresholding": Threshold, "LabelSelect": ArgMax}
    names = {op: iter([n.name for n in network.nodes if isinstance(n.layer, kind)]) for op, kind in kinds.items()}
    return tuple(replace(node, layer=next(names[node.op], "") if node.op in names else "") for node in nodes)


def folding_of(network: Network, design: FinnDesign) -> FinnFolding:
    """The folding that FINN's nodes have."""
    mvaus = [node for node in design.nodes if node.op == "MVAU"]
    folds = {name: Fold(node.pe, node.simd) for name, node in zip(dense_layers(network), mvaus, strict=True)}
    return FinnFolding(Folding(folds), tuple(node.pe for node in design.nodes if node.op == "Thresholding"))


def project_of(network: Network, board: Board, made: Made, design: FinnDesign, folds: FinnFolding) -> Project:
    """FINN's RTL, with the net, the folding in either form, and the design in numbers."""
    job = folds.to_job(network)
    names = {op: [node.name for node in design.nodes if node.op == op] for op in job}
    document: dict[str, object] = {"Defaults": {}}
    for op, entries in job.items():
        document |= dict(zip(names[op], entries, strict=False))  # thresholds inside an MVAU have no node
    files = dict(made.files) | network.to_files()
    files[FOLDING] = (folds.folding.to_json() + "\n").encode()
    files[FINN_FOLDING] = (json.dumps(document, indent=1) + "\n").encode()
    files[FINN] = to_json(design).encode()
    files[DESIGN] = _design(network, board, design).to_json().encode()
    return Project(files | carried(board), TOP, board.name)


def _design(network: Network, board: Board, finn: FinnDesign) -> Design:
    cycles = [node.cycles for node in finn.nodes]
    luts = [node.luts for node in finn.nodes]
    brams = sum(node.brams or 0 for node in finn.nodes)
    return Design(
        network=network.name,
        network_digest=network.digest,
        board=board.name,
        clock_hz=round(1e9 / finn.clock_ns),
        baud=board.baud,
        layers=tuple(_layer(network, node, finn) for node in finn.nodes if node.op == "MVAU"),
        prediction=Prediction(latency=sum(cycles), fill=sum(cycles), initiation_interval=max(cycles)),
        estimate=Estimate(
            luts=None if None in luts else sum(count or 0 for count in luts),
            ffs=None,
            brams=math.ceil(brams / 2),
            dsps=sum(node.dsps or 0 for node in finn.nodes),
        ),
        input_bytes=vector_bytes(network.input_size, network.input_type),
        output_bytes=vector_bytes(network.output_size, network.output_type),
        backend="finn",
    )


def _layer(network: Network, node: FinnNode, finn: FinnDesign) -> LayerDesign:
    matrix = dense_layers(network)[node.layer]
    following = finn.nodes[finn.nodes.index(node) + 1 :]
    threshold = next((other for other in following if other.op in ("Thresholding", "MVAU")), None)
    output = threshold.output if threshold and threshold.op == "Thresholding" else node.output
    bits = node.weights.type.bits if node.weights else matrix.weight_type.bits
    return LayerDesign(
        name=node.layer,
        kind="dense",
        rows=node.rows,
        columns=node.columns,
        pe=node.pe,
        simd=node.simd,
        folds=node.rows // node.pe,
        beats=node.columns // node.simd,
        cycles=node.cycles,
        latency=None,
        fifo_depth=next((other.depth for other in following if other.op == "StreamingFIFO"), 0),
        input_type=node.input.kind,
        weight_type=str(matrix.weight_type),
        sum_type=node.output.kind,
        output_type=output.kind,
        weight_bits=bits,
        memory_bits=node.rows * node.columns * bits,
        macs=node.rows * node.columns,
    )
