"""hwf_entries: rows of entries, begun and broken off at any moment, between writes of the host, against the tables that it wrote."""

import random
from typing import Any

import cocotb
import pytest
from harness import check
from helpers.cycles import begin, cycle

pytestmark = pytest.mark.slow
NAMES = ("ENTRIES", "SOURCES", "ROWS")
IDLE = dict.fromkeys(
    ("source", "take", "moves", "in_host", "host_entry", "write_first", "write_target", "host_data"), 0
)


class Tables:
    """What the host wrote, and which entry is named."""

    def __init__(self, dut: Any, rng: random.Random) -> None:
        self._dut, self._rng = dut, rng
        self.entries, self.sources, self.rows = (int(getattr(dut, name).value) for name in NAMES)
        self.firsts = [0] * self.sources
        self.targets = [(0, False)] * self.entries

    async def write_first(self, source: int, first: int) -> None:
        self.firsts[source] = first
        above = self._rng.getrandbits(10) << self.entries.bit_length()  # which is cut off
        await cycle(self._dut, source=source, write_first=1, host_data=first | above, take=0, moves=0)
        self._dut.write_first.value = 0

    async def write_target(self, entry: int, target: int, last: bool) -> None:
        self.targets[entry] = target, last
        await cycle(self._dut, take=1, in_host=1, host_entry=entry, moves=0)
        data = target | last << 14 | self._rng.getrandbits(10) << 15
        await cycle(self._dut, take=0, in_host=0, write_target=1, host_data=data)
        self._dut.write_target.value = 0

    async def fill(self) -> None:
        for source in range(self.sources):
            await self.write_first(source, self._rng.randrange(self.entries))
        for entry in range(self.entries):
            ends = entry == self.entries - 1 or self._rng.random() < 0.3
            await self.write_target(entry, self._rng.randrange(self.rows), ends)

    async def look(self, entry: int, **inputs: int) -> bool:
        """The entry that is named, in a cycle with these inputs; whether it is the last of a row."""
        seen = await cycle(self._dut, "entry", "target", "last", **inputs)
        assert tuple(seen) == (entry, *self.targets[entry])
        return bool(seen[2])


@cocotb.test()
async def walks_rows(dut: Any) -> None:
    rng = random.Random(28)
    await begin(dut, **IDLE)
    tables = Tables(dut, rng)
    await tables.fill()
    for _ in range(400):
        source = rng.randrange(tables.sources)
        await cycle(dut, source=source, take=0, moves=0)
        following = rng.randrange(tables.sources)  # whoever comes behind it
        assert await cycle(dut, "first", source=following, take=1) == [tables.firsts[source]]
        entry, ended = tables.firsts[source], False
        while not ended and rng.random() < 0.95:  # or it is broken off
            for _ in range(rng.choice([0, 0, 0, 1, 3])):  # stays where it is
                await tables.look(entry, take=0, moves=0)
            ended = await tables.look(entry, take=0, moves=1)
            entry += 1
        if rng.random() < 0.2:
            entry = rng.randrange(tables.entries)
            await tables.write_target(entry, rng.randrange(tables.rows), tables.targets[entry][1])
            await cycle(dut, take=0, moves=0)  # it was read while it was written
            await tables.look(entry, take=0, moves=0)
            source = rng.randrange(tables.sources)
            await tables.write_first(source, rng.randrange(tables.entries))
        if rng.random() < 0.2:
            entry = rng.randrange(tables.entries)
            await cycle(dut, take=1, in_host=1, host_entry=entry, moves=rng.randrange(2))
            await tables.look(entry, take=0, in_host=0, moves=0)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 3, 1), (16, 5, 4), (23, 9, 3), (40, 12, 16384)])
def test_entries(sizes: tuple[int, ...]) -> None:
    check(__file__, "hwf_entries", dict(zip(NAMES, sizes, strict=True)))
