"""Choosing a folding with FINN's own transformation, and keeping off those that are unsafe."""

import json
from pathlib import Path
from typing import Any

from qonnx.custom_op.registry import getCustomOp

from .job import Failure, Job

FIRST_GOAL = 64  # cycles a vector that are tried first where neither a goal nor a folding is given
_WIDEST = 8191  # bits of a row's weights a cycle: FINN's limit, and its default
_NARROW = 36


def choose_folding(model: Any, steps: Any, config: Any, job: Job) -> Any:
    """FINN's own choice for the goal; without one, the fewest cycles, from 64 on by doubling, for which there is room.

    FINN widens SIMD first, by divisors. Where that takes too many multipliers (a prime width has no divisor between), it
    is bounded, as FINN's own default bounds it, and FINN takes PE instead. A goal that is missed once the folding is
    made safe is tried again with half of it.
    """
    asked = job.target_cycles
    goals = [FIRST_GOAL << i for i in range(20)] if asked is None else [max(asked >> i, 1) for i in range(6)]
    for goal in goals:
        for width in (_WIDEST, _NARROW):
            folded = _fold(model, steps, config, goal, width)
            dsps, brams = _need(folded, job.part)
            if _slowest(folded) <= (asked or goal) and dsps <= job.dsps and brams <= job.brams:
                return folded
    return _fold(model, steps, config, asked or goals[-1], _WIDEST)  # hwflow says what is missed


def _fold(model: Any, steps: Any, config: Any, goal: int, width: int) -> Any:
    """FINN's own step, and what is unsafe of its choice made safe."""
    config.target_fps = 1e9 / config.synth_clk_period_ns / (goal + 1e-6)
    config.mvau_wwidth_max = width
    folded = steps.step_target_fps_parallelization(model, config)
    _make_safe(folded)
    return folded


def _slowest(model: Any) -> int:
    return max(int(getCustomOp(node).get_exp_cycles()) for node in model.graph.node)


def _need(model: Any, part: str) -> tuple[int, int]:
    from finn.analysis.fpgadataflow.res_estimation import res_estimation

    need = res_estimation(model, fpgapart=part).values()
    return int(sum(entry["DSP"] for entry in need)), int(sum(entry["BRAM_18K"] for entry in need))


def _make_safe(model: Any) -> None:
    """Where SIMD is the whole width of the matrix, SIMD one divisor less and PE the more.

    hwflow refuses such a folding in a file, with the reason; here FINN chose it.
    """
    ops = [getCustomOp(node) for node in model.graph.node]
    for i, op in enumerate(ops):
        if not op.onnx_node.op_type.startswith("MVAU"):
            continue
        mw, mh = op.get_nodeattr("MW"), op.get_nodeattr("MH")
        slowest = max((later.get_exp_cycles() for later in ops[i + 1 :]), default=0)
        if op.get_nodeattr("SIMD") != mw or mw == 1:
            continue
        goal = max(slowest, op.get_exp_cycles())
        op.set_nodeattr("SIMD", max(d for d in range(1, mw) if mw % d == 0))
        for pe in (d for d in range(1, mh + 1) if mh % d == 0):
            op.set_nodeattr("PE", pe)
            if op.get_exp_cycles() <= goal:
                break


def apply_folding(model: Any, steps: Any, config: Any, folding: dict[str, list[dict[str, Any]]]) -> Any:
    """FINN's own step, on a file that names the nodes as they are called here. Raises Failure if their number differs."""
    document: dict[str, Any] = {"Defaults": {}}
    for op, entries in folding.items():
        nodes = [node.name for node in model.graph.node if node.op_type.startswith(op)]
        if len(nodes) != len(entries):
            raise Failure("apply_folding_config", "", f"FINN made {len(nodes)} {op} nodes of {len(entries)} layers")
        document |= dict(zip(nodes, entries, strict=True))
    path = Path(config.output_dir) / "folding.json"
    path.write_text(json.dumps(document))
    config.folding_config_file = path
    return steps.step_apply_folding_config(model, config)
