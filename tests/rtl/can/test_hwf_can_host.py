"""hwf_can_host: settings, table and log over random requests, and what each is after a reset in mid-work."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ReadOnly, RisingEdge
from harness import check
from helpers.requests import carry_out
from helpers.reset import check_resets
from helpers.streams import Sink, Source, start

pytestmark = pytest.mark.slow
READ, WRITE, STREAM, OK, BAD_ADDRESS, BAD_LENGTH, NOT_LOADED = 2, 3, 4, 0, 2, 3, 7
CONTROL, COUNT, TIMING, STRIKES, LOGGED, SIZE, BUILD = 0x100, 0x102, 0x104, 0x108, 0x10A, 0x10C, 0x10E
COUNTS, TABLE = 0x180, 0x10000
IDENTIFIERS = 4
BYTES = 128 * IDENTIFIERS
PARAMETERS = {"IDENTIFIERS": IDENTIFIERS, "STRIKE": 1, "LEAST_BIT": 12, "TIMING": "32'h04051202"}
FRESH = {CONTROL: 0, COUNT: 0, TIMING: 0x1202, TIMING + 2: 0x0405, STRIKES: 0, LOGGED: 0xFFFF}
IDLE = {"request_valid": 0, "p_valid": 0}
REPLY = 7  # entries


class Around:
    """The table, the counts and the log: the table is busy at random, and so are the counts."""

    def __init__(self, dut: Any) -> None:
        self.table = [0] * (BYTES // 2)
        self.log: list[int] = []
        self.rng = random.Random(1)
        cocotb.start_soon(self._run(dut))

    async def _run(self, dut: Any) -> None:
        held = False
        while True:
            ready = self.rng.random() < 0.5
            dut.table_ready.value, dut.counts_held.value = ready, held
            dut.log_more.value = len(self.log) >= 16
            dut.log_data.value = self.log[0] if self.log else 0
            await ReadOnly()
            at = int(dut.table_address.value)
            asked = ready and int(dut.table_valid.value)
            if asked and int(dut.table_write.value):
                self.table[at] = int(dut.table_data.value)
            if int(dut.log_ready.value):
                self.log.pop(0)
            held = bool(int(dut.counts_hold.value)) and (held or self.rng.random() < 0.5)
            counted = int(dut.counts_address.value) * 0x10001 + 0x20000 if held else 0
            await RisingEdge(dut.clk)
            if asked:
                dut.table_read.value = self.table[at]
            dut.counts_read.value = counted


@cocotb.test()
async def answers_requests(dut: Any) -> None:
    for name in ("request_length", "table_read", "counts_read", "log_data", "log_more", "table_ready", "counts_held"):
        getattr(dut, name).value = 0
    clock = await start(dut, sources=("p",), sinks=("r",))
    source, sink, around = Source(dut, "p", clock=clock), Sink(dut, "r", clock=clock), Around(dut)

    async def request(operation: int, address: int, data: bytes = b"", length: int | None = None) -> tuple[int, bytes]:
        payload = bytes([length]) if length is not None else data
        dut.request_length.value = len(payload)
        return await carry_out(dut, source, sink, operation, address, payload)

    async def read(address: int, length: int) -> bytes:
        status, found = await request(READ, address, length=length)
        assert status == OK
        return found

    async def words(address: int, count: int) -> list[int]:
        found = await read(address, 2 * count)
        return [int.from_bytes(found[at : at + 2], "little") for at in range(0, len(found), 2)]

    async def work(rng: random.Random) -> None:
        sink.words.clear()
        source.stall = sink.stall = rng.choice((0.0, 0.5))
        settings = FRESH | {SIZE: IDENTIFIERS, BUILD: 12 << 1 | 1}
        assert await words(CONTROL, 8) == list(settings.values())
        assert (await request(STREAM, 0))[0] == NOT_LOADED
        begin = rng.randrange(0, BYTES, 2)
        data = rng.randbytes(2 * rng.randint(1, min(20, (BYTES - begin) // 2)))
        assert await request(WRITE, TABLE + begin, data) == (OK, b"")
        assert await read(TABLE + begin, len(data)) == data
        for address in rng.sample(list(FRESH), len(FRESH)):
            value = rng.getrandbits(16)
            settings[address] = value & {CONTROL: 1, COUNT: 2 * IDENTIFIERS - 1}.get(address, 0xFFFF)
            assert (await request(WRITE, address, value.to_bytes(2, "little")))[0] == OK
        assert await words(CONTROL, 8) == list(settings.values())
        told = [int(getattr(dut, name).value) for name in ("enable", "count", "timing", "strike_mask", "log_mask")]
        timing = settings[TIMING + 2] << 16 | settings[TIMING]
        assert told == [settings[CONTROL], settings[COUNT], timing, settings[STRIKES], settings[LOGGED]]
        assert (await request(WRITE, CONTROL, b"\1\0"))[0] == OK
        assert (await request(WRITE, TABLE, data))[0] == BAD_ADDRESS
        around.log = [rng.getrandbits(16) for _ in range(16 * rng.randint(0, REPLY + 2))]
        expected, most = around.log.copy(), 16 * REPLY
        status, found = await request(STREAM, 0)
        assert status == OK
        assert found == b"".join(word.to_bytes(2, "little") for word in expected[:most])
        assert around.log == expected[most:]
        which = rng.randrange(32)
        assert await words(COUNTS + 4 * which, 2) == [which, which + 2]
        for address, length, status in ((0x0F0, 2, BAD_ADDRESS), (BUILD, 4, BAD_ADDRESS), (TABLE + BYTES - 2, 4, BAD_ADDRESS),
                                        (TABLE + BYTES, 2, BAD_ADDRESS), (0x80000100, 2, BAD_ADDRESS), (TABLE + 1, 2, BAD_LENGTH),
                                        (TABLE, 3, BAD_LENGTH), (COUNTS + 2, 2, BAD_LENGTH), (TABLE, 242, BAD_LENGTH)):  # fmt: skip
            assert await request(READ, address, length=length) == (status, b"")
        assert await request(READ, TABLE, length=0) == (OK, b"")

    await check_resets(dut, work, idle=IDLE, times=12)


def test_answers_requests() -> None:
    check(__file__, "hwf_can_host", PARAMETERS)
