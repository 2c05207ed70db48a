"""A log of CAN frames in columns, and the five classes a frame can have."""

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

CLASS_NAMES = ("normal", "dos", "fuzzy", "spoof-gear", "spoof-rpm")
NORMAL, DOS, FUZZY, SPOOF_GEAR, SPOOF_RPM = range(5)
EXTENDED_KEY = 1 << 29  # set in `keys` where the identifier has 29 bits
_IDENTIFIER = re.compile(r"[0-9A-Fa-f]{3}|[0-9A-Fa-f]{8}")


@dataclass(frozen=True, eq=False)
class CanLog:
    """n frames in the order in which they ended on the bus.

    time: float64 [n], seconds, ascending; identifier: uint32 [n], 11 bits, or 29 where `extended` (bool [n]);
    dlc: uint8 [n], 0 … 8 data bytes; payload: uint8 [n, 8], zero beyond dlc; label: uint8 [n], index in CLASS_NAMES
    (behind them, in the other names of a LogFile).
    """

    time: NDArray[np.float64]
    identifier: NDArray[np.uint32]
    extended: NDArray[np.bool_]
    dlc: NDArray[np.uint8]
    payload: NDArray[np.uint8]
    label: NDArray[np.uint8]

    def __post_init__(self) -> None:
        n = len(self.time)
        shapes = (self.identifier.shape, self.extended.shape, self.dlc.shape, self.label.shape)
        if shapes != ((n,),) * 4 or self.payload.shape != (n, 8):
            raise ValueError("the columns of a CAN log differ in length")

    def __len__(self) -> int:
        return len(self.time)

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the last."""
        return float(self.time[-1] - self.time[0]) if len(self) else 0.0

    @property
    def keys(self) -> NDArray[np.int64]:
        """The identifier, with EXTENDED_KEY added for a 29-bit one: what tells two identifiers apart."""
        return self.identifier.astype(np.int64) | np.where(self.extended, EXTENDED_KEY, 0)

    @property
    def words(self) -> NDArray[np.uint64]:
        """The payload as one 64-bit word, byte 0 the most significant."""
        return np.ascontiguousarray(self.payload).view(">u8").reshape(-1).astype(np.uint64)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> "CanLog":
        """The frames that `rows` selects, in its order."""
        return replace(
            self,
            time=self.time[rows],
            identifier=self.identifier[rows],
            extended=self.extended[rows],
            dlc=self.dlc[rows],
            payload=self.payload[rows],
            label=self.label[rows],
        )


def identifier_text(key: int) -> str:
    """An identifier as CanLog.keys has it, in hex: three digits, or eight of a 29-bit one."""
    return f"{key - EXTENDED_KEY:08X}" if key >= EXTENDED_KEY else f"{key:03X}"


def key_of(text: str) -> int:
    """The inverse of `identifier_text`. Raises ValueError for what is no identifier."""
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError(f"{text:.20} is no identifier")
    extended = len(text) == 8
    identifier = int(text, 16)
    if identifier >= (EXTENDED_KEY if extended else 0x800):
        raise ValueError(f"{text} is no identifier")
    return identifier | (EXTENDED_KEY if extended else 0)


def words_to_payload(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """The inverse of `CanLog.words`: 64-bit words [n] to bytes [n, 8]."""
    return words.astype(">u8").view(np.uint8).reshape(-1, 8)


def join(first: CanLog, second: CanLog) -> CanLog:
    """The frames of both, `first` before `second`; not sorted by time."""
    return CanLog(
        np.concatenate([first.time, second.time]),
        np.concatenate([first.identifier, second.identifier]),
        np.concatenate([first.extended, second.extended]),
        np.concatenate([first.dlc, second.dlc]),
        np.concatenate([first.payload, second.payload]),
        np.concatenate([first.label, second.label]),
    )
