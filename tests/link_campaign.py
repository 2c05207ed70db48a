"""The link under faults: calls of the real host to the real RTL, while a random plan spoils the wire, checked against a ledger.

What is checked of every call, and of the device after it (docs/link.md):

- it ends by its deadline, with the right answers or with an error of `hwflow.host.errors` that the faults explain;
- the device carried out the first so many of its requests, each once, and nothing else: hwf_ledger holds just what they leave;
- a device that was reset carries out nothing until it hears HELLO;
- the device comes to rest, and hears every intact frame that comes on an idle line;
- a call without faults right after it is answered at the first try.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

from link_wire import Fault, FaultyPort, Kind, Plan, State, Wire

from hwflow.host.errors import DeviceReset, LinkError, LinkTimeout, Refused
from hwflow.host.link import Link
from hwflow.host.port import Port
from hwflow.host.requests import Command, Operation, Status

PROMISED = (Kind.FLIP, Kind.DROP, Kind.DOUBLE, Kind.INSERT, Kind.TRUNCATE, Kind.BAUD, Kind.RESET)
_KINDS = {Kind.FLIP: 6, Kind.DROP: 4, Kind.DOUBLE: 4, Kind.INSERT: 4, Kind.TRUNCATE: 4, Kind.BAUD: 3, Kind.RESET: 1,
          Kind.NOISE: 2, Kind.FORGE: 1, Kind.LATE: 1, Kind.CUT: 0.15}  # fmt: skip
_DEADLINES = (0.3, 1.0, 5.0)
_CALLS_A_LINK = 50
_CELLS = 0x100
DIGEST = bytes.fromhex("1ed6e4".rjust(32, "0"))


@dataclass
class Ledger:
    """hwf_ledger as it ought to be."""

    cells: bytearray = field(default_factory=lambda: bytearray(256))
    sum: int = 0

    def copy(self) -> Self:
        return type(self)(self.cells.copy(), self.sum)

    def is_of(self, state: State) -> bool:
        return self.cells == state.cells and self.sum == state.sum

    def carry_out(self, command: Command) -> tuple[Status, bytes]:
        """Status and payload of the reply."""
        at = command.address - _CELLS
        match command.operation:
            case Operation.WRITE:
                if not _exist(at, len(command.payload)):
                    return Status.BAD_ADDRESS, b""
                for place, value in enumerate(command.payload, at):
                    self.cells[place] = (self.cells[place] + value) & 0xFF
                return Status.OK, b""
            case Operation.STREAM:
                return self._stir(command.payload, command.address)
        (count,) = command.payload
        if at >= 0:
            known = _exist(at, count)
            return (Status.OK, bytes(self.cells[at : at + count])) if known else (Status.BAD_ADDRESS, b"")
        # A device without vectors: its register `vectors` is zero for ever.
        return (Status.OK, bytes(count)) if command.address + count <= 0x24 else (Status.BAD_ADDRESS, b"")

    def _stir(self, payload: bytes, results: int) -> tuple[Status, bytes]:
        if results > 240:
            return Status.BAD_LENGTH, b""
        for value in payload:
            self.sum = ((self.sum ^ value) * 0x01000193 + 1) & 0xFFFFFFFF
        given = bytearray()
        for _ in range(results):
            given.append(self.sum >> 24)
            self.sum = (self.sum * 1664525 + 1013904223) & 0xFFFFFFFF
        return Status.OK, bytes(given)


def _exist(at: int, count: int) -> bool:
    """Whether the device has so many cells from this one on; none has no place behind the last."""
    return 0 <= at < 256 and at + count <= 256


def random_commands(rng: random.Random) -> list[Command]:
    """What a call asks: a few requests, mostly short ones, and now and then one that is refused."""
    return [_random_command(rng) for _ in range(rng.choice((1, 1, 2, 3, 5, 12)))]


def _random_command(rng: random.Random) -> Command:
    size = rng.choice((0, 1, 2, 3, 8)) if rng.random() < 0.992 else 240
    match rng.randrange(20):
        case 0:
            return Command(Operation.WRITE, rng.choice((0, 0x1FF, 0x10100)), b"\x01\x02")
        case 1:
            return rng.choice((Command(Operation.STREAM, 241, b"no"), Command(Operation.READ, 0x22, b"\x03")))
        case 2:
            return Command(Operation.READ, 0x18, b"\x04")
        case 3 | 4 | 5 | 6:
            return Command(Operation.READ, _CELLS + rng.randrange(257 - size), bytes([size]))
        case 7 | 8 | 9 | 10:
            return Command(Operation.STREAM, rng.choice((0, 1, 4)), rng.randbytes(size))
    return Command(Operation.WRITE, _CELLS + rng.randrange(257 - size), rng.randbytes(size))


def random_plan(rng: random.Random, requests: int) -> Plan:
    """Several faults, of one kind or of many, in requests, replies and repetitions."""
    kinds = rng.choices(list(_KINDS), list(_KINDS.values()), k=rng.choice((1, 2, 4, 6, 9)))
    if rng.random() < 0.5:
        kinds = [kinds[0]] * len(kinds)
    indices = requests + len(kinds) // 2
    faults = [Fault(kind, rng.random() < 0.5, rng.randrange(indices)) for kind in kinds]
    # One spell of another baud rate for the call, and one cut.
    once = {fault.kind: fault for fault in faults if fault.kind in (Kind.BAUD, Kind.CUT)}
    return Plan([*once.values(), *(fault for fault in faults if fault.kind not in once)])


@dataclass
class Tally:
    """What happened. faults: by kind; calls, right, errors, repeated: of the calls in which a fault of the kind was.

    calm: calls without faults, right behind one with; errors_named: all errors by type; wrong: what must not be, by name;
    notes: the first of those, in words.
    """

    faults: Counter[Kind] = field(default_factory=Counter)
    calls: Counter[Kind] = field(default_factory=Counter)
    right: Counter[Kind] = field(default_factory=Counter)
    errors: Counter[Kind] = field(default_factory=Counter)
    repeated: Counter[Kind] = field(default_factory=Counter)
    errors_named: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    all_calls: int = 0
    calm: int = 0
    requests: int = 0  # carried out by the device
    duplicates: int = 0  # answered from a kept reply
    behind: int = 0  # intact frames that were lost to a damaged one right before them
    cycles: int = 0  # simulated

    @property
    def promised(self) -> int:
        """Faults of the kinds that the link promises to withstand."""
        return sum(self.faults[kind] for kind in PROMISED)

    def add(self, other: "Tally") -> None:
        """Take in what happened elsewhere."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class _Outcome:
    results: list[bytes]
    error: LinkError | None
    seconds: float
    repeated: int
    abandoned: bool
    held: bool  # a reply from before was held up when it began


class Campaign:
    """Calls to one device. open_link: how the host is made, so that a test can try another one."""

    def __init__(self, wire: Wire, seed: int, open_link: Callable[[Port, float], Link] | None = None) -> None:
        self._wire = wire
        self._rng = random.Random(seed)
        self._seed = seed
        self._port = FaultyPort(wire, seed)
        self._open_link = open_link or (lambda port, deadline: Link(port, deadline=deadline))
        self._ledger = Ledger()
        self._state = wire.state()
        self._session = self._doubtful = False  # whether there is one; whether a reset may have ended it
        # Requests of a call that failed. The last byte of one may still be due: the 0x00 that opens the next frame.
        self._pending: list[Command] = []
        self.tally = Tally()
        self._new_link()

    def run(self, faults: int, *, most_wrong: int = 10, on_call: Callable[[Tally], None] | None = None) -> Tally:
        """Call until so many of the promised faults have happened, or things that must not be."""
        while self.tally.promised < faults and self.tally.wrong.total() < most_wrong:
            if self.tally.all_calls % _CALLS_A_LINK == 0:
                self._new_link()
            self._call_with_faults()
            self._call_without_faults()
            if on_call:
                on_call(self.tally)
        self._check_device()
        return self.tally

    def _new_link(self) -> None:
        """Another program opens the port, in the state in which the one before has left the device."""
        self._deadline = self._rng.choice(_DEADLINES)
        self._link = self._open_link(self._port, self._deadline)
        # The link draws its first number by itself; here it depends on the seed.
        self._link._sequence = self._rng.randrange(256)
        self._session = False

    def _call_with_faults(self) -> None:
        before = self._state
        commands = random_commands(self._rng) if self._session and self._rng.random() < 0.97 else []
        self._port.begin(random_plan(self._rng, max(1, len(commands))))
        outcome = self._attempt(commands)
        plan = self._port.end()
        for fault in plan.done:
            self.tally.faults[fault.kind] += 1
        for kind in {fault.kind for fault in plan.done}:
            self.tally.calls[kind] += 1
            self.tally.right[kind] += outcome.error is None or isinstance(outcome.error, Refused)
            self.tally.errors[kind] += outcome.error is not None and not isinstance(outcome.error, Refused)
            self.tally.repeated[kind] += outcome.repeated
        self._check(before, commands, outcome, plan)

    def _call_without_faults(self) -> None:
        """One good frame after the fault is understood: at the first try, unless a held-up reply is in the way."""
        commands = random_commands(self._rng)[:1]
        if not self._session or self._doubtful:
            commands = []
        before = self._state
        self._port.begin(Plan())
        outcome = self._attempt(commands)
        self.tally.calm += 1
        if outcome.repeated and not outcome.held:
            self._wrong("not understood at once", f"a call without faults took {outcome.repeated} repetitions")
        self._check(before, commands, outcome, self._port.end())

    def _attempt(self, commands: list[Command]) -> _Outcome:
        """HELLO, or the commands."""
        link, begun, repeated, held = self._link, self._port.now(), self._link.counters.repeated, self._port.holds
        results: list[bytes] = []
        error: LinkError | None = None
        abandon = len(commands) > 2 and self._rng.random() < 0.05
        try:
            if commands:
                answers = link.run(commands)
                for answer in answers:
                    results.append(answer)
                    if abandon:
                        answers.close()
            else:
                identity = link.hello()
                if identity.digest != DIGEST:
                    self._wrong("wrong answer", f"HELLO told {identity}")
        except LinkError as caught:
            error = caught
            self.tally.errors_named[type(caught).__name__] += 1
        seconds = self._port.now() - begun
        abandoned = abandon and error is None
        return _Outcome(results, error, seconds, link.counters.repeated - repeated, abandoned, held)

    def _check(self, before: State, commands: list[Command], outcome: _Outcome, plan: Plan) -> None:
        self.tally.all_calls += 1
        after = self._state = self._wire.state()
        was_reset = after.resets != before.resets
        books = self._prospects(commands or self._pending, was_reset)
        done = after.counts["done"] - (0 if was_reset else before.counts["done"])
        fewest = 0 if was_reset else self._surely_done(commands, outcome)
        self._check_ledger(books, done, after, fewest, was_reset)
        self._check_answers(self._answers(commands), outcome, was_reset or self._doubtful, plan)
        # To the cycle: what is left is the rounding of the port's clock, up to one for each wait.
        if outcome.seconds > self._deadline * max(1, len(commands)) + 1e-5:
            self._wrong(
                "late", f"{outcome.seconds:.6f} s for {len(commands)} requests within {self._deadline:g} s each"
            )
        if after.restless:
            self._wrong("hang", "the device did not come to rest")
        self.tally.requests += max(0, done)
        self.tally.duplicates += after.counts["duplicates"] - (0 if was_reset else before.counts["duplicates"])
        right = books[done] if 0 <= done < len(books) else None
        self._ledger = right if right and right.is_of(after) else Ledger(bytearray(after.cells), after.sum)
        self._note_session(commands, outcome, was_reset)
        to_come = list(filter(_for_the_ledger, commands or self._pending))[max(0, done) :]
        self._pending = [] if self._session or was_reset else to_come

    def _prospects(self, commands: list[Command], was_reset: bool) -> list[Ledger]:
        """The device after 0, 1, … of the requests, of those that reach the ledger."""
        ledger = Ledger() if was_reset else self._ledger.copy()
        books = [ledger.copy()]
        # Nothing is carried out between a reset and HELLO, which a call in a session does not say.
        for command in [] if was_reset else filter(_for_the_ledger, commands):
            ledger.carry_out(command)
            books.append(ledger.copy())
        return books

    def _answers(self, commands: list[Command]) -> list[tuple[Status, bytes]]:
        ledger = self._ledger.copy()
        return [ledger.carry_out(command) for command in commands]

    def _surely_done(self, commands: list[Command], outcome: _Outcome) -> int:
        answered = len(outcome.results) + isinstance(outcome.error, Refused)
        return sum(_for_the_ledger(command) for command in commands[:answered])

    def _check_ledger(self, books: list[Ledger], done: int, after: State, fewest: int, was_reset: bool) -> None:
        if done and was_reset:
            self._wrong("done without HELLO", f"{done} requests carried out after a reset")
        elif done >= len(books):
            self._wrong("done twice", f"{done} requests carried out where {len(books) - 1} were made")
        elif done < fewest:
            self._wrong("not done", f"{done} requests carried out where {fewest} were answered")
        elif not books[done].is_of(after):
            self._wrong("wrong write", f"the device is not in the state that {done} requests leave")

    def _check_answers(self, answers: list[tuple[Status, bytes]], outcome: _Outcome, lost: bool, plan: Plan) -> None:
        got = [(Status.OK, result) for result in outcome.results]
        if isinstance(outcome.error, Refused):
            got.append((Status(outcome.error.status), b""))
        complete = len(got) == len(answers) or outcome.abandoned or outcome.error is not None
        if got != answers[: len(got)] or not complete:
            self._wrong("wrong answer", f"{got} where {answers} were due")
        match outcome.error:
            case None | Refused():
                return
            case DeviceReset() if lost:
                return
            case LinkTimeout() if plan.done or outcome.held:
                return
        self._wrong("unexplained error", f"{outcome.error!r} after {plan.done}")

    def _note_session(self, commands: list[Command], outcome: _Outcome, was_reset: bool) -> None:
        if commands:
            self._doubtful |= was_reset
            # An iteration that does not end takes the session with it.
            self._session = outcome.error is None and not outcome.abandoned
        else:
            self._session = outcome.error is None
            self._doubtful = was_reset  # before HELLO or after it

    def _check_device(self) -> None:
        state = self._wire.state()
        if state.unheard:
            self._wrong("unheard", f"{state.unheard} intact frames on an idle line were not accepted", state.unheard)
        self.tally.behind = state.lost
        self.tally.cycles = state.simulated

    def _wrong(self, name: str, words: str, times: int = 1) -> None:
        self.tally.wrong[name] += times
        if len(self.tally.notes) < 20:
            self.tally.notes.append(f"seed {self._seed}, call {self.tally.all_calls}: {name}: {words}")


def _for_the_ledger(command: Command) -> bool:
    """Whether hwf_link hands the request on."""
    return command.operation != Operation.READ or command.address >= _CELLS


def rows(tally: Tally) -> Iterator[str]:
    """The tally as a table."""
    yield f"{'':<28}{'faults':>10}{'calls':>10}{'right':>10}{'errors':>9}{'repeated':>10}"
    for kind in Kind:
        yield (f"{kind:<28}{tally.faults[kind]:>10,}{tally.calls[kind]:>10,}{tally.right[kind]:>10,}"
               f"{tally.errors[kind]:>9,}{tally.repeated[kind]:>10,}")  # fmt: skip
