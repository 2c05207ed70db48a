"""What a guard on the wire said, beside what the features and the integers of its net give on the same time stamps."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hwflow.apps.can_ids.features import IDENTIFIER_BITS, PAYLOAD_COLUMNS, Observer, feature_bits
from hwflow.apps.can_ids.frame import EXTENDED_KEY, CanLog
from hwflow.apps.can_ids.profile import Profile
from hwflow.quantised import reference
from hwflow.quantised.host.guard import Verdicts
from hwflow.quantised.network import Network

_NUMBERS = 1 << 16  # of entries
INTERFACES = ("car", "attacker")  # of a log that is written, by whether a frame is labelled normal


@dataclass(frozen=True)
class GuardCheck:
    """How a guard's entries compare with Python.

    frames: entries; accepted: those of frames without error, whose features were compared; wrong_bits: features that
    differ; wrong_classes: verdicts that differ from the net's reference on the entry's own features; missing: entries
    that were dropped, whose frames the comparison lacks; unknown: frames of identifiers that the table does not hold;
    struck: frames that got an error flag; slowest: clock cycles from the last bit of a payload to its class, at most.
    """

    frames: int
    accepted: int
    wrong_bits: int
    wrong_classes: int
    missing: int
    unknown: int
    struck: int
    slowest: int

    @property
    def right(self) -> bool:
        return self.frames > 0 and not (self.wrong_bits or self.wrong_classes or self.missing)


def check_verdicts(verdicts: Verdicts, profile: Profile, network: Network) -> GuardCheck:
    """Compare entries, from the first after the guard's profile was loaded on, bit for bit.

    profile: what the guard holds, without identifiers for which it had no room.
    """
    log = log_of(verdicts)
    accepted = log.take(verdicts.accepted)
    expected = feature_bits(accepted, Observer(profile).observe(accepted))
    classes = reference.run(network, verdicts.features.astype(np.int64))[:, 0]
    steps = np.diff(verdicts.number, prepend=verdicts.number[:1] - 1) % _NUMBERS
    return GuardCheck(
        frames=len(verdicts),
        accepted=len(accepted),
        wrong_bits=int((verdicts.features[verdicts.accepted] != expected).sum()),
        wrong_classes=int((verdicts.verdict != classes).sum()),
        missing=int((steps - 1).sum()),
        unknown=int((~verdicts.known).sum()),
        struck=int(verdicts.struck.sum()),
        slowest=int(verdicts.latency.max(initial=0)),
    )


def log_of(verdicts: Verdicts) -> CanLog:
    """The frames of the entries, all labelled normal: what the features depend on, read from the entries' features."""
    first, last = PAYLOAD_COLUMNS
    return CanLog(
        time=verdicts.time / 1e6,
        identifier=verdicts.identifier,
        extended=verdicts.extended,
        dlc=np.packbits(verdicts.features[:, IDENTIFIER_BITS:first], axis=1)[:, 0] >> np.uint8(4),
        payload=np.packbits(verdicts.features[:, first:last], axis=1),
        label=np.zeros(len(verdicts), dtype=np.uint8),
    )


def held_profile(profile: Profile, keys: frozenset[int]) -> Profile:
    """The part of a profile that a guard's table holds."""
    return replace(profile, habits={key: habit for key, habit in profile.habits.items() if key in keys})


def write_candump(log: CanLog, path: Path) -> None:
    """A log as candump writes it, attacks under an interface of their own, so that a simulated bus has a node for them."""
    path.write_text("".join(_lines(log)))


def _lines(log: CanLog) -> list[str]:
    names = np.where(log.label == 0, *INTERFACES)
    columns = (log.time.tolist(), names.tolist(), log.keys.tolist(), log.dlc.tolist(), log.payload)
    return [
        f"({time:.6f}) {name} {key & (EXTENDED_KEY - 1):0{8 if key >= EXTENDED_KEY else 3}X}#{row.tobytes()[:dlc].hex().upper()}\n"
        for time, name, key, dlc, row in zip(*columns, strict=True)
    ]
