from hypothesis import given
from hypothesis import strategies as st

from hwflow.apps.can_ids.lines import LINE_PARSERS, Record, candump, candump_log, hcrl_csv, hcrl_run

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
    line = f"({stamp(time)}) can0 {digits}#{data.hex().upper()}".encode()
    assert candump_log(line) == Record(float(stamp(time)), identifier, extended, len(data), data, False)


@given(MICROSECONDS, STANDARD, DATA)
def test_candump_round_trip(time: int, identifier: int, data: bytes) -> None:
    line = f" ({stamp(time)})  can0  {identifier:03X}   [{len(data)}]  {data.hex(' ').upper()}".encode()
    assert candump(line) == Record(float(stamp(time)), identifier, False, len(data), data, False)


@given(MICROSECONDS, STANDARD, DATA, st.booleans())
def test_hcrl_csv_round_trip(time: int, identifier: int, data: bytes, injected: bool) -> None:
    cells = [stamp(time), f"{identifier:04x}", str(len(data)), *(f"{byte:02x}" for byte in data), "RT"[injected]]
    assert hcrl_csv(",".join(cells).encode()) == Record(
        float(stamp(time)), identifier, False, len(data), data, injected
    )


@given(MICROSECONDS, STANDARD, DATA)
def test_hcrl_run_round_trip(time: int, identifier: int, data: bytes) -> None:
    line = f"Timestamp: {stamp(time)}        ID: {identifier:04x}    000    DLC: {len(data)}    {data.hex(' ')}"
    assert hcrl_run(line.encode()) == Record(float(stamp(time)), identifier, False, len(data), data, False)


@given(st.binary(max_size=200))
def test_no_line_crashes_a_parser(line: bytes) -> None:
    for parse in LINE_PARSERS:
        record = parse(line)
        assert record is None or 0 <= record.dlc <= 8


def test_lines_that_are_no_frame() -> None:
    assert candump_log(b"(1.0) can0 123#0") is None  # half a byte
    assert candump_log(b"(1.0) can0 800#00") is None  # more than eleven bits
    assert candump_log(b"(1.0) can0 FFFFFFFF#00") is None  # more than 29 bits
    assert candump_log(b"(1.0) can0 123##100112233445566778899") is None  # CAN FD
    assert candump_log(b"(nan) can0 123#00") is None
    assert hcrl_csv(b"1.0,0316,8,05,21,R") is None  # fewer bytes than DLC
    assert hcrl_csv(b"1.0,0316,9,00,00,00,00,00,00,00,00,R") is None
    assert hcrl_csv(b"1.0,0316,1,05,X") is None
    assert candump(b" can0  123   [1]  00") is None  # without a time


def test_remote_frame_has_length_and_no_data() -> None:
    assert candump_log(b"(1.0) can0 123#R4") == Record(1.0, 0x123, False, 4, b"", False)
