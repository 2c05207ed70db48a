"""The simulation top of one or more spiking cores, without link or device: the ports of the core, as wide for all, and what a host is told.

`hwf_bench` has one clock for each core, of which the program around the model moves one (rtl/sim/spiking.cpp).
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from hwflow.shell.verilog import Literal, instance
from hwflow.spiking.backend.estimate import log_words
from hwflow.spiking.blocks import Block, fan_in, stored
from hwflow.spiking.map import MODULATION, Setting
from hwflow.spiking.network import Core

TOP = "hwf_bench"

_LIVE = (
    "axon_valid",
    "tick",
    "to_rest",
    "normalise",
    "host_valid",
)  # the inputs of one bit that the program sets cycle by cycle
_GIVEN = {  # what it sets beforehand: they reach the cores through registers, at a rising edge of `give`
    "axon": 14,
    "axon_value": 8,
    "normalise_one": 1,
    "normalise_neuron": 14,
    "host_write": 1,
    "host_region": 3,
    "host_row": 14,
    "host_column": 14,
    "host_wdata": 32,
}
_TOLD = {"told_busy": 1, "told_valid": 1, "told_word": 32}
_NEURONS = (Setting.WEIGHT_SHIFT, Setting.ADAPTATION_DECAY, Setting.ADAPTATION_STEP)
_LEARNING = (Setting.LEARN, Setting.POTENTIATION, Setting.DEPRESSION, Setting.PRE_DECAY, Setting.POST_DECAY,
             Setting.PRE_STEP, Setting.POST_STEP, Setting.WEIGHT_MIN, Setting.WEIGHT_MAX, Setting.TARGET)  # fmt: skip
_RULE = (
    "rectangular",
    "nearest",
    "plastic_axons",
    "plastic_neurons",
    "stochastic",
    "modulated",
)  # of `learning` too, bit by bit
_OUTPUTS = {
    "axon_ready": 1,
    "busy": 1,
    "spike_valid": 1,
    "spike": 14,
    "event_valid": 1,
    "saturations": 8,
    "host_ready": 1,
    "host_rdata": 32,
}


def core_parameters(core: Core) -> dict[str, int | str]:
    """The parameters of hwf_spiking; hwf_spiking_device has them too."""
    plain: dict[str, int | str] = {
        part.name.upper(): int(getattr(core, part.name))
        for part in fields(Core)
        if part.name not in ("blocks", "entries", "counting")
    }
    if core.entries:
        return plain | {"ENTRIES": core.entries, "STORED": core.entries // core.lanes}
    if not core.blocks:
        return plain
    return plain | {
        "BLOCKS": len(core.blocks),
        "PLACES": Literal(f"512'h{places_of(core.blocks, core.lanes):x}"),
        "STORED": max(stored(core.blocks, core.sources, core.neurons) // core.lanes**2, 1),  # no memory has no words
        "FAN_IN": fan_in(core.blocks, core.sources, core.neurons),
    }


def places_of(blocks: Sequence[Block], lanes: int) -> int:
    """PLACES of hwf_blocks: of each block, the first one lowest, 16 bits each, END, FIRST, WIDTH in words; then plastic, and LEVEL."""
    places, end = 0, 0
    for number, block in enumerate(blocks):
        end += block.sources // lanes
        traits = int(block.plastic) | (block.level & 0xFF) << 8
        for place, value in enumerate((end, block.first // lanes, block.neurons // lanes, traits)):
            places |= value << (64 * number + 16 * place)
    return places


def bench_module(cores: Sequence[Core]) -> str:
    """SystemVerilog of the top: each core of its own parameters, the outputs those of core `chosen`.

    Verilator looks at all that hangs on an input whenever the model is evaluated; behind registers it need not.
    """
    ports = [f"    input  logic [{len(cores) - 1}:0] clk", "    input  logic rst", "    input  int chosen"]
    ports += [f"    input  logic {name}" for name in ("give", *_LIVE, "recount", "give_counts")]
    ports += ["    input  logic [4:0] setting", "    input  logic [31:0] value"]
    ports += [f"    input  logic {_range(bits)}{name}" for name, bits in _GIVEN.items()]
    outputs = _OUTPUTS | _TOLD
    ports += [f"    output logic {_range(bits)}{name}" for name, bits in outputs.items()]
    text = [
        f"// Made by hwflow for simulation: {len(cores)} spiking cores side by side.\n",
        f"module {TOP} (\n" + ",\n".join(ports) + "\n);\n",
        "  // verilator lint_off UNUSEDSIGNAL\n  logic [31:0] values[32];\n  // verilator lint_on UNUSEDSIGNAL\n",
        "  hwf_core::settings_t settings;\n",
        *(f"  assign settings.{name} = $bits(settings.{name})'({value});\n" for name, value in _fields()),
        *(f"  logic {_range(bits)}given_{name};\n" for name, bits in _GIVEN.items()),
        "  always_ff @(posedge give) begin\n    values[setting] <= value;\n",
        *(f"    given_{name} <= {name};\n" for name in _GIVEN),
        "  end\n",
    ]
    for i, core in enumerate(cores):
        text += [f"  logic {_range(bits)}{name}_{i};\n" for name, bits in outputs.items()]
        wiring = {"clk": f"clk[{i}]", "rst": "rst", "clear_axons": "1'b0", "settings": "settings"}
        wiring |= {name: name for name in _LIVE} | {name: f"given_{name}" for name in _GIVEN}
        wiring |= {name: f"{name}_{i}" for name in _OUTPUTS}
        text.append(instance("hwf_spiking", f"core{i}", core_parameters(core), wiring))
        text.append(_told(core, i))
    text.append("  always_comb begin\n")
    text += [f"    {name} = {name}_0;\n" for name in outputs]
    for i in range(1, len(cores)):
        text.append(f"    if (chosen == {i}) begin\n")
        text += [f"      {name} = {name}_{i};\n" for name in outputs]
        text.append("    end\n")
    text.append("  end\nendmodule\n")
    return "".join(text)


def _told(core: Core, i: int) -> str:
    """Spikes, all of tick 0, or counts, as core i's device tells them; the host takes each word at once."""
    parameters: dict[str, int | str] = {
        "NEURONS": core.neurons,
        "WORDS": log_words(core),
        "COUNTING": int(core.counting),
    }
    wiring = {"clk": f"clk[{i}]", "rst": "rst", "forget": "1'b0", "spike_valid": f"spike_valid_{i}", "spike": f"spike_{i}",
              "tick": "18'd0", "told": f"values[{int(Setting.TOLD)}][13:0]", "counting": f"values[{int(Setting.COUNTING)}][0]",
              "zero": "recount", "give": "give_counts", "busy": f"told_busy_{i}", "room": "", "m_valid": f"told_valid_{i}",
              "m_ready": "1'b1", "m_data": f"told_word_{i}"}  # fmt: skip
    return instance("hwf_told", f"told{i}", parameters, wiring)


def _fields() -> Iterator[tuple[str, str]]:
    """The fields of hwf_core::settings_t, and what of `values`, which are by their numbers, they are."""
    for part, settings in (("neurons", _NEURONS), ("learning", _LEARNING), ("modulation", MODULATION)):
        for setting in settings:
            yield f"{part}.{setting.name.lower()}", f"values[{int(setting)}]"
    for bit, name in enumerate(_RULE):
        yield f"learning.{name}", f"values[{int(Setting.RULE)}][{bit}]"


def _range(bits: int) -> str:
    return f"[{bits - 1}:0] " if bits > 1 else ""
