"""The driver in C (hwflow/quantised/driver), as it lies in a project, compiled, on the project's top in Verilator: its registers are the AXI ports, and a DMA's."""

import ctypes
import json
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check
from helpers.driver import compiled_driver, loaded_driver, of_another, with_registers, write_top
from quantised.networks import random_network, random_vectors

from hwflow.board import find_board
from hwflow.quantised import reference
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import smallest
from hwflow.quantised.driver.files import C_DRIVER

CASE = "case.json"
VECTORS = 300
FUNCTIONS = """\
static uint8_t into[64 * HWF_INPUT_BYTES], back[64 * HWF_OUTPUT_BYTES];
static struct hwf_net made(void) {
  return (struct hwf_net){0, 0x1000, into, back, (uintptr_t)into, (uintptr_t)back, 64};
}
int check(void) { struct hwf_net net = made(); return hwf_check(&net); }
int reset(void) { struct hwf_net net = made(); return hwf_reset(&net); }
int execute(const int32_t *x, int32_t *y, size_t n) { struct hwf_net net = made(); return hwf_execute(&net, x, y, n); }
void send(const int32_t *x) {
  struct hwf_net net = made();
  hwf_pack(into, x);
  hwf_begin(&net, HWF_SEND, net.into_bus, HWF_INPUT_BYTES);
}
"""


@cocotb.test()
async def gives_what_the_reference_gives(dut: Any) -> None:
    case = json.loads(Path(CASE).read_text())
    await with_registers(dut, lambda read, write: use(read, write, case))


def use(read: Any, write: Any, case: dict[str, Any]) -> None:
    driver = loaded_driver(case["libraries"]["good"], read, write)
    x = np.ascontiguousarray(case["x"], np.int32)
    y = np.zeros((VECTORS, len(case["y"][0])), np.int32)
    into, back = x.ctypes.data_as(ctypes.c_void_p), y.ctypes.data_as(ctypes.c_void_p)
    assert driver.check() == 0
    assert driver.execute(into, back, ctypes.c_size_t(VECTORS)) == 0
    assert np.array_equal(y, case["y"])
    for _ in range(3):  # nobody takes the result of a vector that went in
        driver.send(into)
        assert driver.reset() == 0
        y[:] = -1
        assert driver.execute(into, back, ctypes.c_size_t(10)) == 0
        assert np.array_equal(y[:10], case["y"][:10])
    beyond = np.full_like(x[:1], 1 << 20)
    assert driver.execute(beyond.ctypes.data_as(ctypes.c_void_p), back, ctypes.c_size_t(1)) == -4
    for name, error in (("digest", -2), ("build", -3)):
        assert loaded_driver(case["libraries"][name], read, write).check() == error


@pytest.mark.slow
def test_the_driver_gives_what_the_reference_gives(tmp_path: Path) -> None:
    network = random_network(np.random.default_rng(7), largest=8)
    made = compile_network(network, find_board("pynq-z1"), Options(smallest(network), shell="axi"))
    x = random_vectors(np.random.default_rng(1), network, VECTORS)
    header = made.files[C_DRIVER].decode()
    headers = {"good": header} | {name: of_another(header, name) for name in ("digest", "build")}
    # Here, since what starts in the simulator's process is taken for a simulator.
    libraries = {name: str(compiled_driver(text, FUNCTIONS, tmp_path / name)) for name, text in headers.items()}
    case = {"x": x.tolist(), "y": reference.run(network, x).tolist(), "libraries": libraries}
    memories = {path: made.files[path].decode() for path in made.files if path.startswith("memory/")}
    check(__file__, "hwf_top", extra=write_top(made, tmp_path), files={CASE: json.dumps(case)} | memories)
