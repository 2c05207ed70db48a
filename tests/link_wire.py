"""The link's wire in simulated time: hwf_ledger in Verilator, and a Port on which faults happen when they are asked for.

The real host (`hwflow.host.link`) talks to the real RTL through a `FaultyPort`. Its clock is the simulation's, which moves
only while the host waits, so what happens depends on the seed alone, and a deadline is checked to the clock cycle.
"""

import random
import struct
import subprocess
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Self

from hwflow.host.frame import Decoder, Reply, Request, encode
from hwflow.host.port import Port
from hwflow.paths import data_folder
from hwflow.tool.verilator import Model, build_model

HERE = Path(__file__).resolve().parent / "rtl" / "link"
BAUD = 1_000_000
COUNTS = ("good", "crc", "length", "framing", "overruns", "duplicates", "done")
_MOST_LOOKS = 20_000  # at the port, within a call
_ANSWER = struct.Struct("<QQ7IIIIIB256s")


def campaign_sources() -> list[Path]:
    """The RTL of the link, of the UART and of the shell, and the application."""
    rtl = data_folder("rtl")
    return [*(path for room in ("uart", "link") for path in sorted((rtl / room).glob("hwf_*.sv"))),
            rtl / "shell" / "hwf_shell.sv", HERE / "hwf_ledger.sv"]  # fmt: skip


def build_wire(out: Path, clocks_per_bit: int = 8, sources: Iterable[Path] | None = None, *, window: int = 8) -> Path:
    """Compile the program of the campaign for so many clock cycles a bit, and requests that may be under way."""
    out.mkdir(parents=True, exist_ok=True)
    top = out / "hwf_top.sv"
    top.write_text(
        "module hwf_top (input logic clk, button, uart_rx, output logic uart_tx, rst, rest,\n"
        "                output logic [6:0] events, output logic [31:0] sum);\n"
        f"  hwf_ledger #(.CLOCKS_PER_BIT({clocks_per_bit}), .WINDOW({window})) bench (.*);\nendmodule\n"
    )
    read = {path.name: path.read_bytes() for path in (*(sources or campaign_sources()), top)}
    return build_model(Model(read, "hwf_top", HERE / "faults.cpp"))


@dataclass(frozen=True)
class Disturbance:
    """What happens to the line, in clock cycles from a frame's first bit on.

    pulses: start and length of each stretch in which the line is inverted; reset: when the button is pressed, and for
    how long.
    """

    pulses: tuple[tuple[int, int], ...] = ()
    reset: tuple[int, int] | None = None

    def encoded(self) -> bytes:
        at, cycles = self.reset or (-1, 0)
        return struct.pack("<iHB", at, cycles, len(self.pulses)) + b"".join(struct.pack("<II", *p) for p in self.pulses)


CALM = Disturbance()


@dataclass(frozen=True)
class State:
    """The device as it is, seen from inside.

    now, simulated: cycles that passed, and those of them that were simulated; counts: events since the last reset; resets:
    since the start; sum, cells: of hwf_ledger; unheard: intact frames on an idle line that were not accepted; lost: those
    right behind a damaged one; restless: it did not come to rest.
    """

    now: int
    simulated: int
    counts: dict[str, int]
    resets: int
    sum: int
    unheard: int
    lost: int
    restless: bool
    cells: bytes


class Wire:
    """The running program."""

    def __init__(self, program: Path, clocks_per_bit: int = 8) -> None:
        self.clocks_per_bit = clocks_per_bit
        self._process = subprocess.Popen(
            [str(program), str(clocks_per_bit)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def send(self, data: bytes, pause: int = 0, *, intact: bool = True, disturbance: Disturbance = CALM) -> None:
        self._write(struct.pack("<cIB", b"S", pause, intact) + disturbance.encoded() +
                    struct.pack("<H", len(data)) + data)  # fmt: skip

    def disturb_reply(self, disturbance: Disturbance) -> None:
        """What happens to the next frame from the device."""
        self._write(b"R" + disturbance.encoded())

    def set_baud_error(self, ppm: int) -> None:
        """By how much the host's bits are longer than the device's."""
        self._write(struct.pack("<ci", b"B", ppm))

    def wait(self, until: int) -> tuple[int, bytes]:
        """The cycle in which a frame ended, or `until`, and what has come by then."""
        self._write(struct.pack("<cQ", b"W", until))
        now, size = struct.unpack("<QH", self._read(10))
        return now, self._read(size)

    def state(self) -> State:
        self._write(b"Q")
        now, simulated, *numbers, restless, cells = _ANSWER.unpack(self._read(_ANSWER.size))
        resets, total, unheard, lost = numbers[7:]
        counts = dict(zip(COUNTS, numbers[:7], strict=True))
        return State(now, simulated, counts, resets, total, unheard, lost, bool(restless), cells)

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    def _read(self, size: int) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.flush()
        data = self._process.stdout.read(size)
        if len(data) < size:
            raise RuntimeError("the simulation ended by itself: an assertion fired")
        return data


class Kind(StrEnum):
    """What goes wrong: the first seven are the link's promise, the others are there to be thorough."""

    FLIP = "bits flipped"
    DROP = "bytes dropped"
    DOUBLE = "byte doubled"
    INSERT = "bytes inserted"
    TRUNCATE = "frame truncated"
    BAUD = "baud error up to 2 %"
    RESET = "reset in mid-frame"
    NOISE = "line inverted for any time"
    FORGE = "frame almost right"
    LATE = "frame held up"
    CUT = "wire cut"


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with the request, or the reply, of this index in a call, repetitions included."""

    kind: Kind
    reply: bool = False
    index: int = 0


@dataclass
class Plan:
    """What is to go wrong in a call, and how often each of it did."""

    faults: list[Fault] = field(default_factory=list)
    done: list[Fault] = field(default_factory=list)


def damage(kind: Kind, data: bytes, rng: random.Random) -> bytes:
    """The bytes of a frame, some of them lost, doubled or new."""
    at = rng.randrange(len(data))
    match kind:
        case Kind.DROP:
            return data[:at] + data[at + rng.choice((1, 1, 2, 5)) :]
        case Kind.DOUBLE:
            return data[: at + 1] + data[at:]
        case Kind.INSERT:
            new = bytes(rng.choice((0, 1, 255, rng.randrange(256))) for _ in range(rng.choice((1, 1, 2, 5))))
            return data[:at] + new + data[at:]
        case Kind.TRUNCATE:
            return data[:at] if rng.random() < 0.75 else data[at:]
    return data


def disturb(kind: Kind, size: int, bit: int, rng: random.Random) -> Disturbance:
    """The faults of the line itself, within a frame of `size` bytes."""
    match kind:
        case Kind.FLIP:
            return Disturbance(tuple((rng.randrange(10 * size) * bit, bit) for _ in range(rng.choice((1, 1, 2, 4)))))
        case Kind.NOISE:
            pulses = ((rng.randrange(10 * size * bit), rng.choice((1, bit // 2, 2 * bit, 25 * bit))) for _ in range(2))
            return Disturbance(tuple(pulses))
        case Kind.RESET:
            return Disturbance(reset=(rng.randrange(10 * size * bit), rng.choice((1, 5, 200))))
    return CALM


def forged(sequence: int, rng: random.Random) -> bytes:
    """A frame that is almost right, from a host that is `sequence` far."""
    from zlib import crc32

    from cobs import cobs

    def framed(body: bytes, crc: int) -> bytes:
        return b"\0" + cobs.encode(body + crc.to_bytes(4, "little")) + b"\0"

    payload = rng.randbytes(rng.choice((0, 1, 3, 240)))
    body = bytes([sequence, 3, 0, 1, 0, 0, len(payload)]) + payload
    other = body[:6] + bytes([(body[6] + rng.randrange(1, 256)) % 256]) + payload
    longer = bytes([sequence, 3, 0, 1, 0, 0, 241 + rng.randrange(15)])
    right = crc32(body)
    return rng.choice(
        (
            framed(body, right ^ 1 << rng.randrange(32)),
            framed(body, right ^ 0xFFFFFFFF),
            framed(body, crc32(payload)),
            framed(body, int.from_bytes(right.to_bytes(4, "little"), "big")),
            framed(other, crc32(other)),
            framed(longer + bytes(longer[6]), crc32(longer + bytes(longer[6]))),
            framed(longer + bytes(240), crc32(longer + bytes(240))),
            framed(body[:6], crc32(body[:6])),
            b"\0" + cobs.encode(body + right.to_bytes(4, "little"))[:-1] + b"\0",
            encode(Request((sequence + rng.randrange(60, 190)) % 256, 3, 0x100, b"forged")),
            encode(Request((sequence + rng.randrange(60, 190)) % 256, 1, 0, b"a HELLO with a payload")),
            rng.randbytes(rng.randrange(1, 30)) + b"\0",
        )
    )


class FaultyPort(Port):
    """A port to a simulated device, in simulated time, on which a plan of faults is carried out."""

    def __init__(self, wire: Wire, seed: int = 0) -> None:
        self.name, self.baud = "simulated", BAUD
        self._wire = wire
        self._rng = random.Random(seed)
        self._clock = BAUD * wire.clocks_per_bit
        self._cycle = wire.wait(0)[0]
        self._held: deque[tuple[int, bytes]] = deque()
        self._plan, self._received, self._cut = Plan(), 0, {True: False}
        self.begin(Plan())

    def begin(self, plan: Plan) -> None:
        """From now on these faults happen, and none of an earlier plan."""
        self._cycle, data = self._wire.wait(0)
        if data:
            self._take(data)
        self._plan = plan
        self._sent = self._received = self._looks = 0
        self._cut = {False: False, True: False}
        self._wire.set_baud_error(0)
        for fault in plan.faults:
            if fault.kind is Kind.BAUD:
                self._wire.set_baud_error(self._rng.choice((-20_000, 20_000, self._rng.randint(-20_000, 20_000))))
                plan.done.append(fault)
        self._disturb_reply()

    def end(self) -> Plan:
        """The plan that is over; what of it has not happened yet will not."""
        over = self._plan
        self.begin(Plan())
        return over

    @property
    def holds(self) -> bool:
        """Whether a reply is held up."""
        return bool(self._held)

    def now(self) -> float:
        return self._cycle / self._clock

    def send(self, data: bytes) -> None:
        bit = self._wire.clocks_per_bit
        pause, changed, disturbances = self._rng.choice((0, 0, 7, 100)), data, [CALM]
        for fault in self._due(False, self._sent):
            if fault.kind is Kind.FORGE:
                self._wire.send(forged(data[2], self._rng), pause, intact=False)
            if fault.kind is Kind.LATE:
                pause = self._some_time()
            if fault.kind is Kind.CUT and not self._cut[False]:
                self._wire.send(data[: self._rng.randrange(len(data))], intact=False)
                self._cut[False] = True
            changed = damage(fault.kind, changed, self._rng) if changed else b""
            disturbances.append(disturb(fault.kind, len(data), bit, self._rng))
        self._sent += 1
        if not self._cut[False]:
            self._wire.send(changed, pause, intact=changed == data, disturbance=_all(disturbances))

    def receive(self, until: float) -> bytes:
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            raise RuntimeError("the host waits for ever")
        last = ceil(until * self._clock)
        last += last / self._clock < until  # what rounding may hide: `now` must reach `until`
        while True:
            if self._held and self._held[0][0] <= self._cycle:
                return self._held.popleft()[1]
            target = min(last, self._held[0][0]) if self._held else last
            self._cycle, data = self._wire.wait(max(target, self._cycle))
            if data:
                self._take(data)
            elif self._cycle >= last and not (self._held and self._held[0][0] <= self._cycle):
                return b""

    def discard(self) -> None:
        """What came is forgotten; what is held up is not there yet."""
        while self.receive(0.0):
            pass

    def close(self) -> None:
        pass

    def _take(self, data: bytes) -> None:
        """Bytes have come, in general a frame."""
        release = self._cycle
        for fault in self._due(True, self._received):
            if fault.kind is Kind.FORGE:
                data = self._forged_reply(data)
            if fault.kind is Kind.LATE:
                release += self._some_time()
            if fault.kind is Kind.CUT:
                self._cut[True] = True
            data = damage(fault.kind, data, self._rng) if data else b""
        self._received += 1
        self._disturb_reply()
        if data and not self._cut[True]:
            self._held.append((max(release, self._held[-1][0] if self._held else 0), data))

    def _forged_reply(self, data: bytes) -> bytes:
        extra = forged(self._rng.randrange(256), self._rng)
        # A frame that is right in all is a reply of another session, which no host could tell from one of this device.
        while Decoder(Reply).feed(extra):
            extra = forged(self._rng.randrange(256), self._rng)
        return extra + data if self._rng.random() < 0.5 else data + extra

    def _due(self, reply: bool, index: int) -> list[Fault]:
        due = [f for f in self._plan.faults if (f.reply, f.index) == (reply, index) and f.kind is not Kind.BAUD]
        self._plan.done += due
        return due

    def _disturb_reply(self) -> None:
        """Arm what is to happen to the line during the next reply."""
        due = [f for f in self._plan.faults if (f.reply, f.index) == (True, self._received)]
        self._wire.disturb_reply(_all(disturb(f.kind, 14, self._wire.clocks_per_bit, self._rng) for f in due))

    def _some_time(self) -> int:
        return self._clock * self._rng.randrange(10, 400) // 1000


def _all(disturbances: Iterable[Disturbance]) -> Disturbance:
    every = list(disturbances)
    resets = [d.reset for d in every if d.reset]
    return Disturbance(tuple(pulse for d in every for pulse in d.pulses), resets[0] if resets else None)
