"""The device's side of docs/link.md in Python, and wires to it that lose, flip and repeat bytes: a test double.

`Device` is the protocol. `VirtualPort` joins a Link to it in virtual time, so that a test of timeouts takes none;
`PtyDevice` puts it behind a real pseudo-terminal.
"""

import os
import random
import select
import struct
import threading
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from hwflow.host.frame import Decoder, Reply, Request, encode
from hwflow.host.port import Port
from hwflow.host.requests import Operation, Status

DIGEST = bytes(range(16)).hex() + "ab" * 16
BUILD = bytes(range(16, 32)).hex()
BAUD = 1_000_000
MEMORY = 0x100  # registers that can be written start here


def identity(
    kind: int = 1, inputs: int = 3, outputs: int = 2, *, version: int = 2, magic: bytes = b"HWF1", window: int = 8,
    limit: int = 16, digest: str = DIGEST, build: str = BUILD, types: tuple[int, int, int, int] = (8, 0, 8, 0),
    sizes: tuple[int, int] | None = None,
) -> bytes:  # fmt: skip
    """The payload of HELLO's reply. types: bits and sign of the elements; sizes: how many (None: as many as fit)."""
    if kind != 1:
        types, sizes = (0, 0, 0, 0), (0, 0)
    elements = sizes or (8 * inputs // types[0], 8 * outputs // types[2])
    return struct.pack(
        "<4sBBBB16sIII16sIIBBBB", magic, kind, version, window, limit if kind == 1 else 0, bytes.fromhex(digest)[:16],
        inputs, outputs, 12_000_000, bytes.fromhex(build), *elements, *types,
    )  # fmt: skip


@dataclass
class Device:
    """A device with 256 writable bytes at MEMORY and a net that maps each `inputs` bytes to `outputs` bytes."""

    inputs: int = 3
    outputs: int = 2
    net: Callable[[bytes], bytes] = lambda vector: bytes([sum(vector) % 256, vector[0] ^ vector[-1]])
    hello_payload: bytes | None = None
    window: int = 8
    session: int = 1000
    writes: list[tuple[int, bytes]] = field(default_factory=list)  # those carried out, in order
    carried_out: int = 0

    def __post_init__(self) -> None:
        self._decoder = Decoder(Request)
        self.reset()

    def reset(self) -> None:
        self.session += 77
        self._expected: int | None = None
        self._kept: list[Reply] = []
        self._memory = bytearray(256)
        self._input = b""
        self._output = b""
        self.vectors = 0

    def receive(self, data: bytes) -> list[bytes]:
        """The frames of the replies to the requests that these bytes complete."""
        return [encode(self._answer(request)) for request in self._decoder.feed(data)]

    def _answer(self, request: Request) -> Reply:
        if request.operation == Operation.HELLO:
            self._expected = (request.sequence + 1) % 256
            self._kept, self._input, self._output = [], b"", b""
            payload = identity(inputs=self.inputs, outputs=self.outputs, window=self.window)
            return Reply(request.sequence, Status.OK, self.session, self.hello_payload or payload)
        if self._expected is None:
            return Reply(request.sequence, Status.NO_SESSION, self.session)
        for reply in self._kept:
            if reply.sequence == request.sequence:
                return reply
        if request.sequence != self._expected:
            return Reply(request.sequence, Status.BAD_SEQUENCE, self.session, bytes([self._expected]))
        self.carried_out += 1
        self._expected = (self._expected + 1) % 256
        status, payload = self._carry_out(request)
        reply = Reply(request.sequence, status, self.session, payload)
        self._kept = [*self._kept, reply][-self.window :]
        return reply

    def _carry_out(self, request: Request) -> tuple[Status, bytes]:
        at = request.address - MEMORY
        match request.operation:
            case Operation.READ if 0 <= at <= 256 - request.payload[0]:
                return Status.OK, bytes(self._memory[at : at + request.payload[0]])
            case Operation.READ if request.address + request.payload[0] <= 36:
                registers = struct.pack("<9I", *range(10, 16), self.vectors, 17, 18)
                return Status.OK, registers[request.address : request.address + request.payload[0]]
            case Operation.WRITE if 0 <= at <= 256 - len(request.payload):
                self._memory[at : at + len(request.payload)] = request.payload
                self.writes.append((request.address, request.payload))
                return Status.OK, b""
            case Operation.STREAM:
                return self._stream(request)
            case Operation.READ | Operation.WRITE:
                return Status.BAD_ADDRESS, b""
        return Status.BAD_OPERATION, b""

    def _stream(self, request: Request) -> tuple[Status, bytes]:
        self._input += request.payload
        while len(self._input) >= self.inputs:
            self._output += self.net(self._input[: self.inputs])
            self._input = self._input[self.inputs :]
            self.vectors += 1
        results, self._output = self._output[: request.address], self._output[request.address :]
        return (Status.OK if len(results) == request.address else Status.STALLED), results


@dataclass
class Faults:
    """How often, for each byte, one of its bits flips, it is lost or comes twice; and whole replies that are lost."""

    flip: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    lose_reply: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def reply_is_lost(self) -> bool:
        return self._random.random() < self.lose_reply

    def apply(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            if self._random.random() < self.drop:
                continue
            if self._random.random() < self.flip:
                byte ^= 1 << self._random.randrange(8)
            out.append(byte)
            if self._random.random() < self.duplicate:
                out.append(byte)
        return bytes(out)


class VirtualPort(Port):
    """A port whose wire takes virtual time: 10 bits a byte each way, one way at a time for each direction.

    deaf_after, reset_after, gone_after: after so many bytes to the device it falls silent; is reset; the port is lost.
    """

    def __init__(
        self,
        device: Device,
        faults: Faults | None = None,
        *,
        deaf_after: int | None = None,
        reset_after: int | None = None,
        gone_after: int | None = None,
        think: float = 0.0,
    ) -> None:
        self.name, self.baud = "virtual", BAUD
        self._device, self._faults = device, faults or Faults()
        self._time = self._up_free = self._down_free = 0.0
        self._arriving: list[tuple[float, bytes]] = []
        self._passed = 0
        self._deaf_after, self._reset_after, self._gone_after = deaf_after, reset_after, gone_after
        self._think = think
        self.closed = False

    def now(self) -> float:
        return self._time

    def send(self, data: bytes) -> None:
        self._check()
        self._up_free = max(self._up_free, self._time) + self.seconds(len(data))
        for byte in self._faults.apply(data):
            self._passed += 1
            if self._reset_after is not None and self._passed == self._reset_after:
                self._device.reset()
            if self._deaf_after is not None and self._passed > self._deaf_after:
                continue
            for reply in self._device.receive(bytes([byte])):
                self._arrive(reply)

    def _arrive(self, reply: bytes) -> None:
        self._down_free = max(self._down_free, self._up_free + self._think) + self.seconds(len(reply))
        if not self._faults.reply_is_lost():
            self._arriving.append((self._down_free, self._faults.apply(reply)))

    def receive(self, until: float) -> bytes:
        self._check()
        if self._arriving and self._arriving[0][0] <= max(until, self._time):
            moment, data = self._arriving.pop(0)
            self._time = max(self._time, moment)
            return data
        self._time = max(self._time, until)
        return b""

    def discard(self) -> None:
        self._check()
        self._arriving = [(moment, data) for moment, data in self._arriving if moment > self._time]

    def close(self) -> None:
        self.closed = True

    def _check(self) -> None:
        if self._gone_after is not None and self._passed >= self._gone_after:
            raise OSError(5, "Input/output error")


class PtyDevice:
    """A device behind a pseudo-terminal, served by a thread; `port` is the name to open."""

    def __init__(self, device: Device, faults: Faults | None = None) -> None:
        self.device, self._faults = device, faults or Faults()
        self._main, self._side = os.openpty()
        tty.setraw(self._side)
        self.port = os.ttyname(self._side)
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "PtyDevice":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Take the port away, as pulling the cable does."""
        if self._thread.is_alive():
            os.write(self._waker, b"x")
            self._thread.join()
            for descriptor in (self._main, self._side, self._wake, self._waker):
                os.close(descriptor)

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._main, self._wake], [], [])
            if self._wake in ready:
                return
            for reply in self.device.receive(self._faults.apply(os.read(self._main, 4096))):
                if not self._faults.reply_is_lost():
                    os.write(self._main, self._faults.apply(reply))
