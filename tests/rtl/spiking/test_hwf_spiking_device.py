"""hwf_spiking_device: READ, WRITE and STREAM as docs/neuron.md says, round a core that answers in its own time."""

import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cocotb
import pytest
from cocotb.triggers import ClockCycles
from harness import check, check_assertion_fires
from helpers.device_bench import IDLE, Bench
from helpers.link import BAD_ADDRESS, BAD_LENGTH, OK, READ, WRITE
from helpers.reset import check_resets
from helpers.streams import STALLS

from hwflow.spiking.host.exchange import TICK_WRAP
from hwflow.spiking.map import normalise_word, plastic_address, weight_address
from hwflow.spiking.network import LARGEST

pytestmark = pytest.mark.slow
CORE = Path(__file__).parent / "bench" / "hwf_spiking.sv"
SETTINGS, WEIGHTS, PLASTIC, FIELDS, TRACES = 0x100, 0x1000_0000, 0x2000_0000, 0x3000_0000, 0x4000_0000
TARGETS, FIRSTS = 0x5000_0000, 0x6000_0000
AXONS, NEURONS, LOG = 12, 20, 128
SOURCES = AXONS + NEURONS
PARAMETERS = {"AXONS": AXONS, "NEURONS": NEURONS, "LANES": 4, "LOG": LOG}
REPLY_SPIKES = 58
ENTRIES = {"ENTRIES": 28, "LEARNING": 0, "SYNAPSE_MASK": 0, "NORMALISATION": 0}


def ranges() -> Iterator[tuple[int, int]]:
    """Each range: its first address, and its bytes."""
    yield SETTINGS, 4 * 31
    for first in range(0, SOURCES, 8):
        yield weight_address(first), min(8, SOURCES - first) * NEURONS
        yield plastic_address(first), min(8, SOURCES - first) * NEURONS
    for field in (0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14):
        yield FIELDS + 65536 * field, 4 * NEURONS
    yield TRACES, 4 * SOURCES


@cocotb.test()
async def keeps_what_is_written(dut: Any) -> None:
    """Every range is written, then read back: as a whole, and in part."""
    bench, rng = await Bench(dut).begin(), random.Random(12)
    kept = {address: rng.randbytes(count) for address, count in ranges() if address != SETTINGS}
    bench.payload.stall, bench.results.stall = 0.3, 0.3
    for address, data in kept.items():
        await bench.write(address, data)
    for address, data in kept.items():
        assert await bench.read(address, len(data)) == data
        narrow = address >> 28 in (1, 2)
        size, row = (1, NEURONS) if narrow else (4, 10**6)
        for _ in range(2):
            first = rng.randrange(len(data) // size)
            count = rng.randrange(len(data) // size - first + 1)
            at = address + (LARGEST * (first // row) + first % row if narrow else 4 * first)
            assert await bench.read(at, count * size) == data[first * size : (first + count) * size]


@cocotb.test()
async def refuses_what_is_in_no_range(dut: Any) -> None:
    """Nothing is written by a request that leaves its range at its very end."""
    bench = await Bench(dut).begin()
    end = weight_address(SOURCES - 1)
    await bench.write(end, bytes(range(NEURONS)))
    bad = [
        (SETTINGS + 4 * 31, 4), (SETTINGS + 4 * 30, 8), (SETTINGS + 1, 4), (0x1000, 4), (0x0100_0100, 4),
        (end + 1, NEURONS), (WEIGHTS + NEURONS, 1), (weight_address(SOURCES), 1), (weight_address(LARGEST - 1), 1),
        (FIELDS + 4 * NEURONS, 4), (FIELDS + 2, 4), (FIELDS + 65536 * 6, 4), (FIELDS + 65536 * 15, 4),
        (FIELDS + 65536 * 16, 4), (FIELDS, 4 * NEURONS + 4), (FIELDS + 0x4000, 4), (TRACES + 4, 4 * SOURCES),
        (TRACES + 4 * SOURCES, 4), (TRACES + 0x8000, 4), (0x5000_0000, 4), (0xF000_0000, 4),
    ]  # fmt: skip
    for address, count in bad:
        assert await bench.ask(READ, address, bytes([count])) == (BAD_ADDRESS, b""), hex(address)
        assert await bench.ask(WRITE, address, bytes([0xEE]) * count) == (BAD_ADDRESS, b""), hex(address)
    for address, count in [(SETTINGS, 3), (FIELDS, 6), (TRACES, 1), (WEIGHTS, 241), (WEIGHTS, 255), (SETTINGS, 244)]:
        assert await bench.ask(READ, address, bytes([count])) == (BAD_LENGTH, b"")
    assert await bench.ask(READ, WEIGHTS) == (BAD_LENGTH, b"")
    assert await bench.ask(READ, WEIGHTS, b"\1\1") == (BAD_LENGTH, b"")
    assert await bench.ask(WRITE, FIELDS, b"123") == (BAD_LENGTH, b"")
    assert await bench.ask(READ, WEIGHTS, b"\0") == (OK, b"")
    assert await bench.ask(WRITE, WEIGHTS) == (OK, b"")
    assert await bench.read(end, NEURONS) == bytes(range(NEURONS))


@cocotb.test()
async def normalises_before_it_answers(dut: Any) -> None:
    bench = await Bench(dut).begin()
    for count in range(1, 4):
        await bench.write(SETTINGS + 4 * 15, struct.pack("<I", 1))
        assert int(dut.core.busy.value) == 0
        assert int(dut.core.normalised.value) == count and int(dut.core.normalised_last.value) & 1 == 0
    await bench.write(SETTINGS + 4 * 15, struct.pack("<I", normalise_word(4000)))
    assert int(dut.core.normalised.value) == 4 and int(dut.core.normalised_last.value) == 4000 << 1 | 1
    await bench.write(SETTINGS + 4 * 15, struct.pack("<I", 2))
    assert int(dut.core.normalised.value) == 4
    assert await bench.read(SETTINGS + 4 * 15, 4) == bytes(4)


@cocotb.test()
async def has_no_values_of_missing_features(dut: Any) -> None:
    bench = await Bench(dut).begin()
    for address in (PLASTIC, FIELDS + 65536 * 2, FIELDS + 65536 * 4, TRACES):
        await bench.write(address, b"\xff" * 8)
        assert await bench.read(address, 8) == bytes(8)
    await bench.write(FIELDS, b"\xff" * 8)
    assert await bench.read(FIELDS, 8) == b"\xff" * 8


@cocotb.test()
async def keeps_rows_of_entries(dut: Any) -> None:
    """Their weights and tables, written in any order, whole and in part, and nothing beyond them."""
    bench, rng = await Bench(dut).begin(), random.Random(28)
    bench.payload.stall, bench.results.stall = 0.3, 0.3
    entries, lanes = ENTRIES["ENTRIES"], PARAMETERS["LANES"]
    sizes = {WEIGHTS: entries * lanes, TARGETS: 4 * entries, FIRSTS: 4 * SOURCES}
    kept = {address: bytearray(rng.randbytes(count)) for address, count in sizes.items()}
    for address in rng.sample(list(kept), 3):
        await bench.write(address, bytes(kept[address]))
    for _ in range(40):
        address = rng.choice(list(kept))
        size = 1 if address == WEIGHTS else 4
        first = rng.randrange(sizes[address] // size)
        part = slice(size * first, size * rng.randint(first, sizes[address] // size))
        if rng.random() < 0.5:
            kept[address][part] = rng.randbytes(part.stop - part.start)
            await bench.write(address + part.start, bytes(kept[address][part]))
        assert await bench.read(address + part.start, part.stop - part.start) == kept[address][part]
    for address, count in sizes.items():
        size = 1 if address == WEIGHTS else 4
        for at in (address + count, address + count - size):
            assert await bench.ask(WRITE, at, bytes(2 * size)) == (BAD_ADDRESS, b""), hex(at)
        assert await bench.read(address, count) == kept[address]
    for address in (WEIGHTS + LARGEST, TARGETS + 2, 0x7000_0000):
        assert await bench.ask(READ, address, b"\4") == (BAD_ADDRESS, b""), hex(address)


def tick_bytes(rng: random.Random, numbers: list[int]) -> bytes:
    """One tick with these axons, in one of its forms."""
    if rng.random() < 0.3:
        return b"\xff" + sum(1 << j for j in set(numbers)).to_bytes(-(-AXONS // 8), "little")
    return bytes([len(numbers), *numbers])


@cocotb.test()
async def carries_out_ticks(dut: Any) -> None:
    """A host that cuts the stream at random and goes on where the device is gets every spike once, in order."""
    bench, rng = await Bench(dut).begin(), random.Random(14)
    tick, rests, learns = 2**20 - 30, 0, 0
    await bench.write(SETTINGS, struct.pack("<2I", tick, learns))
    await bench.write(SETTINGS + 4 * 16, bytes(16))
    for bench.payload.stall, bench.results.stall in STALLS:
        await bench.hello()
        data, expected = bytearray(), []
        first = tick
        for _ in range(25):
            if rng.random() < 0.2:  # a core that counts nothing gives no counts either
                order = rng.randrange(256)
                data += bytes([252, order])
                rests += order >> 2 & 1
                learns = order & 1
                continue
            if rng.random() < 0.1:
                run = rng.randrange(1, 9)
                data += b"\xfe" + run.to_bytes(2, "little")
                tick += run
                continue
            numbers = rng.sample(range(AXONS + 5), rng.randrange(AXONS)) if rng.random() < 0.8 else []
            data += tick_bytes(rng, [n for n in numbers if n < AXONS])
            expected += [(tick % TICK_WRAP, n) for n in sorted(numbers) if n < AXONS]
            tick += 1
        position, spikes, empty = 0, [], False
        while not empty:
            piece = bytes(data[position : position + rng.randrange(200)])
            before = position
            position, ticks, some = await bench.stream(position, piece)
            assert before <= position <= before + len(piece)
            assert len(some) == REPLY_SPIKES or position == before + len(piece), "it stopped with room in the reply"
            spikes += some
            empty = position == len(data) and len(some) < REPLY_SPIKES
        assert ticks == tick
        assert spikes == expected
        assert int(dut.core.rested.value) == rests
        assert await bench.read(SETTINGS + 4, 4) == struct.pack("<I", learns)
        assert ticks > first
    counted = struct.unpack("<5I", await bench.read(SETTINGS + 4 * 16, 16) + await bench.read(SETTINGS, 4))
    assert counted[1] == counted[0]
    assert counted[2] == 2 * counted[0]
    assert counted[4] == tick


@cocotb.test()
async def stops_when_the_log_is_full(dut: Any) -> None:
    """Every neuron that can fires in each tick; nobody fetches a spike but by requests at a wrong position."""
    bench = await Bench(dut).begin()
    await bench.write(SETTINGS, bytes(4))
    tick = b"\xff" + ((1 << AXONS) - 1).to_bytes(-(-AXONS // 8), "little")
    position, ticks, spikes = await bench.stream(0, tick * 60)
    assert len(spikes) == REPLY_SPIKES
    assert position == len(tick) * (ticks + 1), "the bytes of one more tick were taken"
    assert ticks * AXONS <= LOG + 1
    assert (ticks + 1) * AXONS + NEURONS > LOG
    for wrong in (position + 1, position - 1, position + (1 << 31)):
        there, done, some = await bench.stream(wrong, b"\0")
        assert (there, done) == (position, ticks), "nothing is taken at a wrong position"
        spikes += some
    assert spikes == [(t, n) for t in range(ticks) for n in range(AXONS)]
    position, more, spikes = await bench.stream(position)
    assert more == ticks + 1
    assert spikes == [(ticks, n) for n in range(AXONS)]


@cocotb.test()
async def forgets_with_hello(dut: Any) -> None:
    """The stream, the log, half a tick and one that waits; not the count of ticks."""
    bench = await Bench(dut).begin()
    await bench.write(SETTINGS, bytes(4))
    everyone = b"\xff" + ((1 << AXONS) - 1).to_bytes(-(-AXONS // 8), "little")
    _, ticks, _ = await bench.stream(0, everyone * 60)
    await bench.hello()
    assert await bench.stream(0, b"\0\3\1") == (3, ticks + 1, [])
    await bench.hello()
    assert await bench.stream(0, b"\1\2") == (2, ticks + 2, [(ticks + 1, 2)])


@cocotb.test()
async def tells_of_some_neurons(dut: Any) -> None:
    """Those from `told` on; all are counted. The others leave no trace in the log."""
    bench = await Bench(dut).begin()
    everyone = b"\xff" + ((1 << AXONS) - 1).to_bytes(-(-AXONS // 8), "little")
    position = ticks = 0
    for told in (0, 1, AXONS - 1, AXONS, LARGEST - 1, 5):
        await bench.tell(told)
        await bench.write(SETTINGS + 4 * 16, bytes(4))
        assert await bench.read(SETTINGS + 4 * 29, 4) == struct.pack("<I", told)
        position, done, spikes = await bench.stream(position, everyone * 3)
        assert spikes == [(ticks + t, n) for t in range(3) for n in range(AXONS) if n >= told]
        assert struct.unpack("<I", await bench.read(SETTINGS + 4 * 16, 4)) == (3 * AXONS,)
        ticks = done


@cocotb.test()
async def gives_counts(dut: Any) -> None:
    """Of a host that cuts the stream at random, told neurons, and orders of any kind; spikes are counted only where it says so."""
    bench, rng = await Bench(dut).begin(), random.Random(25)
    await bench.write(SETTINGS, bytes(8))
    rests = 0
    for bench.payload.stall, bench.results.stall in STALLS:
        for told in (0, 1, rng.randrange(NEURONS), NEURONS, 4095):
            await bench.hello()
            await bench.tell(told)
            counting = rng.random() < 0.8
            await bench.write(SETTINGS + 4 * 30, struct.pack("<I", counting | rng.getrandbits(31) << 1))
            assert await bench.read(SETTINGS + 4 * 30, 4) == struct.pack("<I", counting)
            (first,) = struct.unpack("<I", await bench.read(SETTINGS, 4))
            data, words, counts, ticks = bytearray(), list[int](), [0] * NEURONS, first
            for _ in range(30):
                if rng.random() < 0.3:
                    order = rng.randrange(256)
                    data += bytes([252, order])
                    rests += order >> 2 & 1
                    if order & 2:
                        given = [*counts[told:], 0]
                        words += [low | high << 16 for low, high in zip(given[::2], given[1::2], strict=False)]
                        counts[told:] = [0] * max(0, NEURONS - told)
                    continue
                numbers = sorted(rng.sample(range(AXONS), rng.randrange(AXONS)))
                data += tick_bytes(rng, numbers)
                for n in numbers:
                    if n >= told and counting:
                        counts[n] += 1
                    elif n >= told:
                        words.append(n + 16384 * (ticks & 0x3FFFF))
                ticks += 1
            position, seen, empty = 0, list[int](), False
            while not empty:
                piece = bytes(data[position : position + rng.randrange(200)])
                position, done, some = await bench.words(position, piece)
                seen += some
                empty = position == len(data) and len(some) < REPLY_SPIKES
            assert (done, seen) == (ticks, words)
    assert int(dut.core.rested.value) == rests


@cocotb.test()
async def keeps_counts_over_hello(dut: Any) -> None:
    """What is counted stays; where the setting is written, whatever with, the counts are zero."""
    bench = await Bench(dut).begin()
    await bench.write(SETTINGS + 4 * 30, struct.pack("<I", 1))
    assert await bench.words(0, b"\2\0\3\1\3") == (5, 2, [])
    await bench.hello()
    counted = [1, 2 << 16, *[0] * (NEURONS // 2 - 2)]
    assert await bench.words(0, b"\xfc\2") == (2, 2, counted)
    assert await bench.words(2, b"\xfc\2") == (4, 2, [0] * (NEURONS // 2))
    for value in (1, 0):
        assert await bench.words(4 if value else 8, b"\1\3") == (6 if value else 10, 3 if value else 4, [])
        await bench.write(SETTINGS + 4 * 30, struct.pack("<I", value))
        if value:
            assert await bench.words(6, b"\xfc\2") == (8, 3, [0] * (NEURONS // 2))
    assert await bench.words(10, b"\xfc\2") == (12, 4, [0] * (NEURONS // 2))


@cocotb.test()
async def waits_for_room_with_counts(dut: Any) -> None:
    """Nobody fetches any but by requests at a wrong position; an order whose byte was taken waits, as a tick does."""
    bench = await Bench(dut).begin()
    await bench.write(SETTINGS, bytes(4))
    await bench.write(SETTINGS + 4 * 30, struct.pack("<I", 1))
    each, orders = NEURONS // 2, 30
    position, _, words = await bench.words(0, b"\1\0\xfc\2" * orders)
    assert len(words) == REPLY_SPIKES and position < 4 * orders
    given = position // 4 - (position % 4 == 0)  # and a tick or an order waits
    assert given * each <= LOG + 1 and (given + 1) * each > LOG - NEURONS
    while len(words) < orders * each:
        position, ticks, some = await bench.words(position, (b"\1\0\xfc\2" * orders)[position:])
        words += some
    assert (position, ticks) == (4 * orders, orders)
    assert words == [1, *[0] * (each - 1)] * orders


@cocotb.test()
async def carries_out_values(dut: Any) -> None:
    """In pieces; the core hears them all, and zeros and what lies beyond its axons are nothing."""
    bench, rng, position, ticks = await Bench(dut).begin(), random.Random(24), 0, 0
    for _ in range(20):
        values = [
            rng.choice([0, 0, 1, 2, 255]) for _ in range(rng.choice([0, 1, AXONS, AXONS + 9, rng.randrange(AXONS)]))
        ]
        data, spikes = b"\xfd" + len(values).to_bytes(2, "little") + bytes(values), []
        cut = rng.randrange(len(data) + 1)
        for piece in (data[:cut], data[cut:]):
            position, done, some = await bench.stream(position, piece)
            spikes += some
        assert spikes == [(ticks, n) for n, value in enumerate(values[:AXONS]) if value]
        assert done == ticks + 1 and int(dut.core.worth.value) == sum(values[:AXONS])
        ticks = done


@cocotb.test()
async def begins_anew_after_a_reset(dut: Any) -> None:
    """No tick, no spike, nothing counted, the stream at its beginning; what is written then is kept, and ticks run."""
    bench = await Bench(dut).begin()

    async def work(rng: random.Random) -> None:
        bench.results.words.clear()
        bench.payload.stall, bench.results.stall = rng.choice(STALLS)
        await bench.tell(0)
        assert await bench.stream(0) == (0, 0, [])
        assert await bench.read(SETTINGS + 4 * 16, 16) == bytes(16)
        address, size = rng.choice([one for one in ranges() if one[0] != SETTINGS])
        data = rng.randbytes(size)
        await bench.write(address, data)
        assert await bench.read(address, size) == data
        ticks = [sorted(rng.sample(range(AXONS), rng.randrange(4))) for _ in range(3)]
        sent = b"".join(tick_bytes(rng, numbers) for numbers in ticks)
        spikes = [(tick, neuron) for tick, numbers in enumerate(ticks) for neuron in numbers]
        assert await bench.stream(0, sent) == (len(sent), len(ticks), spikes)

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def keeps_up_with_the_wire(dut: Any) -> None:
    """A full frame takes 254 bytes of 80 cycles; the core's own time is not the device's."""
    bench = await Bench(dut).begin()
    await bench.write(WEIGHTS, bytes(240))
    assert bench.cycles < 240 * 20
    await bench.read(WEIGHTS, 240)
    assert bench.cycles < 240 * 20
    await bench.stream(0, bytes(240))
    assert bench.cycles < 240 * (2 * NEURONS + 30)


@cocotb.test()
async def loses_its_request(dut: Any) -> None:
    await Bench(dut).begin()
    dut.request_valid.value = 1
    dut.request_operation.value = WRITE
    dut.request_address.value = WEIGHTS
    dut.request_length.value = 4
    await ClockCycles(dut.clk, 40)
    dut.request_valid.value = 0
    await ClockCycles(dut.clk, 3)


@cocotb.test()
async def works_by_itself(dut: Any) -> None:
    await Bench(dut).begin()
    dut.inner.core.running.value = 1
    await ClockCycles(dut.clk, 3)


GOOD: list[Callable[..., Any]] = [
    keeps_what_is_written, refuses_what_is_in_no_range, normalises_before_it_answers, carries_out_ticks,
    stops_when_the_log_is_full, tells_of_some_neurons, forgets_with_hello, begins_anew_after_a_reset, keeps_up_with_the_wire,
]  # fmt: skip


def test_device() -> None:
    check(__file__, "hwf_spiking_device", PARAMETERS, tests=[case.name for case in GOOD], extra=[CORE])


def test_device_with_counts() -> None:
    cases = (gives_counts, keeps_counts_over_hello, waits_for_room_with_counts, keeps_what_is_written, forgets_with_hello,
             stops_when_the_log_is_full, begins_anew_after_a_reset)  # fmt: skip
    check(
        __file__, "hwf_spiking_device", PARAMETERS | {"COUNTING": 1}, tests=[case.name for case in cases], extra=[CORE]
    )


def test_device_with_values() -> None:
    tests = [case.name for case in (carries_out_values, forgets_with_hello, begins_anew_after_a_reset)]
    check(__file__, "hwf_spiking_device", PARAMETERS | {"GRADED": 1}, tests=tests, extra=[CORE])


def test_device_without_features() -> None:
    without = dict.fromkeys(("LEARNING", "SYNAPSE_MASK", "ADAPTATION", "NORMALISATION", "COUNTERS"), 0)
    tests = [has_no_values_of_missing_features.name]
    check(__file__, "hwf_spiking_device", PARAMETERS | without, tests=tests, extra=[CORE])


def test_device_with_rows_of_entries() -> None:
    tests = [case.name for case in (keeps_rows_of_entries, forgets_with_hello)]
    check(__file__, "hwf_spiking_device", PARAMETERS | ENTRIES, tests=tests, extra=[CORE])


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_request_stays_until_it_is_done", loses_its_request.name),
        ("the_core_rests_between_requests", works_by_itself.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_spiking_device", assertion, PARAMETERS, tests=[case], extra=[CORE])
