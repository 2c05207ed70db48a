"""Each format that people have, with what is right for it; the faults are those of real files, made small."""

import bz2
import gzip
import lzma
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import can
import numpy as np
import pytest
from apps.can_ids import logs
from apps.can_ids.logs import Frame, attacked, traffic

from hwflow.apps.can_ids.contents import LogContents, labels_of, log_contents
from hwflow.apps.can_ids.logfile import LogFile
from hwflow.apps.can_ids.readers import read_log
from hwflow.errors import UserError

Writer = Callable[[Sequence[Frame]], list[str]]


def write(path: Path, lines: Sequence[str], encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def frames_of(file: LogFile) -> list[tuple[int, bytes]]:
    return [
        (int(identifier), payload[:dlc].tobytes())
        for trace in file.traces
        for identifier, payload, dlc in zip(trace.log.identifier, trace.log.payload, trace.log.dlc, strict=True)
    ]


WRITERS: dict[str, Writer] = {
    "candump -L": logs.candump_log,
    "candump -ta": logs.candump,
    "candump -tz": lambda frames: logs.candump(frames, times="zero"),
    "candump -td": lambda frames: logs.candump(frames, times="differences"),
    "candump -tA": lambda frames: logs.candump(frames, times="date"),
    "candump -x": lambda frames: logs.candump(frames, extra="RX - -  "),
    "candump -x, older": lambda frames: logs.candump(frames, extra="TX B E  "),
    "candump -a": lambda frames: logs.candump(frames, tail="   '.9 '.A..'"),
    "candump -c": lambda frames: [f"\x1b[1m\x1b[34m{line}\x1b[0m" for line in logs.candump(frames)],
    "asc": logs.asc,
    "asc, relative": lambda frames: logs.asc(frames, relative=True),
    "asc, decimal": lambda frames: logs.asc(frames, base="dec"),
    "trc": logs.trc,
    "hcrl": logs.hcrl,
    "hcrl, padded": lambda frames: logs.hcrl(frames, width=12),
    "hcrl, padded beyond": lambda frames: logs.hcrl(frames, width=16),
    "python-can csv": logs.python_can_csv,
    "gvret": logs.gvret,
    "challenge 2020": logs.challenge,
    "can-train-and-test": logs.train_and_test,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_frame_and_its_time(name: str, tmp_path: Path) -> None:
    frames = traffic(600)
    file = read_log(write(tmp_path / "a user's log", WRITERS[name](frames)))
    assert frames_of(file) == [(frame.identifier, frame.data) for frame in frames]
    assert not file.skipped and file.timed
    (trace,) = file.traces
    steps = np.diff(trace.log.time)
    assert steps == pytest.approx([0.001] * 599, abs=2e-6)
    assert trace.log.time[-1] - trace.log.time[0] == pytest.approx(0.599, abs=1e-5)


@pytest.mark.parametrize("name", WRITERS)
def test_one_odd_line_costs_one_line(name: str, tmp_path: Path) -> None:
    frames = traffic(600)
    lines = WRITERS[name](frames)
    lines.insert(len(lines) - 299, lines[-300].replace("0", "Z"))
    file = read_log(write(tmp_path / "log", lines))
    assert len(file) == 600
    assert [skipped.line for skipped in file.skipped] == [len(lines) - 299]


def test_an_odd_identifier_in_asc(tmp_path: Path) -> None:
    lines = logs.asc(traffic(1000))
    lines.insert(150, "   0.145500 1  3XZ             Rx   d 8 00 11 22 33 44 55 66 77")
    lines.insert(400, "   0.395500 1  C2              Rx   d 8 00 11 22")
    file = read_log(write(tmp_path / "log.asc", lines))
    assert len(file) == 1000
    assert [(skipped.line, skipped.reason) for skipped in file.skipped] == [
        (151, "not a frame of this format"),
        (401, "its length is 8 and it has 3 data bytes"),
    ]


def test_more_than_one_odd_line_in_a_hundred(tmp_path: Path) -> None:
    lines = logs.candump_log(traffic(990))
    few = write(tmp_path / "few.log", [*lines, *(["(0.1) can0 12"] * 10)])
    assert len(read_log(few).skipped) == 10
    with pytest.raises(UserError, match=r"11 of 1,001 lines of .*many.log.* line 991"):
        read_log(write(tmp_path / "many.log", [*lines, *(["(0.1) can0 12"] * 11)]))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["candump -L", "asc", "trc", "hcrl", "gvret", "python-can csv"])
def test_encodings_and_line_ends(name: str, end: str, encoding: str, tmp_path: Path) -> None:
    file = read_log(write(tmp_path / "log", WRITERS[name](traffic(300)), encoding, end))
    assert (len(file), file.skipped) == (300, ())


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_by_content(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = write(tmp_path / "plain", logs.candump_log(traffic(3000)))
    packed = tmp_path / "packed.log"
    packed.write_bytes(pack(path.read_bytes()))
    assert len(read_log(packed)) == 3000


def test_packed_file_that_breaks_off(tmp_path: Path) -> None:
    packed = tmp_path / "packed.log"
    whole = gzip.compress(("\n".join(logs.candump_log(traffic(3000))) + "\n").encode())
    packed.write_bytes(whole[: len(whole) // 2])
    cut = read_log(packed)
    assert 0 < len(cut) < 3000
    assert "breaks off" in cut.skipped[-1].reason


def test_packed_and_nothing_left_of_it(tmp_path: Path) -> None:
    packed = tmp_path / "packed.log"
    packed.write_bytes(gzip.compress(b"(1.0) can0 123#00\n" * 3000)[:20])
    with pytest.raises(UserError, match="packed.log"):
        read_log(packed)


@pytest.mark.parametrize(("suffix", "buses"), [(".asc", True), (".blf", True), (".log", True), (".trc", False),
                                               (".csv", False), (".db", False)])  # fmt: skip
def test_what_python_can_writes(suffix: str, buses: bool, tmp_path: Path) -> None:
    path, frames = tmp_path / f"log{suffix}", traffic(400, buses=2)
    with can.Logger(path) as logger:
        for frame in frames:
            message = can.Message(frame.time, frame.identifier, False, data=frame.data, channel=frame.bus)
            logger.on_message_received(message)
    file = read_log(path)
    assert (len(file), file.skipped) == (400, ())
    assert sorted(frames_of(file)) == sorted((frame.identifier, frame.data) for frame in frames)
    assert not buses or [len(trace.log) for trace in file.traces] == [200, 200]


@pytest.mark.parametrize(
    ("column", "value"), [("data", 1 << 40), ("data", "text"), ("arbitration_id", 3.5), ("dlc", -1)]
)
def test_a_database_with_what_is_no_frame(column: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with can.Logger(path) as logger:
        logger.on_message_received(can.Message(1.0, 0x123, False, is_remote_frame=column == "dlc"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE messages SET {column} = ?", (value,))
        connection.commit()
    with pytest.raises(UserError, match="hold no frame"):
        read_log(path)


def test_a_database_whose_fault_quotes_lines_of_it_is_refused_in_one(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with can.Logger(path) as logger:
        logger.on_message_received(can.Message(1.0, 0x123, False))
    path.write_bytes(re.sub(rb"da(ta\s+BLOB)", rb"`\1 ", path.read_bytes()))
    with pytest.raises(UserError, match="the database cannot be read here") as refused:
        read_log(path)
    assert "\n" not in str(refused.value)


def test_packed_database(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with can.Logger(path) as logger:
        logger.on_message_received(can.Message(1.0, 0x123, False, data=b"ab"))
    packed = tmp_path / "log"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert frames_of(read_log(packed)) == [(0x123, b"ab")]


@pytest.mark.parametrize("count", [3, 1000])
def test_truncated_blf_keeps_what_could_be_read_and_says_so(count: int, tmp_path: Path) -> None:
    path = tmp_path / "log.blf"
    with can.Logger(path) as logger:
        for frame in traffic(count):
            logger.on_message_received(can.Message(frame.time, frame.identifier, False, data=frame.data, channel=0))
    whole = path.read_bytes()
    kept = 0
    for size in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:size])
        with suppress(UserError):
            file = read_log(path)
            kept += 1
            assert [skipped.line for skipped in file.skipped] == [len(file) + 1]
    assert (kept > 0) == (count > 100)


@pytest.mark.parametrize("lines", [
    [f"({1 + i / 1000:.6f}) can0 123##1{'00' * 12}" for i in range(50)],
    [f" ({1 + i / 1000:.6f})  can0  123  [12]  {'00 ' * 12}" for i in range(50)],
    [f" ({1 + i / 1000:.6f})  can0  123  [08]  {'00 ' * 8}" for i in range(50)],
])  # fmt: skip
def test_only_fd_frames(lines: list[str], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="50 CAN FD frames and no classic CAN frame"):
        read_log(write(tmp_path / "fd.log", lines))


def test_fd_and_error_frames_among_others_are_counted(tmp_path: Path) -> None:
    lines = logs.candump_log(traffic(100))
    lines[50:50] = ["(1700000000.04) can0 123##D0011", "(1700000000.04) can0 20000004#0001000000000000"] * 10
    file = read_log(write(tmp_path / "log", lines))
    assert len(file) == 100
    assert {skipped.reason for skipped in file.skipped} == {"a CAN FD frame", "an error frame"}


@pytest.mark.parametrize("line", [
    "(1.5) can0 123#1122334455667788_B",
    " (1.5)  can0  123   {B}  11 22 33 44 55 66 77 88",
    " (1.5)  can0  123   [9]  11 22 33 44 55 66 77 88",
    "1.5,0123,15,11,22,33,44,55,66,77,88,R",
])  # fmt: skip
def test_a_length_code_above_eight_means_eight_bytes(line: str, tmp_path: Path) -> None:
    assert frames_of(read_log(write(tmp_path / "log", [line]))) == [(0x123, bytes.fromhex("1122334455667788"))]


def test_a_length_code_above_eight_in_asc(tmp_path: Path) -> None:
    lines = logs.asc([Frame(1.0, 0x123, bytes(range(8)))])
    file = read_log(write(tmp_path / "log", [line.replace(" d 8 ", " d b ") for line in lines]))
    assert frames_of(file) == [(0x123, bytes(range(8)))]


def test_extended_and_remote_frames(tmp_path: Path) -> None:
    lines = ["(1.0) can0 00000123#01", "(1.1) can0 123#R4", " (1.2)  can0  18FEF100   [0]  remote request"]
    for line, extended, dlc in zip(lines, (True, False, True), (1, 4, 0), strict=True):
        (trace,) = read_log(write(tmp_path / "log", [line])).traces
        assert (trace.log.extended.tolist(), trace.log.dlc.tolist()) == ([extended], [dlc])


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 10_000, b"hello,world\n" * 100, b"id,data\n" * 3])
def test_no_frame_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(UserError, match="no CAN frame"):
        read_log(path)


def test_candump_without_times_says_what_would_help(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="-ta"):
        read_log(write(tmp_path / "log", ["  can0  123   [1]  00"] * 20))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.log", tmp_path):
        with pytest.raises(UserError, match="Cannot read"):
            read_log(path)


def test_endless_line_is_one_line(tmp_path: Path) -> None:
    lines = logs.candump_log(traffic(200))
    lines.insert(100, "(1.0) can0 123#00 " * 100_000)
    file = read_log(write(tmp_path / "log", lines))
    assert (len(file), [skipped.line for skipped in file.skipped]) == (200, [101])


def test_limit(tmp_path: Path) -> None:
    path = write(tmp_path / "log", logs.candump_log(traffic(10)))
    assert (len(read_log(path, limit=4)), read_log(path, limit=4).whole) == (4, False)
    assert (len(read_log(path, limit=10)), read_log(path, limit=10).whole) == (10, True)


@pytest.mark.parametrize("name", ["candump -L", "candump -ta", "asc", "trc", "gvret"])
def test_two_buses_stay_apart(name: str, tmp_path: Path) -> None:
    file = read_log(write(tmp_path / "log", WRITERS[name](traffic(600, buses=3))))
    assert [(len(trace.log), trace.session) for trace in file.traces] == [(200, 0)] * 3
    assert len({trace.bus for trace in file.traces}) == 3


def contents(path: Path, lines: Sequence[str]) -> LogContents:
    return log_contents([write(path, lines)])


def test_columns_in_any_order_with_units_and_names(tmp_path: Path) -> None:
    frames = attacked(traffic(300), 0x316, "Replay")
    rows = ["attack_type;Data;can_id;Channel;dlc;time (ms)"]
    rows += [f"{f.attack or 'normal'};{f.data.hex()};0x{f.identifier:x};can{f.bus};{len(f.data)};{f.time * 1000:.3f}"
             for f in frames]  # fmt: skip
    held = contents(tmp_path / "log.csv", rows)
    assert (held.frames, held.buses) == (400, {"can0": 400})
    assert held.labels == {"normal": 300, "replay": 100}
    assert held.seconds == pytest.approx(0.299)


def test_a_header_over_hcrls_rows(tmp_path: Path) -> None:
    frames = attacked(traffic(300), 0x000, "dos")
    header = ",".join(["Timestamp", "CAN ID", "DLC", *(f"DATA[{k}]" for k in range(8)), "Flag"])
    held = contents(tmp_path / "log.csv", [header, *logs.hcrl(frames)])
    assert held.labels == {"normal": 300, "dos": 100}
    assert held.skipped == ()


def test_iov_has_labels_and_no_times(tmp_path: Path) -> None:
    frames = traffic(300) + [Frame(0, 128, bytes([200] * 8), attack="GAS")] * 40
    held = contents(tmp_path / "decimal.csv", logs.iov(frames))
    assert (held.frames, held.seconds, held.first) == (340, None, None)
    assert held.labels == {"normal": 300, "spoof-gas": 40}
    assert held.identifiers["43F"] == 60 and held.identifiers["080"] == 40


@pytest.mark.parametrize(("marks", "labels"), [(("R", "T"), True), (("0", "1"), True), (("Normal", "Attack"), True)])
def test_marks_without_a_header(marks: tuple[str, str], labels: bool, tmp_path: Path) -> None:
    frames = attacked(traffic(300), 0x43F, "gear")
    file = read_log(write(tmp_path / "log.csv", logs.hcrl(frames, marks)))
    assert file.labelled is labels
    assert labels_of(file) == {"normal": 300, "spoof-gear": 100}


def test_without_labels_nothing_is_called_benign(tmp_path: Path) -> None:
    held = contents(tmp_path / "log", logs.candump_log(traffic(300)))
    assert held.labels == {"unknown": 300}
