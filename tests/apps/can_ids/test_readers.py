from pathlib import Path

import can
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.apps.can_ids.frame import DOS, FUZZY, SPOOF_GEAR, SPOOF_RPM
from hwflow.apps.can_ids.readers import read_log, spread_times
from hwflow.errors import UserError

FRAMES = ((0.001, 0x123, b"\x01\x02"), (0.002, 0x7FF, b""), (0.5, 0x123, bytes(range(8))))


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_candump_with_broken_lines(tmp_path: Path) -> None:
    lines = [f"({time:.6f}) can0 {identifier:03X}#{data.hex()}" for time, identifier, data in FRAMES]
    log = read_log(write(tmp_path / "a log's name.txt", lines[0], "(0.1) can0 12", "", "\x00\xff", *lines[1:]))
    assert log.broken == 2
    assert log.time.tolist() == [frame[0] for frame in FRAMES]
    assert log.identifier.tolist() == [0x123, 0x7FF, 0x123]
    assert log.dlc.tolist() == [2, 0, 8]
    assert log.payload[0].tolist() == [1, 2, 0, 0, 0, 0, 0, 0]
    assert not log.labelled


@pytest.mark.parametrize("suffix", [".asc", ".blf"])
def test_vector_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"log{suffix}"
    with can.Logger(path) as logger:
        for time, identifier, data in FRAMES:
            logger.on_message_received(can.Message(time, identifier, is_extended_id=False, data=data))
    log = read_log(path)
    assert log.identifier.tolist() == [0x123, 0x7FF, 0x123]
    assert np.diff(log.time) == pytest.approx([0.001, 0.498], abs=1e-6)
    assert log.payload[2].tolist() == list(range(8))


def test_truncated_blf_keeps_what_could_be_read_or_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log.blf"
    with can.Logger(path) as logger:
        for time, identifier, data in FRAMES:
            logger.on_message_received(can.Message(time, identifier, is_extended_id=False, data=data))
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        try:
            frames = len(read_log(path))
        except UserError as refused:
            frames, said = 1, str(refused)
        else:
            said = path.name
        assert 1 <= frames <= 3 and "log.blf" in said


@pytest.mark.parametrize(
    ("name", "identifiers", "attack"),
    [
        ("DoS_dataset.csv", "0000 0000", DOS),
        ("Fuzzy_dataset.csv", "0316 0316", FUZZY),
        ("mine.csv", "0000 0000", DOS),
        ("mine.csv", "043f 043f", SPOOF_GEAR),
        ("mine.csv", "0316 0316", SPOOF_RPM),
        ("mine.csv", "0111 0222", FUZZY),
    ],
)
def test_hcrl_attacks(tmp_path: Path, name: str, identifiers: str, attack: int) -> None:
    injected = [f"{1 + i}.5,{identifier},1,00,T" for i, identifier in enumerate(identifiers.split())]
    log = read_log(write(tmp_path / name, "1.0,0350,2,05,28,R", *injected))
    assert log.labelled
    assert log.label.tolist() == [0, attack, attack]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 10_000, b"hello,world\n" * 100])
def test_no_frame_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(UserError, match="no CAN frame"):
        read_log(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.log", tmp_path):
        with pytest.raises(UserError, match="Cannot read"):
            read_log(path)


def test_endless_line_is_one_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"(1.0) can0 123#00\n" + b"(1.0) can0 123#00 " * 100_000 + b"\n(2.0) can0 123#00\n")
    log = read_log(path)
    assert (len(log), log.broken) == (2, 1)


def test_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "log", *(f"({i}.0) can0 123#00" for i in range(10)))
    assert len(read_log(path, limit=4)) == 4


def test_coarse_clock_is_spread_evenly() -> None:
    time = spread_times(np.repeat([10.0, 11.0, 13.0], [4, 2, 1]))
    assert time.tolist() == [10.0, 10.25, 10.5, 10.75, 11.0, 11.5, 13.0]


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_spreading_keeps_order_and_stays_within_the_resolution(stamps: list[int]) -> None:
    time = np.sort(np.array(stamps, dtype=np.float64))
    spread = spread_times(time)
    assert (np.diff(spread) >= 0).all()
    distinct = np.unique(time)
    resolution = np.diff(distinct).min() if len(distinct) > 1 else 0
    assert ((spread - time >= 0) & (spread - time <= resolution)).all()
