"""Every RTL module passes Verilator's lint with its default parameters, and Yosys's own front end and slang read it."""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import RTL, sources_of

MODULES = sorted(path.stem for path in RTL.rglob("hwf_*.sv") if f"\nmodule {path.stem}" in path.read_text())
# Modules that call C are for simulation only and are not synthesised.
HARDWARE = [name for name in MODULES if '"DPI-C"' not in next(RTL.rglob(f"{name}.sv")).read_text()]


@pytest.mark.parametrize("module", MODULES)
def test_verilator_lint(module: str) -> None:
    done = lint(module, {}, "-Wall", "--assert")
    assert done.returncode == 0, done.stderr


def lint(module: str, parameters: dict[str, int], *options: str) -> subprocess.CompletedProcess[str]:
    verilator = Path(sysconfig.get_path("scripts"), "verilator")
    given = [f"-G{name}={value}" for name, value in parameters.items()]
    sources = [str(path) for path in sources_of(module)]
    command = [str(verilator), "--lint-only", *options, "--top-module", module, *given, *sources]
    return subprocess.run(command, capture_output=True, text=True, cwd=RTL, check=False)


WITHOUT_LEARNING = {"LEARNING": 0, "SYNAPSE_MASK": 0, "NORMALISATION": 0}
NOTHING = WITHOUT_LEARNING | {"ADAPTATION": 0, "COUNTERS": 0}
# Spiking cores at the ends of what there is: lanes and sizes, features, widths.
CORES: list[dict[str, int]] = [
    *({"LANES": lanes, "AXONS": axons, "NEURONS": neurons}
      for lanes, axons, neurons in [(1, 1, 1), (1, 1, 5), (1, 3, 1), (2, 2, 2), (4, 8, 8), (8, 8, 8), (16, 32, 16),
                                    (4, 96, 96), (1, 4096, 4096), (8, 8192, 8192), (2, 2, 16382), (1, 16383, 1)]),
    *({feature: 0} for feature in NOTHING),
    WITHOUT_LEARNING,
    NOTHING,
    NOTHING | {"LANES": 1, "SINGLE_PORT": 1},
    {"SINGLE_PORT": 1},
    {"SINGLE_PORT": 1, "LANES": 1, "WEIGHT_BITS": 5},
    {"SYNAPSE_MASK": 0, "NORMALISATION": 0},
    {"WEIGHT_BITS": 2, "STATE_BITS": 8, "TRACE_BITS": 4},
    {"WEIGHT_BITS": 8, "STATE_BITS": 24, "TRACE_BITS": 16, "LANES": 4},
    {"WEIGHT_BITS": 2, "STATE_BITS": 24, "TRACE_BITS": 4, "LANES": 1},
    {"WEIGHT_BITS": 8, "STATE_BITS": 8, "TRACE_BITS": 16},
    *({"STOCHASTIC": 1} | more for more in ({}, {"LANES": 1, "AXONS": 1, "NEURONS": 1}, {"LANES": 16, "AXONS": 32, "NEURONS": 16},
                                            {"LANES": 2, "NEURONS": 16382, "AXONS": 2, "TRACE_BITS": 16}, {"SINGLE_PORT": 1, "LANES": 1})),
    *({"MODULATION": 1} | more for more in ({"STOCHASTIC": 1}, {"LANES": 1, "AXONS": 1, "NEURONS": 1, "STATE_BITS": 24},
                                            {"LANES": 16, "AXONS": 32, "NEURONS": 16, "STATE_BITS": 8, "TRACE_BITS": 16},
                                            {"LANES": 1, "SINGLE_PORT": 1, "NEURONS": 8192, "AXONS": 8192})),
    *({"GRADED": 1} | more for more in ({}, NOTHING, {"LANES": 1, "AXONS": 1, "NEURONS": 1, "TRACE_BITS": 16},
                                        {"MODULATION": 1, "STOCHASTIC": 1, "LANES": 16, "AXONS": 32, "NEURONS": 16},
                                        {"LANES": 4, "WEIGHT_BITS": 2, "AXONS": 300, "MODULATION": 1, "STATE_BITS": 24},
                                        {"LANES": 1, "SINGLE_PORT": 1, "NEURONS": 8192, "AXONS": 8192, "MODULATION": 1})),
    *(WITHOUT_LEARNING | more for more in ({"ENTRIES": 1, "AXONS": 1, "NEURONS": 1, "LANES": 1},
                                           {"ENTRIES": 9, "AXONS": 4, "NEURONS": 5, "LANES": 1, "SINGLE_PORT": 1},
                                           {"ENTRIES": 16, "LANES": 8}, {"ENTRIES": 40, "LANES": 4, "NEURONS": 16, "GRADED": 1},
                                           {"ENTRIES": 411904, "LANES": 8, "AXONS": 2312, "NEURONS": 8976},
                                           {"ENTRIES": 1 << 26, "LANES": 1, "AXONS": 8192, "NEURONS": 8192})),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("core", CORES, ids=str)
def test_verilator_lint_of_every_core(core: dict[str, int]) -> None:
    log = 1 << (core.get("NEURONS", 8) + 57).bit_length()
    devices = [("hwf_spiking_device", core | {"LOG": log, "COUNTING": counting}) for counting in (0, 1)]
    for module, parameters in [("hwf_spiking", core), *devices]:
        done = lint(module, parameters, "-Wall", "--assert")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_no_operator_of_one_operand_stands_in_front_of_a_cast(module: str) -> None:
    """Yosys takes it for one of the width: `-W'(x)` is x there."""
    assert not re.findall(r"[-+~!&|^]\w+'\(", next(RTL.rglob(f"{module}.sv")).read_text())


@pytest.mark.slow
def test_yosys_reads_every_module(tmp_path: Path) -> None:
    log = read_all(tmp_path, lambda module, files: [
        *([f"read_verilog -lib +/{VENDORS[module]}"] if module in VENDORS else []),
        f"read_verilog -sv -DSYNTHESIS {files}",
        f"hierarchy -check -top {module}",
        "proc",
        "check -assert",
    ])  # fmt: skip
    # Vendors' primitives have real parameters, which a netlist holds as texts.
    assert not [line for line in log.splitlines() if "Warning" in line and "floating point parameter" not in line]


@pytest.mark.slow
def test_slang_reads_every_module(tmp_path: Path) -> None:
    """Slang, which pyosys brings, holds to the standard where other readers are lenient: what is used is declared before."""
    read = "read_slang --ignore-assertions -D SYNTHESIS --top"
    read_all(tmp_path, lambda module, files: [f"{read} {module} {files}"] * (module not in VENDORS))


def read_all(folder: Path, commands: Callable[[str, str], list[str]]) -> str:
    """The log of commands for each module and its files, in one process: reading is quick, starting Yosys is not. Memories are
    given an image to read."""
    for path in RTL.rglob("hwf_*.sv"):
        (folder / path.name).write_text(path.read_text().replace('= ""', '= "image"'))
    numbered = [f"image{number}.hex" for n in range(16) for number in (f"_{n}", f"{n:03}", f"{n:04}")]
    for image in ["image", *numbered]:
        (folder / image).write_text("0\n" * 4096)
    program = "from pyosys import libyosys as ys\n"
    for module in HARDWARE:
        program += "design = ys.Design()\n"
        files = " ".join(path.name for path in sources_of(module))
        program += "".join(f"ys.run_pass({command!r}, design)\n" for command in commands(module, files))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


# Modules around a vendor's primitive, and the cells that Yosys has of them.
VENDORS = {
    "hwf_chain_carry4": "xilinx/cells_sim.v",
    "hwf_chain_ccu2c": "ecp5/cells_sim.v",
    "hwf_pll_ice40": "ice40/cells_sim.v",
    "hwf_pll_ecp5": "lattice/cells_bb_ecp5.v",
    "hwf_pll_gowin": "gowin/cells_sim.v",
    "hwf_pll_xc7": "xilinx/cells_sim.v +/xilinx/cells_xtra.v",
    "hwf_pll_xcup": "xilinx/cells_sim.v +/xilinx/cells_xtra.v",
}


def test_every_wrapper_of_a_pll_is_checked_against_its_vendors_cells() -> None:
    assert set(VENDORS) == {name for name in HARDWARE if name.startswith(("hwf_chain_", "hwf_pll_"))} - {
        "hwf_pll_model"
    }


ENTRIES_FIT = "hwf_spiking: ENTRIES is a multiple of LANES, and not more than there are words."
LANES_DIVIDE = "hwf_spiking: LANES is a power of two that divides AXONS and NEURONS."
ILLEGAL: list[tuple[str, dict[str, int], str]] = [
    ("hwf_fifo", {"DEPTH": 0}, "hwf_fifo: WIDTH and DEPTH are at least 1."),
    ("hwf_pack", {"COUNT": 0}, "hwf_pack: every parameter is at least 1."),
    ("hwf_pack", {"IN": 3, "OUT": 4}, "hwf_pack: OUT is a multiple of IN, or at least COUNT."),
    ("hwf_unpack", {"COUNT": 0}, "hwf_unpack: every parameter is at least 1."),
    ("hwf_unpack", {"IN": 4, "OUT": 3}, "hwf_unpack: IN is a multiple of OUT, or at least COUNT."),
    ("hwf_every", {"COUNT": 0}, "hwf_every: COUNT is at least 1."),
    ("hwf_fork", {"READERS": 1}, "hwf_fork: READERS is at least 2 and WIDTH at least 1."),
    ("hwf_concat", {"S_BITS": 17}, "hwf_concat: BRANCHES is at least 1, and S_BITS is BRANCHES * WIDTH unless WHOLE."),
    ("hwf_slice", {"OFFSET": 1}, "hwf_slice: a beat of S_LANES elements has no M_LANES from OFFSET on."),
    (
        "hwf_slice",
        {"FIRST": 3},
        "hwf_slice: BEATS hold COUNT from FIRST on, and are of M_LANES elements unless there is one.",
    ),
    ("hwf_widen", {"LANES": 0}, "hwf_widen: LANES, IN and OUT are at least 1."),
    ("hwf_add", {"PE": 5}, "hwf_add: BRANCHES is at least 1, and PE is 1 to ROWS."),
    ("hwf_add", {"SUM_BITS": 3}, "hwf_add: SUM_BITS is at least X_BITS, and, without an activation, at least Y_BITS."),
    ("hwf_add", {"PRODUCT": 1, "GAIN_BITS": 2}, "hwf_add: with PRODUCT, GAIN_BITS is 0."),
    ("hwf_add", {"GAIN_WORDS": 3}, "hwf_add: GAIN_WORDS is 1 or FOLDS."),
    ("hwf_uart_rx", {"SIXTEENTHS": 63}, "hwf_uart_rx: a bit takes at least 4 clock cycles (SIXTEENTHS at least 64)."),
    ("hwf_uart_tx", {"SIXTEENTHS": 63}, "hwf_uart_tx: a bit takes at least 4 clock cycles (SIXTEENTHS at least 64)."),
    ("hwf_shell", {"BAUD": 3_000_000}, "hwf_shell: BAUD is at most CLOCK_HZ / 8."),
    ("hwf_spike_counts", {"NEURONS": 0}, "hwf_spike_counts: NEURONS is 1 to 16383."),
    ("hwf_spiking", {"LANES": 3, "AXONS": 9, "NEURONS": 9}, LANES_DIVIDE),
    ("hwf_spiking", {"LANES": 4, "AXONS": 6}, LANES_DIVIDE),
    ("hwf_spiking", {"LANES": 4, "NEURONS": 6}, LANES_DIVIDE),
    ("hwf_spiking", {"AXONS": 16378}, "hwf_spiking: AXONS and NEURONS are at least 1, and 16384 together at most."),
    ("hwf_spiking", {"ENTRIES": 8}, "hwf_spiking: with ENTRIES there are neither LEARNING nor BLOCKS."),
    *(("hwf_spiking", WITHOUT_LEARNING | {"ENTRIES": entries}, ENTRIES_FIT) for entries in (3, 66)),
    ("hwf_spiking", {"NEURONS": 0}, "hwf_spiking: AXONS and NEURONS are at least 1, and 16384 together at most."),
    *(
        ("hwf_spiking", {name: bits}, "hwf_spiking: WEIGHT_BITS is 2 to 8, STATE_BITS 8 to 24, TRACE_BITS 4 to 16.")
        for name, ends in (("WEIGHT_BITS", (1, 9)), ("STATE_BITS", (7, 25)), ("TRACE_BITS", (3, 17)))
        for bits in ends
    ),
    ("hwf_axons", {"LANES": 3}, "hwf_axons: LANES is a power of two that divides AXONS, which are 1 to 16383."),
    ("hwf_fired", {"NEURONS": 3}, "hwf_fired: LANES is a power of two that divides NEURONS."),
    ("hwf_fields", {"STATE_BITS": 25}, "hwf_fields: STATE_BITS is 8 to 24."),
    ("hwf_sums", {"LANES": 3}, "hwf_sums: LANES is a multiple of UNITS."),
    ("hwf_sums", {"SUM_BITS": 7}, "hwf_sums: SUM_BITS is at least WEIGHT_BITS."),
    ("hwf_weights", {"SOURCES": 15}, "hwf_weights: LANES is a power of two that divides SOURCES."),
    ("hwf_bank", {"SINGLE_PORT": 1, "BITS": 9}, "hwf_bank: with SINGLE_PORT, BITS is at most 8."),
    *(
        (
            "hwf_pll_ice40",
            {name: value},
            "hwf_pll_ice40: PAD is 0 or 1, DIVR 0 to 15, DIVF 0 to 127, DIVQ 1 to 6, FILTER_RANGE 1 to 6.",
        )
        for name, ends in (("PAD", (2,)), ("DIVR", (16,)), ("DIVF", (128,)), ("DIVQ", (0, 7)), ("FILTER_RANGE", (0, 7)))
        for value in ends
    ),
    *(
        ("hwf_pll_ecp5", {name: value}, "hwf_pll_ecp5: every divider is 1 to 128.")
        for name in ("REFERENCE_DIVIDE", "FEEDBACK_DIVIDE", "FEEDBACK_OUT_DIVIDE", "OUT_DIVIDE")
        for value in (0, 129)
    ),
    *(
        (
            "hwf_pll_gowin",
            {name: value},
            "hwf_pll_gowin: IDIV_SEL and FBDIV_SEL are 0 to 63, ODIV_SEL is 2, 4, 8 or a multiple of 16 to 128.",
        )
        for name, value in (("IDIV_SEL", 64), ("FBDIV_SEL", 64), ("ODIV_SEL", 24), ("ODIV_SEL", 6), ("ODIV_SEL", 144))
    ),
    *(
        (
            f"hwf_pll_{part}",
            {name: value},
            f"hwf_pll_{part}: DIVIDE is 1 to 106, MULTIPLY 2 to {most}, OUT_DIVIDE 1 to 128.",
        )
        for part, most in (("xc7", 64), ("xcup", 128))
        for name, value in (("DIVIDE", 107), ("MULTIPLY", 1), ("MULTIPLY", most + 1), ("OUT_DIVIDE", 0))
    ),
    ("hwf_spike_log", {"WORDS": 100}, "hwf_spike_log: WORDS is a power of two, at least NEURONS + 58."),
]


@pytest.mark.parametrize(("module", "parameters", "sentence"), ILLEGAL)
def test_illegal_parameters_are_refused(module: str, parameters: dict[str, int], sentence: str) -> None:
    done = lint(module, parameters)
    assert done.returncode != 0
    assert sentence in done.stderr
