"""FINN's nodes in words of hwflow: streams, files, estimates, and why one has no RTL."""

from pathlib import Path
from typing import Any

import numpy as np
from qonnx.custom_op.registry import getCustomOp


def describe(model: Any, part: str) -> list[dict[str, Any]]:
    """The nodes as `FinnNode` of hwflow has them, with paths as they are here, and `place`, the folder of each."""
    from finn.analysis.fpgadataflow.res_estimation import res_estimation

    need = res_estimation(model, fpgapart=part)
    return [_node(node, model, part, need.get(node.name, {})) for node in model.graph.node]


def _node(node: Any, model: Any, part: str, need: dict[str, Any]) -> dict[str, Any]:
    op = getCustomOp(node)
    kind, _, style = node.op_type.rpartition("_")
    attributes = op.get_nodeattr_types()
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
        "layer": "",
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
