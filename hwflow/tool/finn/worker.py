"""Runs FINN's own steps. Executed by the Python of FINN's environment, so it imports nothing of hwflow.

`worker.py JOB.json`, with the fields of `Job`. In the job's folder it leaves the model after each step (NN_step.onnx),
FINN's reports (report/), `outputs.npz` (what each step's model gives for the vectors) and `result.json`; or, if a step
fails, `failure.json` with the step, the node and FINN's own message. What FINN prints goes to standard output; lines
that start with `@` say which step is at work.
"""

import json
import os
import random
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

PINNED = "1.6.1"
STEPS_BEFORE = ("qonnx_to_finn", "tidy_up", "streamline")
STEPS_MAPPED = ("convert_to_hw", "minimize_bit_width_initial")
STEPS_FOLDED = ("minimize_bit_width", "generate_estimate_reports")
FIRST_GOAL = 64  # cycles a vector that are tried first where neither a goal nor a folding is given


class Failure(Exception):
    """A step that FINN cannot do: its name, the node (empty if none is named), and why."""

    def __init__(self, step: str, node: str, message: str) -> None:
        super().__init__(message)
        self.step, self.node, self.message = step, node, message


@dataclass(frozen=True)
class Job:
    """What to do.

    model: QONNX file; folder: where everything goes; vectors: .npz with x, floats as the model takes them, and q, the
    integers [n, size] of `input_type` that they mean; part: the FPGA; clock_ns: period; target_cycles: goal of the folding, and folding: FINN's folding file, of which one or none is
    given; dsps, brams: room (multipliers, block RAMs of 18 kbit) for a folding that is chosen here without a goal.
    """

    model: str
    folder: str
    vectors: str
    input_type: str
    part: str
    clock_ns: float
    target_cycles: int | None
    folding: str | None
    dsps: int
    brams: int


def main(path: str) -> int:
    """Do the job of a file; the exit status."""
    _end_with_parent()
    job = Job(**json.loads(Path(path).read_text()))
    folder = Path(job.folder)
    current = [""]
    try:
        result = _run(job, folder, current)
    except Failure as failure:
        return _failed(folder, failure)
    except Exception as error:  # whatever FINN raises becomes a sentence on the other side
        import traceback

        traceback.print_exc(file=sys.stdout)
        return _failed(folder, Failure(current[0], _node_in(str(error)), f"{type(error).__name__}: {error}"))
    (folder / "result.json").write_text(json.dumps(result, indent=1))
    return 0


def _failed(folder: Path, failure: Failure) -> int:
    told = {"step": failure.step, "node": failure.node, "message": " ".join(failure.message.split())[:400]}
    (folder / "failure.json").write_text(json.dumps(told))
    return 1


def _node_in(text: str) -> str:
    """The first word that looks like a node's name, as MVAU_rtl_0."""
    words = (word.strip(".,:;()'\"") for word in text.split())
    return next((w for w in words if "_" in w and w[:1].isupper() and w.rsplit("_", 1)[-1].isdigit()), "")


def _end_with_parent() -> None:
    """If hwflow dies, however it dies, this does too."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def load_finn(build: Path) -> Any:
    """FINN's module of steps, imported without Vivado and without torch. Raises Failure for another version."""
    found = version("finn-plus")
    if found != PINNED:
        raise Failure("start", "", f"this is finn-plus {found}, and hwflow works with {PINNED} only")
    build.mkdir(parents=True, exist_ok=True)
    # Where FINN would otherwise write into the home folder.
    os.environ["FINN_BUILD_DIR"] = str(build)
    os.environ["FINN_SETTINGS"] = str(build / "settings.yaml")
    with _no_torch():
        import finn.custom_op.fpgadataflow.layernorm  # noqa: F401  (the one module on this road that imports torch)
    import finn.xsi

    for name in finn.xsi._LAZY_NAMES:  # the vendor's simulator, asked for on import and not used here
        if name not in vars(finn.xsi):
            setattr(finn.xsi, name, None)
    import finn.builder.build_dataflow_steps as steps

    return steps


@contextmanager
def _no_torch() -> Iterator[None]:
    """Empty modules in the place of torch, unless it is there."""
    from importlib.util import find_spec

    if find_spec("torch") is not None:
        yield
        return
    names = ("torch", "torch.nn", "torch.nn.functional")
    made: dict[str, Any] = {name: types.ModuleType(name) for name in names}
    made["torch"].nn, made["torch.nn"].functional = made["torch.nn"], made["torch.nn.functional"]
    made["torch"].Tensor = type("Tensor", (), {})
    sys.modules.update(made)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


class Run:
    """The steps done so far: their times, their models, and what those give for the vectors."""

    def __init__(self, folder: Path, x: Any, current: list[str]) -> None:
        self.folder, self.x, self.current = folder, x, current
        self.steps: list[dict[str, Any]] = []
        self.outputs: dict[str, Any] = {}

    def do(self, name: str, work: Callable[[], Any], execute: Callable[[Any], Any] | None) -> Any:
        """One step: its model, saved, and its outputs."""
        print(f"@{name}", flush=True)
        self.current[0] = name
        random.seed(0)  # names of new tensors are random, and a project must not be
        start = time.monotonic()
        model = work()
        seconds = time.monotonic() - start
        file = f"{len(self.steps):02}_{name}.onnx"
        _portable(model).save(str(self.folder / file))
        start = time.monotonic()
        if execute:
            self.outputs[name] = np.asarray(execute(model), dtype=np.float64).reshape(len(self.x), -1)
        checked = time.monotonic() - start
        self.steps.append({"name": name, "file": file, "seconds": seconds, "check_seconds": checked})
        return model


def _run(job: Job, folder: Path, current: list[str]) -> dict[str, Any]:
    current[0] = "start"
    print("@start", flush=True)
    start = time.monotonic()
    steps = load_finn(folder / "build")
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.util.cleanup import cleanup_model

    loaded = time.monotonic() - start
    with np.load(job.vectors) as file:
        x, q = file["x"], file["q"]
    run = Run(folder, x, current)
    config = _config(job, folder)

    def step(name: str, model: Any, execute: Callable[[Any], Any]) -> Any:
        return run.do(name, lambda: getattr(steps, f"step_{name}")(model, config), execute)

    model = run.do("qonnx", lambda: cleanup_model(ModelWrapper(job.model)), lambda m: execute_model(m, x))
    model = run.do("split_input", lambda: _without_input(model, x, q, job.input_type), lambda m: execute_model(m, q))
    for name in STEPS_BEFORE:
        model = step(name, model, lambda m: execute_model(m, q))
    current[0] = "split_output"
    model, tail = _split_output(model)

    def execute(m: Any) -> Any:
        raw = execute_model(m, q)
        run.outputs["hardware"] = raw.reshape(len(q), -1)
        return execute_model(tail, raw) if tail.graph.node else raw

    model = run.do("split_output", lambda: model, execute)
    for name in STEPS_MAPPED:
        model = step(name, model, execute)
    model = step("create_dataflow_partition", model, execute)
    _prefer_rtl(model)
    model = step("specialize_layers", model, execute)
    goal = job.target_cycles
    if job.folding is None:
        model = run.do("target_fps_parallelization", lambda: _fold(model, steps, config, job), execute)
    else:
        model = run.do("apply_folding_config", lambda: _apply_folding(model, steps, config), execute)
    for name in STEPS_FOLDED:
        model = step(name, model, execute)
    model = run.do("insert_dwc_fifo", lambda: _insert(model, job.part), execute)
    model = step("hw_codegen", model, execute)
    np.savez_compressed(folder / "outputs.npz", **run.outputs)
    return {
        "version": version("finn-plus"),
        "load_seconds": loaded,
        "goal": goal,
        "steps": run.steps,
        "nodes": [_node(node, model, folder, job.part) for node in model.graph.node],
    }


def _config(job: Job, folder: Path) -> Any:
    from finn.builder.build_dataflow_config import DataflowBuildConfig, DataflowOutputType

    return DataflowBuildConfig(
        output_dir=str(folder),
        synth_clk_period_ns=job.clock_ns,
        fpga_part=job.part,
        standalone_thresholds=True,
        generate_outputs=[DataflowOutputType.ESTIMATE_REPORTS],
        folding_config_file=Path(job.folding) if job.folding else None,
        save_intermediate_models=False,
    )


def execute_model(model: Any, x: Any) -> Any:
    """Outputs [n, …] of a model for x [n, …], all vectors at once where the model has a batch of one."""
    from finn.core.onnx_exec import execute_onnx
    from finn.util.verification import despecialize_model

    model = despecialize_model(model)
    source, sink = model.graph.input[0].name, model.graph.output[0].name
    shape = [int(size) for size in model.get_tensor_shape(source)]
    if shape[0] == 1 and len(shape) > 1:
        _set_batch(model, len(x))
        return execute_onnx(model, {source: x.reshape(len(x), *shape[1:]).astype(np.float32)})[sink]
    rows = [execute_onnx(model, {source: row.reshape(shape).astype(np.float32)})[sink] for row in x]
    return np.stack(rows)


def _set_batch(model: Any, count: int) -> None:
    """Make a model that is written for one vector take `count` at a time."""
    from onnx import numpy_helper
    from qonnx.custom_op.registry import getCustomOp

    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.name not in constants and len(dims) > 1 and dims[0].dim_value == 1:
            dims[0].dim_value = count
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for tensor in graph.initializer:
        if tensor.name in shapes:
            wanted = numpy_helper.to_array(tensor).copy()
            if wanted.size > 1 and wanted[0] == 1:
                wanted[0] = count
                tensor.CopyFrom(numpy_helper.from_array(wanted, tensor.name))
    for node in graph.node:
        if node.domain.startswith("finn.custom_op.fpgadataflow"):
            op = getCustomOp(node)
            for name in ("numInputVectors", "normal_shape", "inShape", "outShape"):
                if name in op.get_nodeattr_types():
                    old = list(op.get_nodeattr(name))
                    op.set_nodeattr(name, [count, *old[1:]])


def _without_input(model: Any, x: Any, q: Any, kind: str) -> Any:
    """The model from its first product on, with integers q of type `kind` as input: what makes them is the host's.

    FINN reads a quantiser of one unsigned bit as one of -1 and +1, so the input's own is not left to it.
    """
    from copy import deepcopy

    from onnx import TensorProto, helper, numpy_helper
    from qonnx.core.datatype import DataType
    from qonnx.transformation.infer_shapes import InferShapes

    first = next((node for node in model.graph.node if node.op_type in ("MatMul", "Gemm")), None)
    if first is None:
        raise Failure("split_input", "", "there is no matrix product to map")
    inner = first.input[0]
    front = _ancestors(model, inner)
    head, body = deepcopy(model), deepcopy(model)
    size = q.shape[1]
    values = x.reshape(len(x), -1)
    if front:
        _cut(head, front, model.graph.input[0].name, inner)
        values = execute_model(head, x).reshape(len(x), -1)
    gain, offset = _affine(q, values)
    _cut(body, [node.name for node in model.graph.node if node.name not in front], inner, model.graph.output[0].name)
    graph = body.graph
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("q", TensorProto.FLOAT, [1, size]))
    before = "q"
    for number, (operator, value) in enumerate((("Mul", gain), ("Add", offset))):
        graph.initializer.append(numpy_helper.from_array(np.float32(value), f"q_{operator}"))
        after = inner if number else "q_scaled"
        node = helper.make_node(operator, [before, f"q_{operator}"], [after], name=f"input_{operator.lower()}")
        graph.node.insert(number, node)
        before = after
    body = body.transform(InferShapes())
    body.set_tensor_datatype("q", DataType[kind])
    return body


def _affine(q: Any, values: Any) -> tuple[float, float]:
    """gain and offset with values = gain * q + offset in float32. Raises Failure if there are none."""
    known = {int(k): float(values[q == k][0]) for k in np.unique(q)}
    (low, at_low), (high, at_high) = min(known.items()), max(known.items())
    offset = known[0] if 0 in known and known[0] != 0 else 0.0
    gain = at_high / high if not offset and high else (at_high - at_low) / max(high - low, 1)
    if not np.array_equal(np.float32(gain) * q.astype(np.float32) + np.float32(offset), values.astype(np.float32)):
        raise Failure("split_input", "", "the input's integers are not in one scale, which FINN's first product needs")
    return gain, offset


def _ancestors(model: Any, tensor: str) -> list[str]:
    """Names of the nodes that a tensor comes from."""
    makers = {output: node for node in model.graph.node for output in node.output}
    found: dict[str, None] = {}
    todo = [tensor]
    while todo:
        maker = makers.get(todo.pop())
        if maker is not None and maker.name not in found:
            found[maker.name] = None
            todo.extend(maker.input)
    return list(found)


def _split_output(model: Any) -> tuple[Any, Any]:
    """The integer chain, and the float steps after it, which are the host's."""
    from copy import deepcopy

    nodes = list(model.graph.node)
    last = max((i for i, node in enumerate(nodes) if "MatMul" in node.op_type), default=-1)
    for node in nodes[: last + 1]:
        if node.op_type not in ("MatMul", "XnorPopcountMatMul", "MultiThreshold"):
            raise Failure("streamline", node.name, f"streamlining left a {node.op_type} among the integers")
        if not model.get_tensor_datatype(node.input[0]).is_integer():
            raise Failure("streamline", node.name, "streamlining left it with inputs that are no integers")
    end = last + 1
    while end < len(nodes) and nodes[end].op_type in ("MultiThreshold", "TopK"):
        end += 1
    chain, tail = deepcopy(model), deepcopy(model)
    sink = nodes[end - 1].output[-1]
    _cut(chain, [node.name for node in nodes[:end]], model.graph.input[0].name, sink)
    _cut(tail, [node.name for node in nodes[end:]], sink, model.graph.output[0].name)
    return chain, tail


def _cut(model: Any, keep: list[str], source: str, sink: str) -> None:
    """Leave only the nodes from tensor `source` to tensor `sink`, which become the graph's input and output."""
    from onnx import TensorProto, helper

    graph = model.graph
    shapes = {name: model.get_tensor_shape(name) for name in (source, sink)}
    kinds = {name: model.get_tensor_datatype(name) for name in (source, sink)}
    for node in list(graph.node):
        if node.name not in keep:
            graph.node.remove(node)
    for name, ports in ((source, graph.input), (sink, graph.output)):
        del ports[:]
        ports.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]))
    read = {name for node in graph.node for name in node.input}
    used = read | {name for node in graph.node for name in node.output}
    unused = [
        (graph.value_info, [v for v in graph.value_info if v.name not in used or v.name in shapes]),
        (graph.initializer, [t for t in graph.initializer if t.name not in read]),
        (graph.quantization_annotation, [n for n in graph.quantization_annotation if n.tensor_name not in used]),
    ]
    for items, gone in unused:
        for item in gone:
            items.remove(item)
    for name, kind in kinds.items():
        model.set_tensor_datatype(name, kind)


def _prefer_rtl(model: Any) -> None:
    from qonnx.custom_op.registry import getCustomOp

    for node in model.graph.node:
        getCustomOp(node).set_nodeattr("preferred_impl_style", "rtl")


def _fold(model: Any, steps: Any, config: Any, job: Job) -> Any:
    """FINN's own choice for the goal; without one, the fewest cycles, from 64 on by doubling, for which there is room."""
    goal, given = job.target_cycles or FIRST_GOAL, job.target_cycles is not None
    while True:
        config.target_fps = 1e9 / config.synth_clk_period_ns / (goal + 1e-6)
        config.mvau_wwidth_max = 8191
        model = steps.step_target_fps_parallelization(model, config)
        _make_safe(model)
        dsps, brams = _need(model, job.part)
        if given or (dsps <= job.dsps and brams <= job.brams) or goal > 1 << 24:
            return model
        goal *= 2


def _need(model: Any, part: str) -> tuple[int, int]:
    from finn.analysis.fpgadataflow.res_estimation import res_estimation

    need = res_estimation(model, fpgapart=part).values()
    return int(sum(entry["DSP"] for entry in need)), int(sum(entry["BRAM_18K"] for entry in need))


def _make_safe(model: Any) -> None:
    """Where SIMD is the whole width of the matrix and a later layer is slower, SIMD one divisor less and PE the more.

    hwflow refuses such a folding in a file, with the reason; here FINN chose it.
    """
    from qonnx.custom_op.registry import getCustomOp

    ops = [getCustomOp(node) for node in model.graph.node]
    for i, op in enumerate(ops):
        if not op.onnx_node.op_type.startswith("MVAU"):
            continue
        mw, mh = op.get_nodeattr("MW"), op.get_nodeattr("MH")
        slowest = max((later.get_exp_cycles() for later in ops[i + 1 :]), default=0)
        if op.get_nodeattr("SIMD") != mw or mw == 1 or slowest <= op.get_exp_cycles():
            continue
        goal = max(slowest, op.get_exp_cycles())
        op.set_nodeattr("SIMD", max(d for d in range(1, mw) if mw % d == 0))
        for pe in (d for d in range(1, mh + 1) if mh % d == 0):
            op.set_nodeattr("PE", pe)
            if op.get_exp_cycles() <= goal:
                break


def _apply_folding(model: Any, steps: Any, config: Any) -> Any:
    return steps.step_apply_folding_config(model, config)


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
    from copy import deepcopy

    model = deepcopy(model)
    places = {"code_gen_dir_ipgen", "ipgen_path", "ip_path", "model"}
    for node in model.graph.node:
        for attribute in list(node.attribute):
            if attribute.name in places:
                node.attribute.remove(attribute)
    return model


def _node(node: Any, model: Any, folder: Path, part: str) -> dict[str, Any]:
    """A node as `FinnNode` of hwflow has it, with paths as they are here."""
    from finn.analysis.fpgadataflow.res_estimation import res_estimation
    from qonnx.custom_op.registry import getCustomOp

    op = getCustomOp(node)
    kind, _, style = node.op_type.rpartition("_")
    attributes = op.get_nodeattr_types()
    need = res_estimation(model, fpgapart=part).get(node.name, {})
    names = op.get_verilog_top_module_intf_names()

    def value(name: str) -> int:
        return int(op.get_nodeattr(name)) if name in attributes else 0

    def stream(ports: Any, folded: Any, kind: Any) -> dict[str, Any]:
        port, width = ports[0]
        size = int(np.prod(folded))
        return {"port": port, "size": size, "lanes": int(folded[-1]), "kind": _type(kind), "width": int(width)}

    place = Path(op.get_nodeattr("code_gen_dir_ipgen"))
    sources = [str(path) for path in op.get_rtl_file_list(True)] if style == "rtl" else []
    weights = None
    wrapper = place / f"{node.name}_memstream_wrapper.v"
    if kind == "MVAU" and style == "rtl" and wrapper.exists():
        sources = [*_memstream_files(), *sources, str(wrapper)]
        width = int(op.get_instream_width(1))
        weights = {
            "module": f"{node.name}_memstream_wrapper",
            "port": "in1_V",
            "depth": value("MW") * value("MH") // (value("PE") * value("SIMD")),
            "width": -(-width // 8) * 8,
            "kind": _type(op.get_input_datatype(1)),
            "memory": str(place / "memblock.dat"),
        }
    if style == "hls":
        sources = sorted(str(path) for path in place.rglob("*") if path.suffix in (".cpp", ".h", ".hpp"))
    return {
        "name": node.name,
        "op": kind,
        "style": style,
        "reason": _why_hls(op, kind, part, model) if style == "hls" else "",
        "module": str(op.get_nodeattr("gen_top_module")) if "gen_top_module" in attributes else node.name,
        "rows": value("MH") or (value("NumChannels") if kind == "Thresholding" else 0),
        "columns": value("MW"),
        "pe": value("PE"),
        "simd": value("SIMD"),
        "cycles": int(op.get_exp_cycles()),
        "depth": value("depth") if kind == "StreamingFIFO" else 0,
        "input": stream(names["s_axis"], op.get_folded_input_shape(), op.get_input_datatype()),
        "output": stream(names["m_axis"], op.get_folded_output_shape(), op.get_output_datatype()),
        "weights": weights,
        "sources": sources,
        "memories": sorted(str(path) for path in place.glob("*.dat")),
        "place": str(place),
        "luts": int(need.get("LUT", 0)) or None,
        "brams": int(need["BRAM_18K"]) if "BRAM_18K" in need else None,
        "dsps": int(need["DSP"]) if "DSP" in need else None,
    }


def _type(kind: Any) -> str:
    """Names of hwflow's types: BINARY is UINT1, BIPOLAR, which is sent as the bits 0 and 1, too."""
    return {"BINARY": "UINT1", "BIPOLAR": "UINT1"}.get(kind.name, str(kind.name))


def _memstream_files() -> list[str]:
    from finn.util.settings import get_settings

    library = Path(get_settings().finn_rtllib)
    return [
        str(library / path)
        for path in ("axi/hdl/axilite.sv", "memstream/hdl/memstream_axi.sv", "memstream/hdl/memstream.sv")
    ]


def _why_hls(op: Any, kind: str, part: str, model: Any) -> str:
    """The first of the conditions of FINN's RTL that does not hold, in words."""
    if kind != "MVAU":
        return f"FINN has {kind} in HLS only"
    from finn.util.basic import get_dsp_block

    if op.get_nodeattr("binaryXnorMode"):
        return "its inputs and weights are of one bit each, and FINN's RTL has no XNOR product"
    if not op.get_nodeattr("noActivation"):
        return "its thresholds are inside it, and FINN's RTL keeps them apart"
    weight, data = op.get_input_datatype(1), op.get_input_datatype(0)
    least = np.min(model.get_initializer(op.onnx_node.input[1]))
    if weight.bitwidth() < 2:
        return "its weights are of one bit, and FINN's RTL takes two or more"
    if not weight.signed():
        return "its weights are unsigned, and FINN's RTL takes signed ones"
    if data.bitwidth() < 2:
        return "its inputs are of one bit, and FINN's RTL takes two or more"
    if least == weight.min() and get_dsp_block(part) == "DSP48E1":
        return f"a weight is {int(least)}, and FINN's RTL for this part takes symmetric (narrow) weights only"
    return f"its widths (inputs {data.name}, weights {weight.name}) are beyond the multipliers of this part"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
