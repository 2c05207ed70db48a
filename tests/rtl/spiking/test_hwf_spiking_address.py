"""hwf_spiking_address: every address that docs/neuron.md gives, and none that it does not."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check

from hwflow.spiking.network import LARGEST

pytestmark = pytest.mark.slow
FIELDS = (0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14)


class Places:
    """What docs/neuron.md has at an address: a row and a column, None for what does not matter."""

    def __init__(self, dut: Any) -> None:
        axons, self.neurons, stochastic, modulation, lanes, self.entries = (
            int(getattr(dut, name).value)
            for name in ("AXONS", "NEURONS", "STOCHASTIC", "MODULATION", "LANES", "ENTRIES")
        )
        self.weights = self.entries * lanes  # of entries
        self.sources = axons + self.neurons
        self.fields = (*FIELDS, *((6, 7) if stochastic else ()), *((15,) if modulation else ()))

    def at(self, address: int) -> tuple[int | None, int | None] | None:
        region, rest = address >> 28, address & 0xFFF_FFFF
        row, column = rest // LARGEST, rest % LARGEST
        if region == 1 and self.entries:
            return (row, column) if rest < self.weights else None
        if region in (1, 2):
            return (row, column) if row < self.sources and column < self.neurons else None
        if rest % 4:
            return None
        if region == 0:
            return (None, rest // 4 - 64) if 64 <= rest // 4 < 95 else None
        if region == 3:
            field, neuron = rest // 65536, rest % 65536 // 4
            return (field, neuron) if field in self.fields and neuron < self.neurons else None
        if region == 5:
            return divmod(rest // 4, LARGEST) if rest // 4 < self.entries else None
        of_sources = (4, 6) if self.entries else (4,)
        return (rest // 4, None) if region in of_sources and rest // 4 < self.sources else None

    def some(self, rng: random.Random) -> int:
        """An address at which there is something, often at an end."""
        row, neuron = (rng.choice([0, n - 1, rng.randrange(n)]) for n in (self.sources, self.neurons))
        if self.entries and rng.random() < 0.5:
            entry, weight = (rng.choice([0, n - 1, rng.randrange(n)]) for n in (self.entries, self.weights))
            return rng.choice([0x1000_0000 + weight, 0x5000_0000 + 4 * entry, 0x6000_0000 + 4 * row])
        return rng.choice([0x100 + 4 * rng.randrange(31), rng.choice([1, 2]) << 28 | LARGEST * row + neuron,
                           0x3000_0000 + 65536 * rng.choice(self.fields) + 4 * neuron, 0x4000_0000 + 4 * row])  # fmt: skip


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
    known, rng = Places(dut), random.Random(3)
    some = [known.some(rng) for _ in range(1500)] + [0x100 + 4 * n for n in range(35)]
    near = {address ^ 1 << bit for address in some[:300] for bit in range(32)} | {a + 4 for a in some}
    for address in [*some, *sorted(near), *(rng.getrandbits(32) for _ in range(1000))]:
        found, row, column = await load(dut, address)
        right = known.at(address)
        assert found == (right is not None), hex(address)
        assert not int(dut.exists.value) or address >> 28 <= (6 if known.entries else 4), hex(address)
        if right is not None:
            right_row, right_column = right
            assert right_row in (None, row), hex(address)
            assert right_column in (None, column), hex(address)
            assert int(dut.wide.value) == (address >> 28 not in (1, 2))
            assert int(dut.in_settings.value) == (address >> 28 == 0)


@cocotb.test()
async def walks(dut: Any) -> None:
    """To the next value: of weights into the next row, of the others to the end."""
    cocotb.start_soon(Clock(dut.clk, 10, unit="ns").start())
    known = Places(dut)
    rows, neurons = range(known.sources), range(known.neurons)
    last = rows[-(60_000 // len(neurons)) :]  # all where that does not take long
    walks: list[tuple[int, list[tuple[int | None, int | None]]]] = [
        (0x100, [(None, n) for n in range(31)]),
        *((region << 28 | LARGEST * last[0], [(j, i) for j in last for i in neurons])
          for region in ((2,) if known.entries else (1, 2))),
        *((0x3000_0000 + 65536 * field, [(field, i) for i in neurons]) for field in (0, 5)),
        (0x4000_0000, [(j, None) for j in rows]),
    ]  # fmt: skip
    if known.entries:
        first, begin = (max(0, count - 40_000) for count in (known.weights, known.entries))
        walks += [
            (0x1000_0000 + first, [divmod(n, LARGEST) for n in range(first, known.weights)]),
            (0x5000_0000 + 4 * begin, [divmod(n, LARGEST) for n in range(begin, known.entries)]),
            (0x6000_0000, [(j, None) for j in rows]),
        ]
    for base, steps in walks:
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
    ("axons", "neurons", "without", "of_entries"),
    [
        (5, 3, (), {}),
        (200, 96, ("SYNAPSE_MASK",), {}),
        (1, 16, ("LEARNING", "SYNAPSE_MASK", "ADAPTATION"), {}),
        (11, 4, (), {}),
        (12, 31, (), {}),
        (16380, 4, (), {}),  # the last source there can be
        (3, 16381, (), {}),
        (5, 3, ("LEARNING", "SYNAPSE_MASK"), {"LANES": 1, "ENTRIES": 11}),
        (8, 16, ("LEARNING", "SYNAPSE_MASK"), {"LANES": 8, "ENTRIES": 48}),
        (300, 200, ("LEARNING", "SYNAPSE_MASK"), {"LANES": 2, "ENTRIES": 20_000}),
    ],
)
def test_address(axons: int, neurons: int, without: tuple[str, ...], of_entries: dict[str, int]) -> None:
    parameters = (
        {"AXONS": axons, "NEURONS": neurons}
        | dict.fromkeys(without, 0)
        | {"STOCHASTIC": int(not without), "MODULATION": int(axons == 5 and not without)}
        | of_entries
    )
    check(__file__, "hwf_spiking_address", parameters)
