"""The verb `compile --backend finn`: a model file through FINN's own steps, each compared with execution by qonnx."""

import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.board import Board, board_names, find_board
from hwflow.errors import ToolError, UserError
from hwflow.finn.design import FinnDesign
from hwflow.finn.environment import Environment, find_environment
from hwflow.finn.folding import FinnFolding, check_for_finn, read_any
from hwflow.finn.order import Made, Order, run_finn
from hwflow.finn.project import folding_of, named, project_of
from hwflow.ints import IntArray, IntType
from hwflow.paths import scratch_folder
from hwflow.progress import Progress
from hwflow.project import Project
from hwflow.quantised import reference
from hwflow.quantised.flow.equality import accumulators
from hwflow.quantised.flow.vectors import random_vectors
from hwflow.quantised.frontend.quantisers import affine
from hwflow.quantised.layers import tokens_of
from hwflow.quantised.network import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Dense,
    Network,
    Node,
    Product,
    Reduce,
    Slice,
    Table,
    TableSum,
    Threshold,
    Transpose,
)
from hwflow.words import Part, table

STEPS = "finn_steps.json"
CLOCK_NS = 10.0  # the period FINN is asked to meet, as in FINN's own examples: 100 MHz
CHECKED = 1000  # vectors that each step is compared on
_FILL = 0.8  # of the part's multipliers and block RAMs, for a folding that is not asked for


@dataclass(frozen=True)
class StepRecord:
    """A step of FINN: its seconds, those of its check, and how many of `values` accumulators differ from qonnx's."""

    name: str
    seconds: float
    check_seconds: float
    values: int
    mismatches: int


@dataclass(frozen=True)
class FinnRecord:
    """What FINN did with a net, `finn_steps.json`.

    project: its digest; version: of finn-plus; vectors: random ones that each step was compared on; hls: the nodes that
    FINN has in HLS only, each with the reason; seconds: the whole run, FINN's import included.
    """

    project: str
    version: str
    part: str
    clock_ns: float
    vectors: int
    steps: tuple[StepRecord, ...]
    hls: tuple[str, ...]
    seconds: float

    def words(self) -> tuple[Part, ...]:
        """Its steps, each compared with execution by qonnx."""
        steps = [(s.name, f"{s.seconds:.2f}", f"{s.check_seconds:.2f}", s.values, s.mismatches) for s in self.steps]
        return (
            table(["FINN's step", "s", "check, s", "accumulators", "mismatches"], steps),
            f"finn-plus {self.version}: each step on {self.vectors:,} random vectors against execution by qonnx",
            *(f"in HLS only, so not simulated here: {sentence}" for sentence in self.hls),
            "",
        )


def check_board(board: Board) -> None:
    """Raises UserError if FINN does not build for the board."""
    if not board.finn:
        known = ", ".join(name for name in board_names() if find_board(name).finn)
        raise UserError(f"FINN builds for Zynq, and {board.name} is none; take one of {known}, or --backend dataflow.")


def check_chain(network: Network) -> None:
    """Raises UserError if the net has a node that the steps from its file to FINN's layers have no place for."""
    before: Node | None = None
    if network.inputs or network.outputs:
        raise UserError(f"{network.name} has {len(network.sources)} inputs and {len(network.sinks)} outputs, and FINN's step "
                        "create_dataflow_partition, as hwflow runs it, makes one chain from one input to one output; compile with "
                        "--backend dataflow.")  # fmt: skip
    for node in network.nodes:
        if isinstance(node.layer, Transpose | Reduce) or tokens_of(node.layer) > 1:
            raise UserError(f"Node {node.name} ({type(node.layer).__name__}) works on a matrix of tokens, and FINN's step "
                            "convert_to_hw, as hwflow runs it, makes layers of vectors; compile with --backend dataflow.")  # fmt: skip
        if isinstance(node.layer, Slice):
            raise UserError(f"Node {node.name} (Slice) takes a part of a vector, and FINN's step convert_to_hw, as hwflow runs it, makes "
                            "layers of whole vectors; compile with --backend dataflow.")  # fmt: skip
        alone = isinstance(node.layer, Threshold) and not (before and isinstance(before.layer, Dense))
        if isinstance(node.layer, Table | TableSum):
            raise UserError(f"Node {node.name} ({type(node.layer).__name__}) looks values up, and FINN's step qonnx_to_finn makes thresholds of "
                            "monotone activations only; compile with --backend dataflow.")  # fmt: skip
        if (
            isinstance(node.layer, Add | Product | Concat)
            or alone
            or node.inputs != (before.name if before else INPUT,)
        ):
            raise UserError(f"Node {node.name} ({type(node.layer).__name__}) belongs to a graph with branches, and FINN's step streamline, as "
                            "FINN's own builds run it, brings scales to an end along chains of matrices, each with one activation, only: it "
                            "leaves a Mul among the integers; compile with --backend dataflow.")  # fmt: skip
        before = node


def build_with_finn(
    model: Path, network: Network, board: Board, log: Path, folding: Path | None, target_fps: float | None,
    progress: Progress, environment: Environment | None = None,
) -> tuple[Project, FinnRecord]:  # fmt: skip
    """The project that FINN makes of a model file, and the record of its steps; `log` gets all that FINN says.

    environment: FINN's, if it is not the one that is set up.

    Raises UserError for a folding, a rate or a net that cannot be, MissingTool without FINN, and ToolError if a step
    fails or gives another accumulator than execution of the file by qonnx.
    """
    check_board(board)
    check_chain(network)
    asked = read_any(folding, network, wired=True) if folding else None
    if asked:
        check_for_finn(asked.folding, network, str(folding))
    goal = _goal(board, target_fps)
    environment = environment or find_environment()
    start = time.monotonic()
    with scratch_folder() as scratch:
        order = _order(model, network, board, asked, goal)
        made = run_finn(environment, order, scratch, log, progress)
    steps = _compared(network, order.q, made, log)
    design = replace(made.design, nodes=named(network, made.design.nodes))
    folds = folding_of(network, design)
    _check_rate(board, target_fps, design)
    _check_fit(network, board, design)
    check_for_finn(folds.folding, network, "FINN")
    project = project_of(network, board, made, design, folds)
    hls = tuple(f"{node.name} ({node.layer or node.op}): {node.reason}" for node in design.hls)
    record = FinnRecord(
        project=project.digest,
        version=design.version,
        part=design.part,
        clock_ns=design.clock_ns,
        vectors=len(order.q),
        steps=steps,
        hls=hls,
        seconds=time.monotonic() - start,
    )
    return project, record


def vectors_with_floats(network: Network, count: int) -> tuple[NDArray[np.float32], IntArray]:
    """Floats [n, input_size] as the model file takes them, and the integers that they mean, both spread over the input.

    Raises UserError if the input's steps cannot be turned round.
    """
    wanted = random_vectors(network, count, seed=0).x
    values = wanted.astype(np.float64)
    if any(step.kind == "step" for step in network.encode):
        values = 2 * values - 1
    gain, offset = affine([step for step in network.encode if step.kind in ("add", "sub", "mul", "div")]) or (1, 0)
    x = ((values - offset) / gain).astype(np.float32)
    q = network.quantise(x)  # a narrow quantiser never gives the least integer of its type
    if np.mean(q == wanted) < 0.5:
        raise UserError(f"The input of {network.name} has steps that hwflow cannot turn round, so FINN cannot be checked "
                        "on it; compile with --backend dataflow.")  # fmt: skip
    return x, q


def _order(model: Path, network: Network, board: Board, asked: FinnFolding | None, goal: int | None) -> Order:
    x, q = vectors_with_floats(network, CHECKED)
    room = board.resources
    kind = network.input_type
    # Inputs 0 and 1 in two bits: FINN's RTL takes no fewer.
    sent = IntType(2, signed=False) if kind == IntType(1, signed=False) else kind
    return Order(
        model=model,
        x=x,
        q=q,
        input_type=str(sent),
        part=board.device,
        clock_ns=CLOCK_NS,
        target_cycles=goal,
        folding=asked.to_job(network) if asked else None,
        dsps=int(room.dsps * _FILL) if room else 0,
        brams=int(room.brams * 2 * _FILL) if room else 0,
    )


def _goal(board: Board, target_fps: float | None) -> int | None:
    if target_fps is None:
        return None
    goal = int(1e9 / CLOCK_NS / target_fps)
    if goal < 1:
        raise UserError(f"{target_fps:g} vectors a second need more than one in each cycle of the {1e3 / CLOCK_NS:g} MHz "
                        f"clock that FINN builds {board.name} for; aim lower.")  # fmt: skip
    return goal


def _check_rate(board: Board, target_fps: float | None, design: FinnDesign) -> None:
    reached = max(node.cycles for node in design.nodes)
    if target_fps is not None and reached * CLOCK_NS * target_fps > 1e9:
        raise UserError(f"FINN folds this net for {1e9 / CLOCK_NS / reached:,.0f} vectors a second on {board.name} and no "
                        f"more, not for {target_fps:g}; aim lower.")  # fmt: skip


def _check_fit(network: Network, board: Board, design: FinnDesign) -> None:
    """As far as FINN's estimates go: multipliers and block RAMs."""
    room = board.resources
    if room is None:
        return
    dsps, brams = (sum(getattr(node, what) or 0 for node in design.nodes) for what in ("dsps", "brams"))
    needs = ((dsps, "multipliers", room.dsps), (math.ceil(brams / 2), "block RAMs", room.brams))
    over = [f"{needed:,} {what} of {available:,}" for needed, what, available in needs if needed > available]
    if over:
        raise UserError(f"By FINN's estimate {network.name} needs {' and '.join(over)} on {board.name}; fold it less, or "
                        "take a larger board.")  # fmt: skip


def _compared(network: Network, q: IntArray, made: Made, log: Path) -> tuple[StepRecord, ...]:
    """Each step's accumulators against those of the file executed by qonnx, and these against the reference.

    Raises ToolError at the first step that differs.
    """
    if isinstance(network.nodes[-1].layer, ArgMax) and all(node.op != "LabelSelect" for node in made.design.nodes):
        raise UserError(f"{network.name} ends in a class that is taken by ArgMax, which FINN has no layer for; export it "
                        "without, and the host takes the class.")  # fmt: skip
    wanted = reference.run(network, q)
    records = []
    for step in made.steps:
        integers = accumulators(network, made.outputs[step.name])
        if integers is None:
            raise UserError(f"The last steps of {network.name} cannot be undone, so FINN's sums cannot be compared; "
                            "compile with --backend dataflow.")  # fmt: skip
        wrong = int(np.count_nonzero(integers != wanted))
        if wrong:
            whose = "Execution by qonnx" if step.name == "qonnx" else f"FINN's net after the step {step.name}"
            raise ToolError(f"{whose} differs from the integers of {network.name} in {wrong:,} of {wanted.size:,} "
                            f"accumulators (log: {log}).")  # fmt: skip
        records.append(StepRecord(step.name, step.seconds, step.check_seconds, wanted.size, wrong))
    if not made.design.hls and np.any(made.outputs["hardware"] != wanted):
        raise ToolError(
            f"FINN's last node gives other integers than {network.name}, though they mean the same (log: {log})."
        )
    return tuple(records)
