"""The drivers of a spiking core behind AXI (hwflow/spiking/host/onboard.py and .c), as they lie in a project, on its top in Verilator:
for PYNQ by way of a stand-in for `pynq` that speaks AXI, and compiled C whose registers are the AXI ports and a DMA's."""

import ctypes
import importlib
import json
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.task import bridge
from harness import check
from helpers.axi import Device
from helpers.driver import (
    compiled_driver,
    loaded_driver,
    of_another,
    with_registers,
    without_hwflow,
    write_driver,
    write_top,
)
from helpers.pynq import pynq_for
from spiking.nets import random_network, random_stimuli

from hwflow.board import find_board
from hwflow.project import Project
from hwflow.spiking.backend.core import spiking_project
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.network import Core, SpikingNetwork

CASE = "case.json"
TICKS = 150
CORE = Core(12, 8, 2, 8, 16, 8, stochastic=True, modulation=True)
GRADED = replace(CORE, graded=True, counting=True)
ENTRIES = Core(12, 8, 2, learning=False, synapse_mask=False, normalisation=False, counting=True, entries=40)
FUNCTIONS = """\
static uint8_t into[5 * HWF_INPUT_BYTES], back[5 * HWF_OUTPUT_BYTES];
static struct hwf_net made(void) {
  return (struct hwf_net){0, 0x1000, into, back, (uintptr_t)into, (uintptr_t)back, 5};
}
int check(void) { struct hwf_net net = made(); return hwf_check(&net); }
int load(void) { struct hwf_net net = made(); return hwf_load(&net); }
int run(const uint8_t *x, size_t ticks, int learn, uint8_t *y) { struct hwf_net net = made(); return hwf_run(&net, x, ticks, learn, y); }
int weights(int8_t *w) { struct hwf_net net = made(); return hwf_weights(&net, w); }
int rest(void) { struct hwf_net net = made(); return hwf_rest(&net); }
int refused(void) { struct hwf_net net = made(); uint32_t word; return hwf_read(&net, 0x70000000u, &word, 4); }
"""


LEARNS, FIRES = 4, 10  # nets: by draws and a third factor; so often that replies have no room for all spikes


LEARNING = np.arange(10) % 3 == 0  # of presentations


def presentations(stimuli: np.ndarray) -> np.ndarray:
    return stimuli.reshape(len(LEARNING), -1, stimuli.shape[1])


def net(seed: int, core: Core = CORE) -> SpikingNetwork:
    """With graded input it tells of half of its neurons, one by one or in counts."""
    made = random_network(np.random.default_rng(seed), core, extreme=False)
    return replace(made, graded=core.graded, told=core.neurons // 2 if core.graded else 0, start=None)


def project(network: SpikingNetwork, core: Core = CORE) -> Project:
    return spiking_project(network, find_board("pynq-z1"), core, (), "axi", None)


def wanted(network: SpikingNetwork, core: Core, stimuli: np.ndarray) -> dict[str, Any]:
    """What the golden model gives: spikes of a run that learns and of one that does not, each followed by rest; the state behind both; and
    the counts of presentations that go on from there."""
    model = GoldenModel(core)
    model.load(network)
    spikes = []
    for learn in (True, False):
        spikes.append(model.run(stimuli, learn=learn))
        model.rest()
    state = model.state()
    return {
        "stimuli": stimuli.astype(int).tolist(),
        "graded": core.graded,
        "spikes": [each.tolist() for each in spikes],
        "counts": model.present(presentations(stimuli), learn=LEARNING).tolist(),
        "state": {part.name: np.asarray(getattr(state, part.name)).tolist() for part in fields(state)},
    }


@cocotb.test()
async def runs_as_the_golden_model(dut: Any) -> None:
    case = json.loads(Path(CASE).read_text())
    pynq_for(await Device.start(dut))
    sys.path.insert(0, case["driver"])
    await bridge(use)(importlib.import_module("hwflow_pynq"), case)


def use(driver: Any, case: dict[str, Any]) -> None:
    """In a thread, as a user's program is."""
    stimuli = np.array(case["stimuli"])
    with driver.open("hwf_top.bit") as board:
        for spikes, learn in zip(case["spikes"], (True, False), strict=True):
            assert np.array_equal(board.run(stimuli, learn=learn), spikes)
            board.rest()
        assert_state(board.state(), case["state"])
        assert np.array_equal(board.present(presentations(stimuli), learn=LEARNING), case["counts"])
        requests = board._requests
        with pytest.raises(driver.HwflowError, match="no such register"):
            requests.read(0x7000_0000, 4)
        # A call that is broken off in the middle of a transfer costs the net that was loaded, and no more.
        whole = requests._core._dma.recvchannel.wait
        requests._core._dma.recvchannel.wait = broken_off
        with pytest.raises(KeyboardInterrupt):
            board.weights()
        requests._core._dma.recvchannel.wait = whole
        with pytest.raises(driver.HwflowError, match="was reset and has lost its state"):
            board.weights()
        buffers = requests._into, requests._back
    assert all(buffer.freed for buffer in buffers)
    with driver.open("hwf_top.bit") as board:
        assert np.array_equal(board.run(stimuli, learn=True), case["spikes"][0])
    refuses_another_build(driver)


def broken_off() -> None:
    raise KeyboardInterrupt


def assert_state(state: Any, right: dict[str, Any]) -> None:
    for name, values in right.items():
        assert np.array_equal(getattr(state, name), values), name


def refuses_another_build(driver: Any) -> None:
    path = Path(driver.__file__).with_name("core.json")
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "build": "0" * 32}))
    with pytest.raises(driver.HwflowError, match="another build"), driver.open("hwf_top.bit"):
        pass
    path.write_text(json.dumps(document))


@cocotb.test()
async def runs_in_c_as_the_golden_model(dut: Any) -> None:
    case = json.loads(Path(CASE).read_text())
    await with_registers(dut, lambda read, write: use_in_c(read, write, case))


def use_in_c(read: Any, write: Any, case: dict[str, Any]) -> None:
    driver = loaded_driver(case["libraries"]["good"], read, write)
    stimuli = np.array(case["stimuli"], np.uint8)
    packed = stimuli if case["graded"] else np.packbits(stimuli, axis=1, bitorder="little")
    spikes = np.zeros((len(stimuli), -(-CORE.neurons // 8)), np.uint8)
    weights = np.zeros((CORE.sources, CORE.neurons), np.int8)
    into, back = packed.ctypes.data_as(ctypes.c_void_p), spikes.ctypes.data_as(ctypes.c_void_p)
    assert driver.check() == 0
    assert driver.load() == 0
    for right, learn in zip(case["spikes"], (1, 0), strict=True):
        assert driver.run(into, ctypes.c_size_t(len(stimuli)), learn, back) == 0
        found = np.unpackbits(spikes, axis=1, bitorder="little")[:, : CORE.neurons]
        assert np.array_equal(found, right)
        assert driver.rest() == 0
    assert driver.weights(weights.ctypes.data_as(ctypes.c_void_p)) == 0
    assert np.array_equal(weights, case["state"]["weight"])
    assert driver.refused() == 2  # BAD_ADDRESS
    assert loaded_driver(case["libraries"]["other"], read, write).check() == -3


@pytest.mark.slow
@pytest.mark.parametrize("test", [runs_as_the_golden_model, runs_in_c_as_the_golden_model], ids=["pynq", "c"])
@pytest.mark.parametrize(
    ("seed", "core"),
    [(LEARNS, CORE), (FIRES, CORE), (FIRES, GRADED), (FIRES, ENTRIES)],
    ids=["learns", "fires", "graded", "entries"],
)
def test_a_driver_gives_what_the_golden_model_gives(test: Any, seed: int, core: Core, tmp_path: Path) -> None:
    network = net(seed, core)
    made = project(network, core)
    case = wanted(network, core, random_stimuli(np.random.default_rng(1), network, TICKS))
    header = made.files["driver/hwf_net.h"].decode()
    # Here, since what starts in the simulator's process is taken for a simulator.
    case["libraries"] = {
        name: str(compiled_driver(text, FUNCTIONS, tmp_path / name))
        for name, text in {"good": header, "other": of_another(header, "build")}.items()
    }
    case["driver"] = str(write_driver(made, tmp_path))
    files = {CASE: json.dumps(case)}
    check(__file__, "hwf_top", extra=write_top(made, tmp_path), files=files, tests=[test.name])


def test_the_package_takes_in_numpy_and_no_more_of_hwflow(tmp_path: Path) -> None:
    done = without_hwflow(write_driver(project(net(LEARNS)), tmp_path))
    assert "gives an identity that this hwflow cannot read" in done.stdout, done.stdout + done.stderr
