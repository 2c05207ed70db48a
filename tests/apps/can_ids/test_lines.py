import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.apps.can_ids.lines import NO_FRAME, Record, Unread, candump, frame, hcrl_csv, hcrl_run, seconds_of
from hwflow.apps.can_ids.pythoncan import candump_log

MICROSECONDS = st.integers(0, 2**40)
DATA = st.binary(max_size=8)
STANDARD = st.integers(0, 0x7FF)
EXTENDED = st.integers(0, 0x1FFFFFFF)


def stamp(microseconds: int) -> str:
    return f"{microseconds // 10**6}.{microseconds % 10**6:06d}"


@given(MICROSECONDS, EXTENDED, st.booleans(), DATA)
def test_candump_log_round_trip(time: int, identifier: int, extended: bool, data: bytes) -> None:
    identifier &= 0x1FFFFFFF if extended else 0x7FF
    digits = f"{identifier:08X}" if extended else f"{identifier:03X}"
    line = f"({stamp(time)}) can0 {digits}#{data.hex().upper()}"
    made = Record(float(stamp(time)), identifier, extended, len(data), data, "can0")
    assert list(candump_log().read(iter([(7, line)]))) == [(7, made)]


@given(MICROSECONDS, STANDARD, DATA)
def test_candump_round_trip(time: int, identifier: int, data: bytes) -> None:
    line = f" ({stamp(time)})  can1  {identifier:03X}   [{len(data)}]  {data.hex(' ').upper()}"
    assert candump(line) == Record(float(stamp(time)), identifier, False, len(data), data, "can1")


@given(MICROSECONDS, STANDARD, DATA, st.sampled_from("RT01"), st.integers(0, 9))
def test_hcrl_csv_round_trip(time: int, identifier: int, data: bytes, mark: str, empty: int) -> None:
    cells = [stamp(time), f"{identifier:04x}", str(len(data)), *(f"{byte:02x}" for byte in data), mark]
    made = Record(float(stamp(time)), identifier, False, len(data), data, label=(mark,))
    assert hcrl_csv(",".join(cells + [""] * empty)) == made


@given(MICROSECONDS, STANDARD, DATA)
def test_hcrl_run_round_trip(time: int, identifier: int, data: bytes) -> None:
    line = f"Timestamp: {stamp(time)}        ID: {identifier:04x}    000    DLC: {len(data)}    {data.hex(' ')}"
    assert hcrl_run(line) == Record(float(stamp(time)), identifier, False, len(data), data)


@given(st.text(max_size=200).filter(lambda text: "\n" not in text))
def test_no_line_crashes_a_parser(line: str) -> None:
    for parse in (candump, hcrl_csv, hcrl_run):
        made = parse(line)
        assert not isinstance(made, Record) or 0 <= made.dlc <= 8
    ((number, _),) = candump_log().read(iter([(1, line)]))
    assert number == 1


@given(
    st.lists(st.sampled_from(["(1.0) can0 123#00", "odd", "", "(1.0) can0 12Z#00", "(nan) can0 123#00"]), max_size=12)
)
def test_every_line_is_accounted_for_in_its_place(lines: list[str]) -> None:
    found = list(candump_log().read(iter(enumerate(lines, 1))))
    assert [number for number, _ in found] == list(range(1, len(lines) + 1))
    for line, (_, made) in zip(lines, found, strict=True):
        assert isinstance(made, Record if line.endswith("can0 123#00") and "nan" not in line else Unread) or not line


@pytest.mark.parametrize(("identifier", "dlc"), [(0x123, -1), (0x123, 16), (3.5, 0), (0x123, 2.0)])
def test_numbers_that_no_frame_has(identifier: int, dlc: int) -> None:
    for remote in (False, True):
        assert isinstance(frame(1.0, identifier, False, dlc, b"", remote=remote), Unread)


@dataclass(frozen=True)
class Odd:
    line: str
    known: bool = False


@pytest.mark.parametrize("odd", [
    Odd("(1.0) can0 123#0"),  # half a byte
    Odd("(1.0) can0 800#00"),  # more than eleven bits
    Odd("(1.0) can0 123#112233445566778899"),  # nine bytes
    Odd("(nan) can0 123#00"),
    Odd("(1.0) can0 12Z#00"),
    Odd("(1.0) can0 123##100112233445566778899", True),  # CAN FD
    Odd("(1.0) can0 20000004#0001000000000000", True),  # an error frame
    Odd("(1.2.3) can0 123##100", True),  # and those whose time is none
    Odd(f"({'9' * 400}) can0 20000004#0001000000000000", True),
])  # fmt: skip
def test_lines_of_candumps_log_that_are_no_frame(odd: Odd) -> None:
    ((_, made),) = candump_log().read(iter([(1, odd.line)]))
    assert isinstance(made, Unread) and made.known is odd.known
    assert made.time is None or math.isfinite(made.time)


def test_other_lines_that_are_no_frame() -> None:
    assert isinstance(hcrl_csv("1.0,0316,8,05,21,R"), Unread)  # fewer bytes than DLC
    assert isinstance(hcrl_csv("1.0,0316,16,00,00,00,00,00,00,00,00,R"), Unread)
    assert hcrl_csv("1.0,0316,1,05,?") == NO_FRAME
    assert isinstance(candump(" can0  123   [1]  00"), Unread)  # without a time
    assert isinstance(candump(" (1.0)  can0  123   [8]  00"), Unread)
    for separator in "\x1c\x85\xa0\u2003":  # spaces to people, and to nothing that reads bytes
        assert isinstance(candump(f" (1.0)  can0  123   [2]  00{separator}01"), Unread)
        assert hcrl_run(f"Timestamp: 1.0  ID: 0316  000  DLC: 2  00{separator}01") == NO_FRAME
    assert candump("\tcontroller-problem{rx-error-warning}") is None
    assert isinstance(frame(-1.0, 1, False, 0, b""), Unread)


def test_rows_filled_up_with_zeros() -> None:
    filled = "1.0,0316,2,05,21,00,00,00,00,00,00"
    assert hcrl_csv(filled) == Record(1.0, 0x316, False, 2, b"\x05\x21")
    assert hcrl_csv(f"{filled},T") == Record(1.0, 0x316, False, 2, b"\x05\x21", label=("T",))


def test_remote_frame_has_length_and_no_data() -> None:
    ((_, made),) = candump_log().read(iter([(1, "(1.0) can0 123#R4")]))
    assert made == Record(1.0, 0x123, False, 4, b"", "can0")


def test_a_comment_is_no_frame_whatever_it_says() -> None:
    lines = [
        (1, "#1700000000.117000) can0 316#335A81A8CFF61D44"),
        (2, "(1.0) can0 123#00"),
        (3, "# (2.0) can0 123#00"),
        (4, ""),
    ]
    made = list(candump_log().read(iter(lines)))
    assert made == [(1, None), (2, Record(1.0, 0x123, False, 1, b"\0", "can0")), (3, None), (4, None)]


def test_times() -> None:
    assert seconds_of("2023-11-14 22:13:20.000256") == 1700000000.000256
    assert seconds_of("1.5") == 1.5
    assert seconds_of("noon") is None
