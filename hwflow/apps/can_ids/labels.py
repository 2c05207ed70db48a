"""What logs call their frames, in our words: normal, the attacks that we know, and other names as they are."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.frame import CLASS_NAMES, DOS, FUZZY, NORMAL, SPOOF_GEAR, SPOOF_RPM, CanLog

ATTACK = "attack"  # of a kind that nothing tells
SPOOF = "spoof"  # of an identifier that nothing names
HCRL_IDENTIFIERS = {0x000: DOS, 0x43F: SPOOF_GEAR, 0x316: SPOOF_RPM}
UNKNOWN = "unknown"  # of a frame of which the log does not say whether it is one
_NORMAL = frozenset(
    ("0", "r", "normal", "benign", "none", "no", "false", "free", "attackfree", "regular", "legitimate")
)
_MARKS = frozenset(("1", "t", "attack", "attacks", "true", "yes", "injected", "malicious", "anomaly", "anomalous",
                    "abnormal", "intrusion"))  # fmt: skip
_MANY = 8  # identifiers, more than which are fuzzing


def class_of(words: Sequence[str]) -> str:
    """The class that a log's words for a frame mean, the most special last: of CLASS_NAMES, ATTACK, UNKNOWN or another."""
    plain = [re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") for word in words]
    plain = [word for word in plain if word]
    if not plain:
        return UNKNOWN
    if all(word.replace("-", "") in _NORMAL for word in plain):
        return CLASS_NAMES[NORMAL]
    special = [word for word in plain if word.replace("-", "") not in _MARKS | _NORMAL]
    if not special:
        return ATTACK
    return _known(" ".join(special)) or _other(special)


def _known(text: str) -> str:
    pieces = set(re.split(r"[^a-z0-9]+", text))
    if pieces & {"dos", "ddos", "flood", "flooding"}:
        return CLASS_NAMES[DOS]
    if pieces & {"fuzzy", "fuzz", "fuzzing"}:
        return CLASS_NAMES[FUZZY]
    if "gear" in pieces:
        return CLASS_NAMES[SPOOF_GEAR]
    return CLASS_NAMES[SPOOF_RPM] if "rpm" in pieces else ""


def _other(special: list[str]) -> str:
    spoofing = any(word.startswith(SPOOF) for word in special)
    rest = [word for word in special if word not in ("spoof", "spoofing", "spoofed")]
    name = rest[-1] if rest else ""
    if name.isdecimal():
        name = f"class-{name}"
    if spoofing and not name.startswith(SPOOF):
        return f"{SPOOF}-{name}" if name else SPOOF
    return name


def told_by_name(path: Path) -> str:
    """The one attack that words of the file's name tell, empty if none or several do."""
    found = {_known(word) for word in re.split(r"[^a-z0-9]+", path.name.lower())} - {""}
    return found.pop() if len(found) == 1 else ""


def told_by_identifier(log: CanLog, marked: NDArray[np.bool_], name: str) -> list[tuple[int, str]]:
    """The attack under each key (as CanLog.keys) of the `marked` frames of a log that does not tell their kind.

    name: what the file's name tells; it decides for fuzzing, which may use any identifier, and for one identifier that
    tells nothing. Else HCRL's identifiers are what they are there; more than eight others are fuzzing; one that the
    vehicle itself sends is spoofed, and one before all of the vehicle's floods the bus.
    """
    keys = np.unique(log.keys[marked]).tolist()
    if name == CLASS_NAMES[FUZZY]:
        return [(key, name) for key in keys]
    others = [key for key in keys if key not in HCRL_IDENTIFIERS]
    known = [(key, CLASS_NAMES[HCRL_IDENTIFIERS[key]]) for key in keys if key in HCRL_IDENTIFIERS]
    if len(others) > _MANY:
        return known + [(key, CLASS_NAMES[FUZZY]) for key in others]
    own = set(np.unique(log.keys[~marked]).tolist())

    def kind(key: int) -> str:
        if name and len(keys) == 1:
            return name
        if key in own:
            return SPOOF
        return CLASS_NAMES[DOS] if own and key < min(own) else ATTACK

    return known + [(key, kind(key)) for key in others]
