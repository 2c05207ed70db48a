"""A guard on a CAN bus: its profile, its settings, its counts and its log (docs/can-guard.md)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.host.errors import Refused, WrongBoard
from hwflow.host.identity import Identity, Kind, demand_build
from hwflow.host.link import Link
from hwflow.host.requests import Command, Operation, Status
from hwflow.shell.bit_timing import BitTiming, bit_timing

BLOCK = 64  # words of an identifier in the table
CLASSES = 16
_CONTROL, _COUNT, _TIMING, _STRIKE_MASK, _LOG_MASK, _BUILD = 0x100, 0x102, 0x104, 0x108, 0x10A, 0x10E
_COUNTS, _TABLE = 0x180, 0x10000
_REPLIES = 5  # of up to seven entries each
_ENTRY = np.dtype([("time", "<u2", 3), ("flags", "u1"), ("verdict", "u1"), ("identifier", "<u4"), ("latency", "<u2"),
                   ("number", "<u2"), ("features", "u1", 16)])  # fmt: skip
_FEWEST_FAILED = 10  # frames from which on a bit rate is called wrong, if none was right
_EXTENDED, _ACCEPTED, _STRUCK, _KNOWN, _FAILURE_AT = 1, 2, 4, 8, 4


@dataclass(frozen=True)
class GuardCounts:
    """What a guard counted since its reset, modulo 2^32.

    accepted: data frames without error; stuff, form, crc: frames that failed, by the kind of error; passed_over: remote
    and FD frames; overload: overload flags; unknown: judged frames of identifiers that the table does not hold; dropped:
    entries for which the log had no room; struck: frames that got an error flag; verdicts: of judged frames, by class.
    """

    accepted: int
    stuff: int
    form: int
    crc: int
    passed_over: int
    overload: int
    unknown: int
    dropped: int
    struck: int
    verdicts: tuple[int, ...]

    @property
    def trouble(self) -> str:
        """Why no data frame is heard whole, in a sentence; empty where one was, or where too few failed to say.

        At a wrong bit rate a few may also look like remote or FD frames.
        """
        failed = self.stuff + self.form + self.crc
        if self.accepted:
            return ""
        if not failed + self.passed_over:
            return "The guard hears nothing: the bus is silent or its line is stuck; look at the transceiver and its wires."
        if failed < _FEWEST_FAILED:
            return ""
        return (f"The guard heard no data frame whole, and {failed:,} that failed: the bus has another bit rate, or is disturbed; set the "
                "bus's own rate.")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Verdicts:
    """n entries of the log, in the order in which their frames ended.

    time: int64 [n], microseconds since power-up at the sample point of SOF; identifier: uint32 [n]; extended, known (the
    table holds the identifier), accepted (the frame ended without error), struck: bool [n]; failure: uint8 [n], 0 or 1
    stuff, 2 form, 3 CRC; verdict: uint8 [n], the class; latency: int64 [n], clock cycles from the last bit of the payload
    to the class, at most 65535; number: int64 [n], of the entry modulo 2^16, so that a gap shows those dropped;
    features: uint8 [n, 128], what the net judged.
    """

    time: NDArray[np.int64]
    identifier: NDArray[np.uint32]
    extended: NDArray[np.bool_]
    known: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    struck: NDArray[np.bool_]
    failure: NDArray[np.uint8]
    verdict: NDArray[np.uint8]
    latency: NDArray[np.int64]
    number: NDArray[np.int64]
    features: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time)


class Guard:
    """The guard that a board was built as.

    Says HELLO at once and raises WrongBoard if the board holds another kind of device, another model (`digest`, the model's
    SHA-256 in hex), or another build than `build` (None: any). It goes on as it is: a profile stays loaded, and the log
    is kept, from one host to the next. All methods raise the errors of `hwflow.host.errors`; entries cannot be
    read while no profile is loaded (Refused).
    """

    def __init__(self, link: Link, *, digest: str, build: str | None = None) -> None:
        self._link = link
        self.identity: Identity = link.hello()
        if self.identity.kind is not Kind.GUARD or not self.identity.matches(digest):
            raise WrongBoard(
                f"The board on {link.name} holds no guard with this model; program it with the project's bitstream."
            )
        demand_build(self.identity, link.name, build)

    @property
    def identifiers(self) -> int:
        """How many its table holds."""
        return self.identity.inputs

    @property
    def classes(self) -> int:
        return self.identity.outputs

    @property
    def loaded(self) -> bool:
        """Whether it has a profile and judges frames."""
        return bool(self._word(_CONTROL))

    @property
    def can_strike(self) -> bool:
        """Whether the build can drive the bus."""
        return bool(self._word(_BUILD) & 1)

    def load(self, words: NDArray[np.uint16], progress: Callable[[int, int], None] | None = None) -> None:
        """Load a profile, words [n, 64] as `hwflow.apps.can_ids.profile_image` makes them, and begin to judge frames.

        What was known of the bus before is forgotten, and so is the log. progress: told bytes written, and all. Raises
        UserError if the table is too small, or if what is read back is not what was written.
        """
        count = len(words)
        if words.ndim != 2 or words.shape[1] != BLOCK or count > self.identifiers:
            raise UserError(
                f"A profile of {count} identifiers is not one for a guard of {self.identifiers}; make it for that many."
            )
        data = words.astype("<u2").tobytes()
        self.stop()
        step = self.identifiers * BLOCK // 4
        for at in range(0, len(data), step):
            self._link.write(_TABLE + at, data[at : at + step])
            if progress is not None:
                progress(min(at + step, len(data)), len(data))
        self._set(_COUNT, count)
        if self.profile().astype("<u2").tobytes() != data:
            raise UserError(
                f"The guard on {self._link.name} does not hold the profile that was written; program the board again."
            )
        self._set(_CONTROL, 1)

    def stop(self) -> None:
        """Judge no more frames until a profile is loaded; the log is forgotten."""
        self._set(_CONTROL, 0)

    def profile(self) -> NDArray[np.uint16]:
        """The table, with the state that frames left in it: words [n, 64]."""
        count = self._word(_COUNT)
        data = self._link.read(_TABLE, 2 * BLOCK * count)
        return np.frombuffer(data, dtype="<u2").astype(np.uint16).reshape(count, BLOCK)

    def set_bit_rate(self, bit_rate: int) -> BitTiming:
        """Listen at so many bits a second. Raises UserError if the clock cannot make that, or the net would judge too late."""
        timing = bit_timing(self.identity.clock_hz, bit_rate)
        least = self._word(_BUILD) >> 1
        if timing.cycles < least:
            raise UserError(f"The net on {self._link.name} judges a frame in time at {self.identity.clock_hz // least:,} bit/s at most; "
                            "compile it with a lower --max-latency, or a faster --clock.")  # fmt: skip
        self._link.write(_TIMING, timing.bytes)
        return timing

    def strike(self, classes: frozenset[int]) -> None:
        """End frames of these classes by an error flag. Raises UserError if the build cannot, or there is no such class."""
        if classes and not self.can_strike:
            raise UserError(f"The guard on {self._link.name} cannot drive the bus; compile it with --strike.")
        self._set(_STRIKE_MASK, self._mask(classes))

    def log_only(self, classes: frozenset[int]) -> None:
        """Keep entries of these classes only. Raises UserError if there is no such class."""
        self._set(_LOG_MASK, self._mask(classes))

    def counts(self) -> GuardCounts:
        """What it counted so far; each count is of its own moment."""
        counts = np.frombuffer(self._link.read(_COUNTS, 128), dtype="<u4").tolist()
        verdicts = tuple(counts[16 : 16 + self.classes])
        accepted, stuff, form, crc, passed_over, overload, unknown, dropped, struck = counts[:9]
        return GuardCounts(accepted, stuff, form, crc, passed_over, overload, unknown, dropped, struck, verdicts)

    def verdicts(self) -> Verdicts:
        """The entries that wait, 35 at most, which is more than the log holds: a full bus brings new ones without end."""
        return parse_entries(b"".join(self._replies()))

    def _replies(self) -> Iterator[bytes]:
        for _ in range(_REPLIES):
            try:
                (reply,) = self._link.run([Command(Operation.STREAM, 0)])
            except Refused as refused:
                if refused.status != Status.NOT_LOADED:
                    raise
                message = (
                    f"The guard on {self._link.name} has no profile of its bus and judges nothing; load one first."
                )
                raise Refused(message, refused.counters, refused.status) from None
            if not reply:
                return
            yield reply

    def _mask(self, classes: frozenset[int]) -> int:
        if wrong := [index for index in sorted(classes) if not 0 <= index < self.classes]:
            raise UserError(f"The net has no class {wrong[0]}; its classes are 0 to {self.classes - 1}.")
        return sum(1 << index for index in classes)

    def _word(self, address: int) -> int:
        return int.from_bytes(self._link.read(address, 2), "little")

    def _set(self, address: int, value: int) -> None:
        self._link.write(address, value.to_bytes(2, "little"))


def parse_entries(data: bytes) -> Verdicts:
    entries = np.frombuffer(data, dtype=_ENTRY)
    flags = entries["flags"]
    time = entries["time"].astype(np.int64)
    return Verdicts(
        time=time[:, 0] | time[:, 1] << 16 | time[:, 2] << 32,
        identifier=entries["identifier"].astype(np.uint32),
        extended=(flags & _EXTENDED) != 0,
        known=(flags & _KNOWN) != 0,
        accepted=(flags & _ACCEPTED) != 0,
        struck=(flags & _STRUCK) != 0,
        failure=(flags >> _FAILURE_AT).astype(np.uint8),
        verdict=entries["verdict"].copy(),
        latency=entries["latency"].astype(np.int64),
        number=entries["number"].astype(np.int64),
        features=np.unpackbits(entries["features"], axis=1, bitorder="little"),
    )
