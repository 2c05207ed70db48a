"""The framing model itself, against frames and checksums that others published."""

import random

import pytest
from helpers.can_framing import CRC, FORM, STUFF, Frame, crc15, frame_bits, header, number, receive, stuff

# The frame of identifier 0x14 with one byte 0x01 as it was on a bus, stuff bits, no ACK and intermission included:
# https://github.com/commaai/panda, tests/gmbitbang/test_packer.c.
ON_A_BUS = "0000010010100000100010000010011110111010100111111111111111"

# Checksums of the test bench of the OpenCores CAN controller (https://opencores.org/projects/can, bench/verilog/can_testbench.v),
# whose payloads are the nibbles 1, 2, 3 and so on.
NIBBLES = bytes.fromhex("123456789abcdef0")
OPENCORES = [
    *((Frame(0x741, data=NIBBLES[:size]), crc) for size, crc in ((0, 0x2372), (1, 0x30BB), (2, 0x2DA1), (8, 0x70E0))),
    *((Frame(0x771, data=NIBBLES[:size]), crc) for size, crc in ((0, 0x6CEA), (1, 0x00C5), (2, 0x7B4A))),
    *(
        (Frame(0x14D60246, True, NIBBLES[:size]), crc)
        for size, crc in enumerate((0x6F54, 0x6D38, 0x053E, 0x5262, 0x4BBA, 0x4D7D, 0x6F40, 0x1730, 0x2F7A))
    ),
    (Frame(0x745, dlc=7, remote=True), 0x4E9F),
]


def test_the_check_value_of_the_catalogue() -> None:
    """CRC-15/CAN of the digits 1 to 9: https://reveng.sourceforge.io/crc-catalogue/1-15.htm."""
    assert crc15([bit for byte in b"123456789" for bit in number(byte, 8)]) == 0x059E


def test_a_frame_that_was_on_a_bus() -> None:
    bits = [*frame_bits(Frame(0x14, data=b"\x01"), ack=1), 1, 1, 1]
    assert "".join(map(str, bits)) == ON_A_BUS
    (heard,), overloads = receive([int(bit) for bit in ON_A_BUS])
    assert (heard.end, heard.identifier, heard.extended, heard.dlc, heard.data) == ("accepted", 0x14, False, 1, [1])
    assert not overloads


@pytest.mark.parametrize(("frame", "crc"), OPENCORES, ids=str)
def test_checksums_of_a_known_controller(frame: Frame, crc: int) -> None:
    assert crc15([*header(frame), *(bit for byte in frame.data for bit in number(byte, 8))]) == crc


def test_stuff_bits_count_among_those_that_follow() -> None:
    assert stuff([0] * 5 + [1] * 4) == [0] * 5 + [1] + [1] * 4 + [0]
    assert stuff([1] * 10) == [1] * 5 + [0] + [1] * 5 + [0]


def test_every_frame_is_heard_as_it_was_sent_and_every_flipped_bit_of_it_is_told() -> None:
    rng = random.Random(1)
    failures = set()
    for _ in range(60):
        extended = rng.random() < 0.5
        frame = Frame(rng.getrandbits(29 if extended else 11), extended, rng.randbytes(rng.randrange(9)))
        bits = [*frame_bits(frame), *[1] * 14]
        (heard,), overloads = receive(bits)
        assert (heard.end, heard.identifier, heard.extended) == ("accepted", frame.identifier, extended)
        assert (bytes(heard.data), heard.dlc, heard.at) == (frame.data, frame.length, len(bits) - 16)
        assert not overloads
        last = len(bits) - 15
        acknowledge = last - 8
        for place in set(range(1, last)) - {acknowledge}:
            bits[place] ^= 1
            first = receive(bits)[0][0]
            # A recessive bit where FDF is makes it an FD frame; other bits, the CRC's distance makes sure of it, an error.
            assert first.end in ("failed", "passed_over")
            failures.add(first.failure)
            bits[place] ^= 1
        bits[last] = 0
        assert receive(bits)[1] == [last]
    assert failures == {0, STUFF, FORM, CRC}
