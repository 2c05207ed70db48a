"""The link to a board: requests that happen exactly once, each answered by its deadline or ended by a typed error.

Two requests are under way at a time, which keeps the wire busy. A request is repeated, oldest first, when its reply
does not come in time or a later one shows that it was lost (docs/link.md).
"""

import secrets
from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from hwflow.host.errors import Counters, DeviceReset, LinkTimeout, NetStalled, OutOfStep, PortLost, Refused, WrongBoard
from hwflow.host.frame import FRAME_LIMIT, PAYLOAD_LIMIT, Decoder, Operation, Reply, Request, Status, encode
from hwflow.host.identity import MAGIC, Identity, parse_identity
from hwflow.host.pace import Pace
from hwflow.host.port import Port, open_port

WINDOW = 2
DEADLINE = 5.0
BAUD = 1_000_000

_REASONS = {
    Status.BAD_OPERATION: "has no such operation",
    Status.BAD_ADDRESS: "has no such register, or it cannot be written",
    Status.BAD_LENGTH: "takes no payload of that length",
}


@dataclass(frozen=True)
class Command:
    """A request without its number: operation, address (STREAM: bytes of results to reply with), payload."""

    operation: Operation
    address: int
    payload: bytes = b""


@dataclass
class _Waiting:
    request: Request
    frame: bytes
    since: float
    sent: float
    repeated: bool = False
    reply: Reply | None = None


class Link:
    """A conversation over an open port. Not for several threads at once.

    deadline: seconds within which each request must be answered, so that a call that takes n requests ends, with its
    result or an error, after at most n times that long. All methods raise the errors of `hwflow.host.errors`.
    """

    def __init__(self, port: Port, *, deadline: float = DEADLINE) -> None:
        self._port = port
        self._deadline = deadline
        self._decoder = Decoder(Reply)
        self._pace = Pace(floor=0.05 + port.seconds(2 * WINDOW * FRAME_LIMIT))
        self._waiting: deque[_Waiting] = deque()
        self._sequence = secrets.randbelow(256)
        self._identity: Identity | None = None
        self._requests = self._repeated = self._replies = self._stale = self._rejected = 0
        self._bytes_sent = self._bytes_received = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        self._port.close()

    @property
    def name(self) -> str:
        """The port's name."""
        return self._port.name

    @property
    def counters(self) -> Counters:
        """What has passed so far."""
        return Counters(
            requests=self._requests,
            repeated=self._repeated,
            replies=self._replies,
            stale=self._stale,
            rejected=self._rejected,
            crc_errors=self._decoder.crc_errors,
            length_errors=self._decoder.length_errors,
            bytes_sent=self._bytes_sent,
            bytes_received=self._bytes_received,
        )

    def hello(self) -> Identity:
        """Start a session and ask the device who it is. Raises WrongBoard if it is none that hwflow can drive."""
        self._forbid_overlap()
        self._identity = None
        try:
            self._port.discard()
        except OSError as error:
            raise self._lost(error) from None
        entry = self._transmit(Command(Operation.HELLO, 0))
        while True:
            for reply in self._turn(entry):
                # A reply to an earlier program may still be on its way and have this number.
                if reply.sequence == entry.request.sequence and reply.payload.startswith(MAGIC):
                    self._answered(entry)
                    return self._introduce(reply)
                self._stale += 1

    def identity(self) -> Identity:
        """Who the device is; asks it if it has not been asked in this session."""
        return self._identity or self.hello()

    def read(self, address: int, count: int) -> bytes:
        """`count` bytes of the registers from `address` on."""
        pieces = [(at, min(PAYLOAD_LIMIT, count - at)) for at in range(0, count, PAYLOAD_LIMIT)]
        return b"".join(self.run(Command(Operation.READ, address + at, bytes([size])) for at, size in pieces))

    def write(self, address: int, data: bytes) -> None:
        """Write the bytes to the registers from `address` on, each exactly once."""
        pieces = range(0, len(data), PAYLOAD_LIMIT)
        for _ in self.run(Command(Operation.WRITE, address + at, data[at : at + PAYLOAD_LIMIT]) for at in pieces):
            pass

    def stream(self, payload: bytes, results: int) -> bytes:
        """Append `payload` to the input stream and fetch `results` bytes of the output; at most 240 bytes each."""
        return b"".join(self.run([Command(Operation.STREAM, results, payload)]))

    def run(self, commands: Iterable[Command]) -> Generator[bytes, None, None]:
        """The payloads of the replies to `commands`, in order, while up to two requests are under way.

        An iteration that is not run to its end ends the session: the next call says HELLO again.
        """
        self._forbid_overlap()
        self.identity()
        ahead = iter(commands)
        more = True
        try:
            while True:
                while more and len(self._waiting) < WINDOW:
                    command = next(ahead, None)
                    if command is None:
                        more = False
                    else:
                        self._waiting.append(self._transmit(command))
                if not self._waiting:
                    return
                yield self._result(self._next())
        finally:
            if self._waiting:
                self._waiting.clear()
                self._identity = None

    def _forbid_overlap(self) -> None:
        if self._waiting:
            raise RuntimeError("a link does one thing at a time: end the iteration that is under way first")

    def _next(self) -> _Waiting:
        """Wait until the oldest request is answered; its time runs from now, since the one before it held it up."""
        oldest = self._waiting[0]
        oldest.since = self._port.now()
        while oldest.reply is None:
            for reply in self._turn(oldest):
                self._take(reply)
        return self._waiting.popleft()

    def _result(self, entry: _Waiting) -> bytes:
        reply, request = entry.reply, entry.request
        assert reply is not None
        if reply.status == Status.OK:
            return reply.payload
        what = f"{Operation(request.operation).name} at 0x{request.address:02x} with {len(request.payload)} bytes"
        if reply.status == Status.STALLED:
            raise NetStalled(
                f"The net on {self.name} gave {len(reply.payload)} of {request.address} bytes of results and then "
                "stood still; build it again.",
                self.counters, reply.status, reply.payload,
            )  # fmt: skip
        known = [status for status in _REASONS if status == reply.status]
        reason = _REASONS[known[0]] if known else f"answers with the unknown status {reply.status}"
        raise Refused(f"The device on {self.name} refused {what}: it {reason}.", self.counters, reply.status)

    def _take(self, reply: Reply) -> None:
        """Find the request that a reply belongs to, and repeat what the reply shows to be lost."""
        assert self._identity is not None
        if reply.session != self._identity.session:
            raise DeviceReset(
                f"The device on {self.name} was reset during the session and has lost its state; start again.",
                self.counters,
            )
        entry = next((e for e in self._waiting if e.request.sequence == reply.sequence and e.reply is None), None)
        if entry is None:
            self._stale += 1
            self._pace.needless()
            return
        if reply.status in (Status.BAD_SEQUENCE, Status.NO_SESSION):
            self._rejected += 1
            if entry is self._waiting[0] or reply.payload != bytes([self._waiting[0].request.sequence]):
                raise OutOfStep(
                    f"The device on {self.name} is out of step with this program; stop other programs that use it.",
                    self.counters,
                )
            self._repeat(self._waiting[0])
            self._repeat(entry)
            return
        self._answered(entry)
        entry.reply = reply
        if entry is not self._waiting[0] and self._waiting[0].reply is None:
            self._repeat(self._waiting[0])

    def _introduce(self, reply: Reply) -> Identity:
        try:
            self._identity = parse_identity(reply.payload, reply.session)
        except ValueError as error:
            raise WrongBoard(f"What answers on {self.name} {error}; program the board again.") from None
        return self._identity

    def _transmit(self, command: Command) -> _Waiting:
        request = Request(self._sequence, command.operation, command.address, command.payload)
        self._sequence = (self._sequence + 1) % 256
        frame = encode(request)
        self._requests += 1
        self._send(frame)
        now = self._port.now()
        return _Waiting(request, frame, since=now, sent=now)

    def _repeat(self, entry: _Waiting) -> None:
        self._repeated += 1
        self._send(entry.frame)
        entry.sent = self._port.now()
        entry.repeated = True

    def _answered(self, entry: _Waiting) -> None:
        self._replies += 1
        # Which of several copies was answered cannot be known.
        self._pace.answered(None if entry.repeated else self._port.now() - entry.sent)

    def _turn(self, oldest: _Waiting) -> list[Reply]:
        """Wait for replies, at most until the oldest request is to be repeated, and then repeat it."""
        deadline = oldest.since + self._deadline
        due = oldest.sent + self._pace.timeout
        if self._port.now() >= deadline:
            raise LinkTimeout(self._silence(oldest), self.counters)
        try:
            data = self._port.receive(min(due, deadline))
        except OSError as error:
            raise self._lost(error) from None
        self._bytes_received += len(data)
        replies = self._decoder.feed(data)
        answered = any(reply.sequence == oldest.request.sequence for reply in replies)
        if not answered and self._port.now() >= due:
            if oldest.request.operation != Operation.HELLO:
                self._pace.missed()
            self._repeat(oldest)
        return replies

    def _send(self, frame: bytes) -> None:
        self._bytes_sent += len(frame)
        try:
            self._port.send(frame)
        except OSError as error:
            raise self._lost(error) from None

    def _silence(self, entry: _Waiting) -> str:
        if entry.request.operation == Operation.HELLO:
            return (
                f"No hwflow board answered on {self.name} at {self._port.baud} baud within {self._deadline:g} s; check "
                "that the board is programmed and that port and baud rate are its own."
            )
        return (
            f"The device on {self.name} left a request unanswered for {self._deadline:g} s ({self.counters}); check "
            "the cable, or allow more time with a longer deadline."
        )

    def _lost(self, error: OSError) -> PortLost:
        reason = error.strerror or "it was unplugged"
        return PortLost(f"The port {self.name} was lost ({reason}); plug the board in and start again.", self.counters)


def open_link(port: str, *, baud: int = BAUD, deadline: float = DEADLINE) -> Link:
    """Open a link over a port by its name, or by a URL such as socket://host:1234. Raises PortMissing or PortBusy."""
    return Link(open_port(port, baud), deadline=deadline)
