"""The driver for PYNQ (hwflow/quantised/driver), as it lies in a project, on the project's top in Verilator, by way of a stand-in for `pynq` that speaks AXI."""

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.task import bridge
from finn import notebook
from harness import check
from helpers.axi import Device
from helpers.driver import without_hwflow, write_driver, write_top
from helpers.pynq import pynq_for
from quantised.networks import random_network, random_vectors

from hwflow.board import find_board
from hwflow.project import Project
from hwflow.quantised import reference
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.backend.folding import smallest
from hwflow.quantised.elementwise import Step
from hwflow.quantised.model import classes_of
from hwflow.quantised.network import Network

CASE = "case.json"
VECTORS, BATCH = 300, 64


def net() -> Network:
    """One whose input is quantised by the host, and whose outputs mean something."""
    network = random_network(np.random.default_rng(7), largest=8)
    scale, offset = np.float32([0.25]), np.float32([-1.5])
    encode = (Step("div", (scale,)), Step("round"))
    return replace(network, encode=encode, decode=(Step("mul", (scale,)), Step("add", (offset,))))


def project() -> Project:
    return compile_network(net(), find_board("pynq-z1"), Options(smallest(net()), shell="axi"))


@cocotb.test()
async def gives_what_the_model_gives(dut: Any) -> None:
    case = json.loads(Path(CASE).read_text())
    device = await Device.start(dut)
    pynq_for(device)
    sys.path.insert(0, case["driver"])
    driver = importlib.import_module("hwflow_pynq")
    await bridge(use)(driver, case)


def use(driver: Any, case: dict[str, Any]) -> None:
    """In a thread, as a user's program is."""
    x, integers = np.float32(case["x"]), np.array(case["integers"])
    with driver.open("hwf_top.bit", batch=BATCH) as board:
        assert np.array_equal(board.execute(integers), case["outputs"])
        assert np.array_equal(board.run(x), np.float32(case["run"]))
        assert np.array_equal(board.run({"x": x})["y"], np.float32(case["run"]))
        assert np.array_equal(board.infer(x), case["infer"])
        assert board.execute(integers[:0]).shape == (0, len(case["outputs"][0]))
        counts = board.counts()
        assert (counts.vectors_in, counts.vectors, counts.short) == (4 * VECTORS, 4 * VECTORS, 0)
        refuses(driver, board, x, integers)
        goes_on_after_a_transfer_that_was_broken_off(board, integers, case)
        comes_short(driver, board, integers, case)
        buffers = board._into, board._back
    assert all(buffer.freed for buffer in buffers)
    refuses_another_overlay(driver)
    a_notebook_for_finn_s_driver(driver, integers, case)


def refuses(driver: Any, board: Any, x: np.ndarray, integers: np.ndarray) -> None:
    wrong = x.copy()
    wrong[0, 0] = np.nan
    for call, words in (
        (lambda: board.execute(integers[:, 1:]), "takes integers"),
        (lambda: board.execute(integers + (1 << 20)), "values outside"),
        (lambda: board.execute(x), "takes integers"),
        (lambda: board.run(x[:, 1:]), "values each"),
        (lambda: board.run(x + 1e6), "values outside"),
        (lambda: board.infer(wrong), "not whole"),
        (lambda: board.run({"z": x}), "x is missing"),
    ):
        with pytest.raises(driver.DriverError, match=words):
            call()


def goes_on_after_a_transfer_that_was_broken_off(board: Any, integers: np.ndarray, case: dict[str, Any]) -> None:
    """Vectors went in, and nobody took their results."""
    for count in (1, 3, 7):
        board._into[:count] = board._s.pack(integers[:count])
        board._core._dma.sendchannel.transfer(board._into, nbytes=count * board._s.bytes)
        board.reset()
        assert np.array_equal(board.execute(integers[:20]), case["outputs"][:20])


def comes_short(driver: Any, board: Any, integers: np.ndarray, case: dict[str, Any]) -> None:
    channel, lanes = board._core._dma.sendchannel, board._s.lanes
    whole = channel.transfer
    channel.transfer = lambda array, nbytes: whole(array, nbytes=nbytes - lanes)  # the batch's last beat is not sent
    with pytest.raises(driver.DriverError, match="Not all of the 3 vectors came whole"):
        board.execute(integers[:3])
    channel.transfer = whole
    assert board.counts().short == (board._s.bytes > lanes)  # with a beat a vector, one is missing, and none came short
    assert np.array_equal(board.execute(integers[:5]), case["outputs"][:5])


def a_notebook_for_finn_s_driver(driver: Any, integers: np.ndarray, case: dict[str, Any]) -> None:
    settings = Path(case["driver"]) / "settings.json"
    some = integers[:40].astype(np.float32)
    assert np.array_equal(notebook.outputs(driver.FINNDMAOverlay, "hwf_top.bit", settings, some), case["outputs"][:40])
    accel = driver.FINNDMAOverlay("hwf_top.bit")
    accel.batch_size = 7
    assert accel.execute(integers[:7]).dtype == np.float32
    for wrong, words in ((integers[:6], "of shape"), (integers[:7] + 0.5, "not whole")):
        with pytest.raises(driver.DriverError, match=words):
            accel.execute(wrong)


def refuses_another_overlay(driver: Any) -> None:
    path = Path(driver.__file__).with_name("net.json")
    for what, words in (("digest", "another net"), ("build", "another build")):
        document = json.loads(path.read_text())
        path.write_text(json.dumps({**document, what: "0" * 32}))
        with pytest.raises(driver.DriverError, match=words), driver.open("hwf_top.bit"):
            pass
        path.write_text(json.dumps(document))


@pytest.mark.slow
def test_the_driver_gives_what_the_model_gives(tmp_path: Path) -> None:
    network, made = net(), project()
    integers = random_vectors(np.random.default_rng(1), network, VECTORS)
    x = (integers * np.float32(0.25)).astype(np.float32)
    assert np.array_equal(network.quantise(x), integers)
    outputs = reference.run(network, integers)
    floats = network.dequantise(outputs)
    case = {
        "x": x.tolist(),
        "integers": integers.tolist(),
        "outputs": outputs.tolist(),
        "run": floats.tolist(),
        "infer": classes_of(network, floats).tolist(),
    }
    case["driver"] = str(write_driver(made, tmp_path))
    memories = {path: content.decode() for path, content in made.files.items() if path.startswith("memory/")}
    check(__file__, "hwf_top", extra=write_top(made, tmp_path), files={CASE: json.dumps(case)} | memories)


def test_the_package_takes_in_numpy_and_no_more_of_hwflow(tmp_path: Path) -> None:
    """As a board has it."""
    done = without_hwflow(write_driver(project(), tmp_path))
    assert "The overlay's core is none of hwflow's" in done.stdout, done.stdout + done.stderr
