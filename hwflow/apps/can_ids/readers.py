"""Log files to a CanLog: candump, HCRL CSV and normal run, and through python-can Vector's ASC and BLF."""

from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import DOS, FUZZY, NORMAL, SPOOF_GEAR, SPOOF_RPM, CanLog
from hwflow.apps.can_ids.lines import LINE_PARSERS, LineParser, Record
from hwflow.errors import MissingTool, UserError

_LONGEST_LINE = 4096
_HCRL_NAMES = (("dos", DOS), ("fuzzy", FUZZY), ("gear", SPOOF_GEAR), ("rpm", SPOOF_RPM))
_HCRL_IDENTIFIERS = {0x000: DOS, 0x43F: SPOOF_GEAR, 0x316: SPOOF_RPM}


def read_log(path: Path, limit: int | None = None) -> CanLog:
    """Read up to `limit` frames, in the order of their time stamps; the format is told from the content.

    Lines without a frame are skipped and counted in `broken`. Time stamps coarser than the frames are spread (see
    `spread_times`). Raises UserError if the file cannot be read or holds no frame at all.
    """
    try:
        with path.open("rb") as handle:
            head = handle.read(1 << 16)
            handle.seek(0)
            if _is_vector(path, head):
                records, broken = _vector_records(path, limit)
            else:
                records, broken = _text_records(handle, _choose_parser(head), limit)
    except OSError as error:
        raise UserError(f"Cannot read {path} ({error.strerror}); give a CAN log file.") from None
    if not records:
        raise UserError(f"{path} holds no CAN frame that could be read; give a candump log with time stamps, an HCRL "
                        "CSV file, or Vector's ASC or BLF.")  # fmt: skip
    return _columns(records, broken, path.name)


def spread_times(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread frames that share a time stamp evenly over the clock's resolution. time: seconds [n], ascending.

    The resolution is the smallest step between different stamps: k frames stamped t, the next stamp being t', end at
    t + i * min(t' - t, resolution) / k, i = 0 … k-1. A log with a fine clock is left as it is.
    """
    stamps, first, count = np.unique(time, return_index=True, return_counts=True)
    if len(stamps) < 2 or count.max() == 1:
        return time
    steps = np.diff(stamps)
    resolution = steps.min()
    width = np.append(np.minimum(steps, resolution), resolution)
    # The recording ends within the last stamp: its frames come as densely as those before.
    width[-1] = min(resolution, np.median(width[:-1] / count[:-1]) * count[-1])
    position = np.arange(len(time)) - np.repeat(first, count)
    spread: NDArray[np.float64] = np.repeat(stamps, count) + position * np.repeat(width / count, count)
    return spread


def _lines(handle: BinaryIO) -> Iterator[bytes]:
    """Lines of at most _LONGEST_LINE bytes; the rest of a longer one is dropped, which leaves no frame in it."""
    while line := handle.readline(_LONGEST_LINE):
        yield line
        while len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            line = handle.readline(_LONGEST_LINE)


def _choose_parser(head: bytes) -> LineParser:
    """The parser that reads most of the first lines."""
    sample = head.splitlines()[:200]
    return max(LINE_PARSERS, key=lambda parse: sum(parse(line) is not None for line in sample))


def _text_records(handle: BinaryIO, parse: LineParser, limit: int | None) -> tuple[list[Record], int]:
    records: list[Record] = []
    broken = 0
    for line in _lines(handle):
        if record := parse(line.rstrip(b"\r\n")):
            records.append(record)
            if len(records) == limit:
                break
        elif line.strip():
            broken += 1
    return records, broken


def _is_vector(path: Path, head: bytes) -> bool:
    return head.startswith(b"LOGG") or path.suffix.lower() in (".asc", ".blf")


def _open_vector(path: Path) -> BufferedReader | TextIO:
    return path.open(errors="replace") if path.suffix.lower() == ".asc" else path.open("rb")


def _vector_records(path: Path, limit: int | None) -> tuple[list[Record], int]:
    """Classic data and remote frames of an ASC or BLF file; all else, and what python-can stumbles over, is broken."""
    try:
        import can
    except ImportError:
        raise MissingTool("ASC and BLF logs need python-can; install it with: pip install python-can") from None
    records: list[Record] = []
    broken = 0
    try:
        with _open_vector(path) as handle:
            reader = can.BLFReader(handle) if isinstance(handle, BufferedReader) else can.ASCReader(handle)
            for message in islice(reader, limit):
                if message.is_fd or message.is_error_frame or not 0 <= message.dlc <= 8:
                    broken += 1
                    continue
                data = bytes(message.data[: message.dlc])
                records.append(Record(float(message.timestamp), message.arbitration_id, message.is_extended_id,
                                      message.dlc, data, False))  # fmt: skip
    except OSError:
        raise
    except Exception:
        broken += 1
    return [record for record in records if np.isfinite(record.time)], broken


def _columns(records: list[Record], broken: int, name: str) -> CanLog:
    injected = np.array([record.injected for record in records])
    payload = b"".join(record.data.ljust(8, b"\0") for record in records)
    log = CanLog(
        time=np.array([record.time for record in records], dtype=np.float64),
        identifier=np.array([record.identifier for record in records], dtype=np.uint32),
        extended=np.array([record.extended for record in records]),
        dlc=np.array([record.dlc for record in records], dtype=np.uint8),
        payload=np.frombuffer(payload, dtype=np.uint8).reshape(-1, 8).copy(),
        label=np.zeros(len(records), dtype=np.uint8),
        broken=broken,
        labelled=bool(injected.any()),
    )
    log.label[injected] = _attack_of(log, injected, name)
    log = log.take(np.argsort(log.time, kind="stable"))
    return replace(log, time=spread_times(log.time))


def _attack_of(log: CanLog, injected: NDArray[np.bool_], name: str) -> int:
    """HCRL marks frames as injected without naming the attack: each file holds one, told by its name or identifier."""
    for word, label in _HCRL_NAMES:
        if word in name.lower():
            return label
    identifiers = np.unique(log.identifier[injected])
    if len(identifiers) == 1:
        return _HCRL_IDENTIFIERS.get(int(identifiers[0]), SPOOF_RPM)
    return FUZZY if len(identifiers) else NORMAL
