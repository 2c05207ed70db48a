"""The link to a board: requests that happen exactly once, each answered by its deadline or ended by a typed error.

As many requests are under way at a time as the device has room for, which keeps the wire busy. A request is repeated,
oldest first, when its reply does not come in time or a later one shows that it was lost (docs/link.md).
"""

import math
import secrets
from collections import deque
from collections.abc import Generator, Iterable
from itertools import islice
from types import TracebackType
from typing import Self

from hwflow.errors import UserError
from hwflow.host.errors import Counters, DeviceReset, LinkTimeout, OutOfStep, PortLost, WrongBoard
from hwflow.host.frame import FRAME_LIMIT, Decoder, Reply, Request, encode
from hwflow.host.identity import MAGIC, WRAP, Identity, parse_identity
from hwflow.host.pace import Pace
from hwflow.host.port import Port, open_port
from hwflow.host.requests import Command, Operation, Requests, Status
from hwflow.host.underway import Waiting, lost_before, lost_with
from hwflow.host.words import no_board, no_reply, refusal

MOST_UNDER_WAY = 16  # requests, also if the device had room for more: what a port takes without waiting
DEADLINE = 5.0
BAUD = 1_000_000
_MARGIN = 2  # of the time that the device says its net takes at most
_SHOWN = 16  # bytes of what is no frame


class Link(Requests):
    """A conversation over an open port. Not for several threads at once.

    deadline: seconds within which each request must be answered, so that a call that takes n requests ends, with its
    result or an error, after at most n times that long; None for 5 s, or what the device may take by its own clock and
    limit (docs/link.md), whichever is longer. Raises UserError for a deadline that is none.
    All methods raise the errors of `hwflow.host.errors`.
    """

    def __init__(self, port: Port, *, deadline: float | None = None) -> None:
        if deadline is not None and not 0 < deadline < math.inf:
            raise UserError(f"A deadline of {deadline:g} s cannot be kept; give a number of seconds above 0.")
        self._port = port
        self._given = deadline
        self._decoder = Decoder(Reply)
        self._pace = Pace(floor=0.05)
        self._waiting: deque[Waiting] = deque()
        self._frames = 0  # sent
        self._sequence = secrets.randbelow(256)
        self._identity: Identity | None = None
        self._requests = self._repeated = self._replies = self._stale = self._rejected = 0
        self._bytes_sent = self._bytes_received = 0
        self._heard, self._good_before = b"", 0  # since HELLO: the first bytes; before it: good frames

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
        self._heard, self._good_before = b"", self._decoder.good
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

    def run(self, commands: Iterable[Command]) -> Generator[bytes, None, None]:
        """The payloads of the replies to `commands`, in order, while the device's window of requests is under way.

        An iteration that is not run to its end ends the session: the next call says HELLO again.
        """
        self._forbid_overlap()
        self.identity()
        window = self._window()
        ahead = iter(commands)
        more = True
        try:
            while True:
                while more and len(self._waiting) < window:
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

    def _next(self) -> Waiting:
        """Wait until the oldest request is answered; its time runs from now, since the one before it held it up."""
        oldest = self._waiting[0]
        oldest.since = self._port.now()
        while oldest.reply is None:
            for reply in self._turn(oldest):
                self._take(reply)
        return self._waiting.popleft()

    def _result(self, entry: Waiting) -> bytes:
        asked, reply = entry.request, entry.reply
        assert reply is not None
        if reply.status != Status.OK:
            command = Command(Operation(asked.operation), asked.address, asked.payload)
            raise refusal(self.name, command, reply.status, reply.payload, self.counters)
        return reply.payload

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
        elif reply.status in (Status.BAD_SEQUENCE, Status.NO_SESSION):
            self._rejected += 1
            lost = lost_with(entry, int.from_bytes(reply.payload, "little"), self._waiting) if reply.payload else None
            if lost is None:
                raise OutOfStep(
                    f"The device on {self.name} is out of step with this program; stop other programs that use it.",
                    self.counters,
                )
            self._repeat(*lost)
        else:
            self._answered(entry)
            entry.reply = reply
            self._repeat(*lost_before(entry, islice(self._waiting, self._waiting.index(entry))))

    def _introduce(self, reply: Reply) -> Identity:
        try:
            self._identity = parse_identity(reply.payload, reply.session)
        except ValueError as error:
            raise WrongBoard(f"What answers on {self.name} {error}; program the board again.") from None
        # A repetition stands behind all that is under way, and its reply behind one.
        self._pace.floor = 0.05 + self._port.seconds((self._window() + 2) * FRAME_LIMIT)
        return self._identity

    def _window(self) -> int:
        assert self._identity is not None
        return min(self._identity.window, MOST_UNDER_WAY)

    def _transmit(self, command: Command) -> Waiting:
        request = Request(self._sequence, command.operation, command.address, command.payload)
        self._sequence = (self._sequence + 1) % WRAP
        frame = encode(request)
        self._requests += 1
        place = self._send(frame)
        now = self._port.now()
        return Waiting(request, frame, [place], sent=now, since=now)

    def _repeat(self, *entries: Waiting) -> None:
        for entry in entries:
            self._repeated += 1
            entry.copies.append(self._send(entry.frame))
            entry.sent = self._port.now()

    def _answered(self, entry: Waiting) -> None:
        self._replies += 1
        # Which of several copies was answered cannot be known.
        self._pace.answered(None if entry.repeated else self._port.now() - entry.sent)

    def _turn(self, oldest: Waiting) -> list[Reply]:
        """Wait for replies, at most until the oldest request is to be repeated, and then repeat it."""
        deadline = oldest.since + self._patience(oldest.request)
        due = max(oldest.sent, oldest.since) + self._pace.timeout
        if self._port.now() >= deadline:
            raise LinkTimeout(self._silence(oldest), self.counters)
        try:
            data = self._port.receive(min(due, deadline))
        except OSError as error:
            raise self._lost(error) from None
        self._bytes_received += len(data)
        self._heard += data[: _SHOWN - len(self._heard)]
        replies = self._decoder.feed(data)
        answered = any(reply.sequence == oldest.request.sequence for reply in replies)
        if not answered and self._port.now() >= due:
            if oldest.request.operation != Operation.HELLO:
                self._pace.missed()
            self._repeat(oldest)
        return replies

    def _patience(self, request: Request) -> float:
        """Seconds for the answer to a request: what was given, or 5 s and at least what the device's own limit asks for."""
        who = self._identity
        if self._given is not None:
            return self._given
        if who is None or who.limit_cycles is None or request.operation != Operation.STREAM:
            return DEADLINE
        vectors = -(-len(request.payload) // who.inputs) + -(-request.address // who.outputs)
        return max(DEADLINE, _MARGIN * (1 + vectors) * who.limit_cycles / who.clock_hz)

    def _send(self, frame: bytes) -> int:
        """Returns the frame's place among all that were sent."""
        self._bytes_sent += len(frame)
        self._frames += 1
        try:
            self._port.send(frame)
        except OSError as error:
            raise self._lost(error) from None
        return self._frames

    def _silence(self, entry: Waiting) -> str:
        patience = self._patience(entry.request)
        if entry.request.operation != Operation.HELLO:
            return no_reply(self.name, patience, self.counters)
        return no_board(self.name, self._port.baud, patience, self._heard * (self._decoder.good == self._good_before))

    def _lost(self, error: OSError) -> PortLost:
        reason = error.strerror or "it was unplugged"
        return PortLost(f"The port {self.name} was lost ({reason}); plug the board in and start again.", self.counters)


def open_link(port: str, *, baud: int = BAUD, deadline: float | None = None) -> Link:
    """Open a link over a port by its name, or by a URL such as socket://host:1234; deadline: see Link.

    Raises PortMissing, PortBusy, or UserError for a name, rate or deadline that is none.
    """
    opened = open_port(port, baud)
    try:
        return Link(opened, deadline=deadline)
    except UserError:
        opened.close()
        raise
