"""Made-up traffic, and the lines that tools write of it: what the tests of the readers read."""

import base64
from collections.abc import Sequence
from typing import NamedTuple

from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.recording import Recording, with_attacks

IDENTIFIERS = (0x0C2, 0x1B4, 0x316, 0x43F, 0x2D0)


class Frame(NamedTuple):
    time: float
    identifier: int
    data: bytes
    bus: int = 0
    attack: str = ""  # of which the frame is part


def traffic(count: int = 1000, start: float = 1_700_000_000.0, buses: int = 1, step: float = 0.001) -> list[Frame]:
    """A frame each `step` seconds, of five identifiers with 8, 8, 8, 8 and 2 bytes."""
    frames = []
    for i in range(count):
        identifier = IDENTIFIERS[i % 5]
        data = bytes((i * 7 + k * i // 3) % 256 for k in range(2 if identifier == 0x2D0 else 8))
        frames.append(Frame(round(start + i * step, 6), identifier, data, i % buses))
    return frames


def attacked(frames: Sequence[Frame], identifier: int, attack: str, share: int = 3) -> list[Frame]:
    """The frames with one of the attack behind each `share`th."""
    mixed = []
    for i, frame in enumerate(frames):
        mixed.append(frame)
        if i % share == 0:
            mixed.append(Frame(round(frame.time + 0.0004, 6), identifier, bytes([i % 256] * 8), frame.bus, attack))
    return mixed


def candump_log(frames: Sequence[Frame]) -> list[str]:
    return [f"({f.time:.6f}) can{f.bus} {f.identifier:03X}#{f.data.hex().upper()}" for f in frames]


def candump(frames: Sequence[Frame], extra: str = "", times: str = "absolute", tail: str = "") -> list[str]:
    """candump with -ta, -td (differences), -tz (from zero) or -tA (date); extra: of -x; tail: of -a."""
    lines, before = [], frames[0].time
    for f in frames:
        stamp = {"absolute": f"{f.time:017.6f}", "differences": f"{f.time - before:010.6f}",
                 "zero": f"{f.time - frames[0].time:010.6f}", "date": _date(f.time)}[times]  # fmt: skip
        before = f.time
        lines.append(
            f" ({stamp})  can{f.bus}  {extra}{f.identifier:03X}   [{len(f.data)}]  {f.data.hex(' ').upper()}{tail}"
        )
    return lines


def _date(time: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def asc(frames: Sequence[Frame], relative: bool = False, base: str = "hex") -> list[str]:
    lines = [
        "date Wed Nov 15 10:13:20.000 2023",
        f"base {base}  timestamps {'relative' if relative else 'absolute'}",
        "internal events logged",
        "Begin Triggerblock Wed Nov 15 10:13:20.000 2023",
        "   0.000000 Start of measurement",
    ]
    before = frames[0].time
    for f in frames:
        time = f.time - (before if relative else frames[0].time)
        before = f.time
        identifier = f"{f.identifier:X}" if base == "hex" else str(f.identifier)
        data = f.data.hex(" ").upper() if base == "hex" else " ".join(map(str, f.data))
        lines.append(f"   {time:.6f} {f.bus + 1}  {identifier:15} Rx   d {len(f.data)} {data}")
    return [*lines, "End TriggerBlock"]


def trc(frames: Sequence[Frame]) -> list[str]:
    head = [";$FILEVERSION=2.1", ";$STARTTIME=45244.92592592889", ";$COLUMNS=N,O,T,B,I,d,R,L,D", ";", ";---+--"]
    return head + [
        f"{i:7} {1000 * (f.time - frames[0].time):13.3f} DT {f.bus + 1}     {f.identifier:04X} Rx -  {len(f.data)}    "
        f"{f.data.hex(' ').upper()}"
        for i, f in enumerate(frames)
    ]


def hcrl(frames: Sequence[Frame], marks: tuple[str, str] = ("R", "T"), width: int = 0) -> list[str]:
    """HCRL's rows; width: filled up with empty cells to so many."""
    rows = []
    for f in frames:
        cells = [f"{f.time:.6f}", f"{f.identifier:04x}", str(len(f.data)), *(f"{byte:02x}" for byte in f.data)]
        cells.append(marks[bool(f.attack)])
        rows.append(",".join(cells + [""] * (width - len(cells))))
    return rows


def python_can_csv(frames: Sequence[Frame]) -> list[str]:
    return ["timestamp,arbitration_id,extended,remote,error,dlc,data"] + [
        f"{f.time!r},{f.identifier:#x},0,0,0,{len(f.data)},{base64.b64encode(f.data).decode()}" for f in frames
    ]


def gvret(frames: Sequence[Frame]) -> list[str]:
    rows = ["Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8"]
    for f in frames:
        stamp = round((f.time - frames[0].time) * 1e6) + 1_000
        data = "".join(f"{byte:02X}," for byte in f.data)
        rows.append(f"{stamp},{f.identifier:08X},false,Rx,{f.bus},{len(f.data)},{data}")
    return rows


def challenge(frames: Sequence[Frame]) -> list[str]:
    return ["Timestamp,Arbitration_ID,DLC,Data,Class,SubClass"] + [
        f"{f.time:.6f},{f.identifier:X},{len(f.data)},{f.data.hex(' ').upper()},"
        f"{'Attack' if f.attack else 'Normal'},{f.attack or 'Normal'}"
        for f in frames
    ]


def train_and_test(frames: Sequence[Frame]) -> list[str]:
    return ["timestamp,arbitration_id,data_field,attack"] + [
        f"{f.time:.6f},{f.identifier:03X},{f.data.hex().upper()},{int(bool(f.attack))}" for f in frames
    ]


def iov(frames: Sequence[Frame]) -> list[str]:
    """CICIoV2024's decimal files, which have no times."""
    head = ",".join(["ID", *(f"DATA_{k}" for k in range(8)), "label", "category", "specific_class"])
    return [head] + [
        ",".join(
            [str(f.identifier), *(str(byte) for byte in f.data.ljust(8, b"\0"))]
            + (["ATTACK", "SPOOFING", f.attack] if f.attack else ["BENIGN"] * 3)
        )
        for f in frames
    ]


def attack_log(benign: CanLog, seed: int) -> Recording:
    """A benign log with HCRL's attacks."""
    start, stop = float(benign.time[0]), float(benign.time[-1])
    (made,), _ = with_attacks([Recording(benign, "", start + (stop - start) * 2 / 3)], seed)
    return made
