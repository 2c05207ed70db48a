"""hwf_memory: a constant, and memories that are written and read back over the bus, of one word and many, of lanes and not."""

import random
from typing import Any

import cocotb
import pytest
from cocotb.triggers import RisingEdge
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle

pytestmark = pytest.mark.slow

WIDTH = 11
IMAGE = [random.Random(5).getrandbits(WIDTH) for _ in range(5)]


def access(address: int, value: int | None = None) -> int:
    """The bus: a value that is written to an address, or a question what is there."""
    return 1 << 41 | (value is not None) << 40 | address << 16 | (value or 0)


def lanes_of(word: int, width: int) -> list[int]:
    return [word >> at & 0xFFFF for at in range(0, width, 16)]


@cocotb.test()
async def reads_the_constant(dut: Any) -> None:
    await begin(dut, en=1, address=0, load=0)
    wanted = None
    rng = random.Random(6)
    for _ in range(100):
        at = rng.randrange(len(IMAGE))
        data, stored = await cycle(dut, "data", "stored", address=at, load=access(rng.randrange(8), 1))
        assert stored == 0
        assert wanted is None or data == wanted
        wanted = IMAGE[at]


@cocotb.test()
async def keeps_what_is_written(dut: Any) -> None:
    """Reads, writes and questions at random, also of addresses beside the memory's own, which are none of its business."""
    depth, width, first = (int(getattr(dut, name).value) for name in ("DEPTH", "WIDTH", "FIRST"))
    rng = random.Random(7)
    stride, lanes = 1 << (depth - 1).bit_length(), -(-width // 16)
    span = stride << (lanes - 1).bit_length()
    words = [rng.getrandbits(width) for _ in range(depth)]
    own = [(w, lane) for w in range(depth) for lane in range(lanes)]
    rng.shuffle(own)
    await begin(dut, en=1, address=0, load=0)
    for w, lane in own:
        await cycle(dut, load=access(first + lane * stride + w, lanes_of(words[w], width)[lane]))
    wanted: int | None = None  # of data
    told = 0
    for _ in range(1500):
        en, at, ask = rng.randrange(2), rng.randrange(depth), rng.choice(("", "", "write", "read", "outside"))
        w, lane = rng.choice(own)
        load = 0
        if ask == "outside":
            load = access(first + rng.choice((-1, 1)) * span * rng.randint(1, 3), rng.choice((None, 1)))
        elif ask:
            value = rng.getrandbits(min(16, width - 16 * lane))
            load = access(first + lane * stride + w, value if ask == "write" else None)
        data, stored = await cycle(dut, "data", "stored", en=en, address=at, load=load)
        assert stored == told
        assert wanted is None or data == wanted
        told = lanes_of(words[w], width)[lane] if ask == "read" else 0
        if ask == "write":
            words[w] = words[w] & ~(0xFFFF << 16 * lane) | value << 16 * lane
        if depth == 1:
            wanted = words[0]
        elif ask in ("write", "read"):
            wanted = None  # its owner is in reset then
        elif en:
            wanted = words[at]


@cocotb.test()
async def keeps_no_words_that_it_has_not(dut: Any) -> None:
    """What is written between its words is dropped, and the question for it is answered with nothing."""
    depth = int(dut.DEPTH.value)
    await begin(dut, en=0, address=0, load=0)
    for at in range(16):
        await cycle(dut, load=access(at, at + 1))
    for at in range(16):
        await cycle(dut, load=access(at))
        (stored,) = await cycle(dut, "stored", load=0)
        assert stored == (at + 1 if at < depth else 0)


@cocotb.test()
async def reads_beyond_the_memory(dut: Any) -> None:
    await begin(dut, en=1, address=int(dut.DEPTH.value), load=0)
    for _ in range(3):
        await RisingEdge(dut.clk)


def test_a_constant() -> None:
    parameters = {"WIDTH": WIDTH, "DEPTH": len(IMAGE), "FILE": "image.hex"}
    image = "".join(f"{word:x}\n" for word in IMAGE)
    check(__file__, "hwf_memory", parameters, tests=[reads_the_constant.name], files={"image.hex": image})


@pytest.mark.parametrize(
    ("depth", "width", "first", "style"),
    [(1, 7, 0, "auto"), (1, 40, 8, "auto"), (12, 16, 16, "huge"), (40, 43, 512, "block")],
)
def test_memory(depth: int, width: int, first: int, style: str) -> None:
    parameters: dict[str, int | str] = {"DEPTH": depth, "WIDTH": width, "FIRST": first, "STYLE": style}
    check(__file__, "hwf_memory", parameters, tests=[keeps_what_is_written.name])


def test_a_memory_that_is_no_power_of_two() -> None:
    parameters = {"DEPTH": 11, "WIDTH": 16, "FIRST": 0}
    check(__file__, "hwf_memory", parameters, tests=[keeps_no_words_that_it_has_not.name])


def test_assertion_fires() -> None:
    parameters = {"DEPTH": 11, "WIDTH": 16, "FIRST": 0}
    name = "address_lies_in_the_memory"
    check_assertion_fires(__file__, "hwf_memory", name, parameters, tests=[reads_beyond_the_memory.name])
