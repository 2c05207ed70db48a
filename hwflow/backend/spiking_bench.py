"""The simulation top of one or more spiking cores, without link or device: the ports of the core, as wide for all.

`hwf_bench` has one clock for each core, of which the program around the model moves one (rtl/sim/spiking.cpp).
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from hwflow.backend.verilog import instance
from hwflow.spiking import Core

TOP = "hwf_bench"

_INPUTS = {  # that every core takes as they are
    "axon_valid": 1,
    "axon": 12,
    "clear_axons": 1,
    "tick": 1,
    "normalise": 1,
    "learn": 1,
    "weight_shift": 4,
    "rule": 4,
    "potentiation": 16,
    "depression": 16,
    "pre_decay": 16,
    "post_decay": 16,
    "adaptation_decay": 16,
    "target": 20,
    "host_valid": 1,
    "host_write": 1,
    "host_region": 2,
    "host_row": 13,
    "host_column": 12,
    "host_wdata": 32,
}
_OUTPUTS = {
    "axon_ready": 1,
    "busy": 1,
    "spike_valid": 1,
    "spike": 12,
    "event_valid": 1,
    "saturations": 8,
    "host_ready": 1,
    "host_rdata": 32,
}


def _cut(core: Core) -> Mapping[str, int]:
    """Inputs of which a core takes as many bits as it is wide."""
    weight, trace = core.weight_bits, core.trace_bits
    return {
        "pre_step": trace,
        "post_step": trace,
        "weight_min": weight,
        "weight_max": weight,
        "adaptation_step": core.state_bits - 1,
    }


def core_parameters(core: Core) -> dict[str, int]:
    """The parameters of hwf_spiking, and of hwf_spiking_device."""
    return {part.name.upper(): int(getattr(core, part.name)) for part in fields(Core)}


def bench_module(cores: Sequence[Core]) -> str:
    """SystemVerilog of the top: each core of its own parameters, the outputs those of core `chosen`."""
    wide = dict.fromkeys(_cut(cores[0]), 32)
    ports = [f"    input  logic [{len(cores) - 1}:0] clk", "    input  logic rst", "    input  int chosen"]
    ports += [f"    input  logic [{bits - 1}:0] {name}" for name, bits in (_INPUTS | wide).items()]
    ports += [f"    output logic [{bits - 1}:0] {name}" for name, bits in _OUTPUTS.items()]
    text = [
        f"// Made by hwflow for simulation: {len(cores)} spiking cores side by side.\n",
        "// verilator lint_off UNUSEDSIGNAL\n",
        f"module {TOP} (\n" + ",\n".join(ports) + "\n);\n",
        "// verilator lint_on UNUSEDSIGNAL\n",
    ]
    for i, core in enumerate(cores):
        text += [f"  logic [{bits - 1}:0] {name}_{i};\n" for name, bits in _OUTPUTS.items()]
        wiring = {"clk": f"clk[{i}]", "rst": "rst"}
        wiring |= {name: name for name in _INPUTS}
        wiring |= {name: f"{name}[{bits - 1}:0]" for name, bits in _cut(core).items()}
        wiring |= {name: f"{name}_{i}" for name in _OUTPUTS}
        text.append(instance("hwf_spiking", f"core{i}", core_parameters(core), wiring))
    text.append("  always_comb begin\n")
    text += [f"    {name} = {name}_0;\n" for name in _OUTPUTS]
    for i in range(1, len(cores)):
        text.append(f"    if (chosen == {i}) begin\n")
        text += [f"      {name} = {name}_{i};\n" for name in _OUTPUTS]
        text.append("    end\n")
    text.append("  end\nendmodule\n")
    return "".join(text)
