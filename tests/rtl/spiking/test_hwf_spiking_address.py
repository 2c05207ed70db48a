"""hwf_spiking_address: every address that docs/neuron.md gives, and none that it does not."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check

pytestmark = pytest.mark.slow
FIELDS = (0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14)


def places(dut: Any) -> dict[int, tuple[int | None, int | None]]:
    """Address to row and column; None where it has none."""
    axons, neurons, stochastic = (int(getattr(dut, name).value) for name in ("AXONS", "NEURONS", "STOCHASTIC"))
    modulation = int(dut.MODULATION.value)
    sources, fields = axons + neurons, (*FIELDS, *((6, 7) if stochastic else ()), *((15,) if modulation else ()))
    found: dict[int, tuple[int | None, int | None]] = {0x100 + 4 * n: (None, n) for n in range(31)}
    for base in (0x1000_0000, 0x2000_0000):
        found |= {base + 4096 * j + i: (j, i) for j in range(sources) for i in range(neurons)}
    found |= {0x3000_0000 + 65536 * f + 4 * i: (f, i) for f in fields for i in range(neurons)}
    return found | {0x4000_0000 + 4 * j: (j, None) for j in range(sources)}


async def load(dut: Any, address: int) -> tuple[bool, int, int]:
    """Whether there is such a value, its row and its column."""
    dut.address.value = address
    dut.load.value = 1
    await RisingEdge(dut.clk)
    dut.load.value = 0
    await ReadOnly()
    place = bool(int(dut.exists.value) and int(dut.in_range.value)), int(dut.row.value), int(dut.column.value)
    await RisingEdge(dut.clk)
    return place


@cocotb.test()
async def finds_values(dut: Any) -> None:
    """All there are, all their neighbours, and random addresses."""
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.step.value = 0
    known = places(dut)
    rng = random.Random(3)
    some = rng.sample(sorted(known), min(len(known), 1500)) + [0x100 + 4 * n for n in range(35)]
    near = {address ^ 1 << bit for address in some[:300] for bit in range(32)} | {a + 4 for a in some}
    for address in [*some, *sorted(near), *(rng.getrandbits(32) for _ in range(1000))]:
        found, row, column = await load(dut, address)
        assert found == (address in known), hex(address)
        assert not int(dut.exists.value) or address >> 28 <= 4, hex(address)
        if found:
            right_row, right_column = known[address]
            assert right_row in (None, row), hex(address)
            assert right_column in (None, column), hex(address)
            assert int(dut.wide.value) == (address >> 28 not in (1, 2))
            assert int(dut.in_settings.value) == (address >> 28 == 0)


@cocotb.test()
async def walks(dut: Any) -> None:
    """To the next value: of weights into the next row, of the others to the end."""
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    known = places(dut)
    for base in (0x100, 0x1000_0000, 0x2000_0000, 0x3000_0000, 0x3005_0000, 0x4000_0000):
        end = base + {0: 0x100, 3: 0x1_0000}.get(base >> 28, 0x1000_0000)
        steps = [place for address, place in sorted(known.items()) if base <= address < end]
        await load(dut, base)
        for row, column in steps:
            dut.step.value = 0
            await ReadOnly()
            assert int(dut.in_range.value) == 1
            assert row in (None, int(dut.row.value))
            assert column in (None, int(dut.column.value))
            await RisingEdge(dut.clk)
            dut.step.value = 1
            await RisingEdge(dut.clk)
        dut.step.value = 0
        await ReadOnly()
        assert int(dut.in_range.value) == 0
        await RisingEdge(dut.clk)


@cocotb.test()
async def knows_what_is_absent(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    dut.step.value = 0
    features = {name: int(getattr(dut, name).value) for name in ("LEARNING", "SYNAPSE_MASK", "ADAPTATION")}
    present = {0x100: 1, 0x1000_0000: 1, 0x2000_0000: features["SYNAPSE_MASK"], 0x4000_0000: features["LEARNING"]}
    present |= {0x3000_0000 + 65536 * field: 1 for field in FIELDS}
    present |= {0x3002_0000: features["ADAPTATION"], 0x3004_0000: features["LEARNING"]}
    for address, there in present.items():
        await load(dut, address)
        assert int(dut.absent.value) == (not there), hex(address)


@pytest.mark.parametrize(
    ("axons", "neurons", "without"),
    [(5, 3, ()), (200, 96, ("SYNAPSE_MASK",)), (1, 16, ("LEARNING", "SYNAPSE_MASK", "ADAPTATION"))],
)
def test_address(axons: int, neurons: int, without: tuple[str, ...]) -> None:
    parameters = (
        {"AXONS": axons, "NEURONS": neurons}
        | dict.fromkeys(without, 0)
        | {"STOCHASTIC": int(not without), "MODULATION": int(axons == 5)}
    )
    check(__file__, "hwf_spiking_address", parameters)
