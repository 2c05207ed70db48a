"""hwf_axi_lite: address and data of a write in any order, answers that wait; and its assertions."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, ReadOnly, RisingEdge
from harness import check, check_assertion_fires

pytestmark = pytest.mark.slow
IN = ("awvalid", "awaddr", "wvalid", "wdata", "wstrb", "bready", "arvalid", "araddr", "rready")
OFFERED = {"awvalid": ("awaddr",), "wvalid": ("wdata", "wstrb"), "arvalid": ("araddr",)}


async def begin(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    for name in IN:
        getattr(dut, f"s_axi_{name}").value = 0
    for name in ("write_response", "read_response", "read_data"):
        getattr(dut, name).value = 0
    dut.rst.value = 1
    await ClockCycles(dut.clk, 3)
    dut.rst.value = 0


@cocotb.test()
async def every_access_is_answered_as_the_registers_say(dut: Any) -> None:
    """The registers answer with a function of what they see, which is what was offered, in order."""
    await begin(dut)
    rng = random.Random(cocotb.RANDOM_SEED)
    taken: dict[str, list[tuple[int, ...]]] = {name: [] for name in OFFERED}
    writes: list[tuple[int, ...]] = []
    answers: dict[str, list[tuple[int, ...]]] = {"b": [], "r": []}
    wide = {"awaddr": 12, "araddr": 12, "wdata": 32, "wstrb": 4}
    for cycle in range(6000):
        ending = cycle > 5900
        for valid, names in OFFERED.items():
            pin = getattr(dut, f"s_axi_{valid}")
            if not int(pin.value) and rng.random() < 0.6 and not ending:
                pin.value = 1
                for name in names:
                    getattr(dut, f"s_axi_{name}").value = rng.getrandbits(wide[name])
        dut.s_axi_bready.value = dut.s_axi_rready.value = 1
        if not ending:
            dut.s_axi_bready.value, dut.s_axi_rready.value = rng.getrandbits(1), rng.getrandbits(1)
        await FallingEdge(dut.clk)
        dut.write_response.value = int(dut.write_address.value) >> 3 & 3
        dut.read_response.value = int(dut.read_address.value) >> 5 & 3
        dut.read_data.value = int(dut.read_address.value) * 0x10003
        await ReadOnly()
        passed = []
        for valid, names in OFFERED.items():
            if int(getattr(dut, f"s_axi_{valid}").value) and int(getattr(dut, f"s_axi_{valid[:-5]}ready").value):
                taken[valid].append(tuple(int(getattr(dut, f"s_axi_{name}").value) for name in names))
                passed.append(valid)
        if int(dut.write.value):
            writes.append(tuple(int(getattr(dut, f"write_{name}").value) for name in ("address", "data", "strobes")))
        for channel, names in (("b", ("bresp",)), ("r", ("rresp", "rdata"))):
            if int(getattr(dut, f"s_axi_{channel}valid").value) and int(getattr(dut, f"s_axi_{channel}ready").value):
                answers[channel].append(tuple(int(getattr(dut, f"s_axi_{name}").value) for name in names))
        await RisingEdge(dut.clk)
        for valid in passed:
            getattr(dut, f"s_axi_{valid}").value = 0
    pairs = list(zip(taken["awvalid"], taken["wvalid"], strict=False))
    assert len(pairs) > 500
    assert writes == [(address, *data) for (address,), data in pairs]
    assert answers["b"] == [(address >> 3 & 3,) for address, *_ in writes]
    assert answers["r"] == [(address >> 5 & 3, address * 0x10003) for (address,) in taken["arvalid"]]


@cocotb.test()
async def answers_are_taken_back(dut: Any) -> None:
    await begin(dut)
    for name in ("awvalid", "wvalid", "arvalid"):
        getattr(dut, f"s_axi_{name}").value = 1
    await ClockCycles(dut.clk, 4)
    dut.inner.s_axi_bvalid.value = 0
    await ClockCycles(dut.clk, 2)


@cocotb.test()
async def data_changes_while_it_waits(dut: Any) -> None:
    await begin(dut)
    dut.s_axi_arvalid.value = 1
    await ClockCycles(dut.clk, 4)
    dut.inner.s_axi_rdata.value = 1
    await ClockCycles(dut.clk, 2)


def test_axi_lite() -> None:
    check(__file__, "hwf_axi_lite", tests=[every_access_is_answered_as_the_registers_say.name])


@pytest.mark.parametrize(
    ("assertion", "misuse"),
    [
        ("a_stalled_write_answer_is_held", answers_are_taken_back),
        ("a_stalled_read_answer_is_held", data_changes_while_it_waits),
    ],
    ids=["write", "read"],
)
def test_assertion_fires(assertion: str, misuse: Any) -> None:
    check_assertion_fires(__file__, "hwf_axi_lite", assertion, tests=[misuse.name])
