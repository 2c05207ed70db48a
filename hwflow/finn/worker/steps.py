"""FINN's steps in order, each timed, its model saved and executed."""

import random
import time
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.cleanup import cleanup_model

from .execution import execute_model
from .folding import apply_folding, choose_folding
from .job import Job
from .nodes import describe
from .rounding import keep_halves_even, rounded_tensors
from .start import load_finn
from .surgery import split_output, without_input


class Run:
    """The steps done so far: their times, their models, and what those give for the vectors. `at`: the step at work."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at = folder, ""
        self.steps: list[dict[str, Any]] = []
        self.outputs: dict[str, Any] = {}

    def enter(self, name: str) -> None:
        self.at = name
        print(f"@{name}", flush=True)

    def do(self, name: str, work: Callable[[], Any], execute: Callable[[Any], Any]) -> Any:
        """One step: its model, saved, and its outputs [vectors, outputs]."""
        self.enter(name)
        random.seed(0)  # names of new tensors are random, and a project must not be
        start = time.monotonic()
        model = work()
        seconds = time.monotonic() - start
        file = f"{len(self.steps):02}_{name}.onnx"
        _portable(model).save(str(self.folder / file))
        start = time.monotonic()
        outputs = np.asarray(execute(model), dtype=np.float64)
        self.outputs[name] = outputs.reshape(len(outputs), -1)
        checked = time.monotonic() - start
        self.steps.append({"name": name, "file": file, "seconds": seconds, "check_seconds": checked})
        return model


def run_steps(job: Job, run: Run) -> dict[str, Any]:
    """All steps; what `result.json` holds. Raises Failure, or whatever FINN raises."""
    run.enter("start")
    start = time.monotonic()
    steps = load_finn(run.folder / "build")
    loaded = time.monotonic() - start
    with np.load(job.vectors) as file:
        x, q = file["x"], file["q"]
    config = _config(job, run.folder)

    def on_integers(model: Any) -> Any:
        return execute_model(model, q)

    model = run.do("qonnx", lambda: cleanup_model(ModelWrapper(job.model)), lambda model: execute_model(model, x))
    model = run.do("split_input", lambda: without_input(model, x, q, job.input_type), on_integers)
    model = run.do("qonnx_to_finn", lambda: _convert(model, steps, config), on_integers)
    for name in ("tidy_up", "streamline"):
        model = run.do(name, partial(getattr(steps, f"step_{name}"), model, config), on_integers)
    chain, tail = split_output(model)

    def whole(model: Any) -> Any:
        raw = execute_model(model, q)
        run.outputs["hardware"] = raw.reshape(len(q), -1)
        return execute_model(tail, raw) if tail.graph.node else raw

    model = run.do("split_output", lambda: chain, whole)
    for name in ("convert_to_hw", "minimize_bit_width_initial", "create_dataflow_partition"):
        model = run.do(name, partial(getattr(steps, f"step_{name}"), model, config), whole)
    _prefer_rtl(model)
    model = run.do("specialize_layers", lambda: steps.step_specialize_layers(model, config), whole)
    folding = job.folding
    if folding is None:
        model = run.do("target_fps_parallelization", lambda: choose_folding(model, steps, config, job), whole)
    else:
        model = run.do("apply_folding_config", lambda: apply_folding(model, steps, config, folding), whole)
    for name in ("minimize_bit_width", "generate_estimate_reports"):
        model = run.do(name, partial(getattr(steps, f"step_{name}"), model, config), whole)
    model = run.do("insert_dwc_fifo", lambda: _insert(model, job.part), whole)
    model = run.do("hw_codegen", lambda: steps.step_hw_codegen(model, config), whole)
    np.savez_compressed(run.folder / "outputs.npz", **run.outputs)
    return {
        "version": version("finn-plus"),
        "load_seconds": loaded,
        "steps": run.steps,
        "nodes": describe(model, job.part),
    }


def _convert(model: Any, steps: Any, config: Any) -> Any:
    """FINN's own conversion, with the halves of its thresholds as QONNX has them."""
    cleaned = cleanup_model(model)  # the conversion does so too, and must find the names that are noted here
    rounded = rounded_tensors(cleaned)
    return keep_halves_even(steps.step_qonnx_to_finn(cleaned, config), rounded)


def _config(job: Job, folder: Path) -> Any:
    from finn.builder.build_dataflow_config import DataflowBuildConfig, DataflowOutputType

    return DataflowBuildConfig(
        output_dir=str(folder),
        synth_clk_period_ns=job.clock_ns,
        fpga_part=job.part,
        standalone_thresholds=True,
        generate_outputs=[DataflowOutputType.ESTIMATE_REPORTS],
        save_intermediate_models=False,
    )


def _prefer_rtl(model: Any) -> None:
    from qonnx.custom_op.registry import getCustomOp

    for node in model.graph.node:
        getCustomOp(node).set_nodeattr("preferred_impl_style", "rtl")


def _insert(model: Any, part: str) -> Any:
    """Converters of width and FIFOs between the layers, as modules like the others."""
    from finn.transformation.fpgadataflow.insert_dwc import InsertDWC
    from finn.transformation.fpgadataflow.insert_fifo import InsertFIFO
    from finn.transformation.fpgadataflow.specialize_layers import SpecializeLayers
    from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames

    for transformation in (
        InsertDWC(),
        InsertFIFO(create_shallow_fifos=True),
        SpecializeLayers(part),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
    ):
        model = model.transform(transformation)
    return model


def _portable(model: Any) -> Any:
    """The model without the paths of the folder it was made in, and without dates."""
    model = deepcopy(model)
    places = {"code_gen_dir_ipgen", "ipgen_path", "ip_path", "model"}
    for node in model.graph.node:
        for attribute in list(node.attribute):
            if attribute.name in places:
                node.attribute.remove(attribute)
    return model
