"""hwf_weights: rows and columns of the same weights, some words of which are not stored, read and written in every order."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from harness import check
from helpers.cycles import begin, cycle, pack, unpack

pytestmark = pytest.mark.slow
NAMES = ("SOURCES", "ROWS", "LANES", "BITS", "SINGLE_PORT")
Place = tuple[bool, int, int, int]  # whether a column, word of sources, word of neurons, turn


def synapses(place: Place, lanes: int) -> list[tuple[int, int]]:
    """Source and neuron of each lane."""
    column, sources, neurons, turn = place
    if column:
        return [(sources * lanes + lane, neurons * lanes + turn) for lane in range(lanes)]
    return [(sources * lanes + turn, neurons * lanes + lane) for lane in range(lanes)]


async def name(dut: Any, place: Place, absent: tuple[int, bool] | None, *, write: int = 0, data: int = 0) -> list[int]:
    column, sources, neurons, turn = place
    level, itself = absent or (0, False)
    there = absent is None
    high = sources * int(dut.ROWS.value) + neurons
    seen = await cycle(dut, "read1", column=column, high=high, turn=turn, there=there, level=level,
                       itself=itself, write3=write, data3=data)  # fmt: skip
    return unpack(seen[0], int(dut.LANES.value), int(dut.BITS.value))


@cocotb.test()
async def keeps_weights(dut: Any) -> None:
    sources, rows, lanes, bits, single = (int(getattr(dut, name).value) for name in NAMES)
    rng = random.Random(12)
    weights = np.zeros((sources, rows * lanes), dtype=np.int64)
    await begin(dut, column=0, high=0, turn=0, there=0, level=0, itself=0, write3=0, data3=0)
    missing = rng.sample([(s, n) for s in range(sources // lanes) for n in range(rows)], k=sources // lanes * rows // 4)
    places: list[Place] = [
        (False, j // lanes, word, j % lanes) for j in range(sources) for word in range(rows)
    ]  # all of them first
    first = len(places) + 3
    places += [
        (rng.random() < 0.5, rng.randrange(sources // lanes), rng.randrange(rows), rng.randrange(lanes))
        for _ in range(1500)
    ]
    wanted: list[int | None] = [None] * lanes
    for at, place in enumerate(places):
        write, data = 0, [rng.getrandbits(bits) for _ in range(lanes)]
        written: list[tuple[int, int]] = []
        if at >= 3:
            write = (1 << lanes) - 1 if at < first else rng.getrandbits(lanes) & rng.getrandbits(lanes)
            written = [synapse for k, synapse in enumerate(synapses(places[at - 3], lanes)) if write >> k & 1]
        absent = (rng.getrandbits(bits), rng.random() < 0.5) if place[1:3] in missing else None
        read = await name(dut, place, absent, write=write, data=pack(data, bits))
        if at > first:
            assert all(value is None or value == got for value, got in zip(wanted, read, strict=True)), (at, place)
        kept = at >= 3 and places[at - 3][1:3] not in missing
        written = written if kept else []
        # In a bank that writes, what is read is not defined: with two ports that of the same place, with one anything.
        banks = {(j ^ i) % lanes for j, i in written}
        wanted = [
            None if (j, i) in written or (single and (j ^ i) % lanes in banks) else int(weights[j, i])
            for j, i in synapses(place, lanes)
        ]
        if absent is not None:
            level, itself = absent
            wanted = [0 if itself and lane == place[3] else level for lane in range(lanes)]
        for k, (j, i) in enumerate(synapses(places[at - 3], lanes) if kept else []):
            if write >> k & 1:
                weights[j, i] = data[k]


@pytest.mark.parametrize(
    ("sources", "rows", "lanes", "bits", "single"),
    [(2, 1, 1, 1, 0), (7, 3, 1, 8, 1), (12, 2, 2, 8, 0), (12, 3, 4, 5, 1), (16, 1, 8, 2, 0)],
)
def test_weights(sources: int, rows: int, lanes: int, bits: int, single: int) -> None:
    parameters = dict(zip(NAMES, (sources, rows, lanes, bits, single), strict=True))
    check(__file__, "hwf_weights", parameters)
