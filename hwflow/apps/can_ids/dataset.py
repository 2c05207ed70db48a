"""From CAN logs to a Dataset: split by time, features learnt on the training part."""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.attacks import ATTACK_NAMES, HCRL_KINDS, Kinds
from hwflow.apps.can_ids.features import FEATURE_NAMES, IDENTIFIER_BITS, features
from hwflow.apps.can_ids.frame import NORMAL, CanLog
from hwflow.apps.can_ids.profile import PROFILE, Profile, learn_profile
from hwflow.apps.can_ids.recording import TEST_SHARE, Recording, Recordings, read_recordings, with_attacks
from hwflow.apps.can_ids.vehicle import generate
from hwflow.dataset import Dataset, Samples
from hwflow.errors import UserError
from hwflow.sources import Source

GENERATED_SECONDS = 180.0
VALIDATION_SHARE = 1 / 8  # of the training part of each session, at its end
_FOLDS = 3


def can_dataset(
    sources: Sequence[Source], seed: int, kinds: Kinds = HCRL_KINDS, seconds: float = GENERATED_SECONDS
) -> Dataset:
    """The user's logs, or the generator's traffic if there are none, as a Dataset.

    Each session is split by its own time, and each bus in it is seen on its own. Logs in which no frame is an attack
    get attacks of these kinds, HCRL's unless others are asked for; the payloads they have in the test part have byte values that they never have in the training part.
    Raises UserError if a log cannot be used.
    """
    recordings = read_recordings(sources, seed, kinds) if sources else generated(seed, kinds, seconds)
    parts = recordings.parts
    learnt = np.unique(np.concatenate([part.log.label[part.log.time < part.cut] for part in parts]))
    if len(learnt) < 2 or learnt[0] != NORMAL:
        names = " and ".join(str(source.path) for source in sources)
        raise UserError(f"The first two thirds of {names} are all of one class, or of none that is normal; give logs with attacks "
                        "and normal frames, or without any attack.")  # fmt: skip
    buses = sorted({part.bus for part in parts})
    profiles = {bus: learn_profile(*(_before(part) for part in parts if part.bus == bus)) for bus in buses}
    x = [features(part.log, profiles[part.bus]) for part in parts]
    for bus in buses:
        of_bus = [(rows, part) for rows, part in zip(x, parts, strict=True) if part.bus == bus]
        for (rows, part), crossed in zip(of_bus, _cross_fitted([_before(part) for _, part in of_bus]), strict=True):
            rows[part.log.time < part.cut] = crossed
    classes, y = np.unique(np.concatenate([part.log.label for part in parts]), return_inverse=True)
    every = np.concatenate(x)
    train = np.concatenate([part.log.time < part.cut for part in parts])
    fit = np.concatenate([_fitted(part) for part in parts])
    class_names = tuple(recordings.class_names[index] for index in classes.tolist())
    return Dataset(
        every[fit],
        y[fit],
        every[train & ~fit],
        y[train & ~fit],
        every[~train],
        y[~train],
        input_bits=1,
        class_names=class_names,
        feature_names=FEATURE_NAMES,
        identifier_columns=IDENTIFIER_BITS,
        notes=(*recordings.notes, *_notes(parts, y[~train])),
        sidecars=((PROFILE, _profile_bytes(profiles)),),
    )


def generated(seed: int, kinds: Kinds = HCRL_KINDS, seconds: float = GENERATED_SECONDS) -> Recordings:
    """So many seconds of the generator's traffic, with attacks of these kinds."""
    log = generate(seed, seconds)
    start, stop = float(log.time[0]), float(log.time[-1])
    benign = Recording(log, "", start + (stop - start) * (1 - TEST_SHARE))
    parts, note = with_attacks([benign], seed, kinds)
    return Recordings(parts, ATTACK_NAMES, (note,))


def _before(part: Recording) -> CanLog:
    return part.log.take(part.log.time < part.cut)


def _fitted(part: Recording) -> NDArray[np.bool_]:
    start = float(part.log.time[0])
    fitted: NDArray[np.bool_] = part.log.time < start + (part.cut - start) * (1 - VALIDATION_SHARE)
    return fitted


def _cross_fitted(logs: Sequence[CanLog]) -> list[Samples]:
    """Features of one bus's training parts, each third of their time seen with a profile learnt on the other two.

    With a profile of the same frames no benign frame could be strange, and the net would trust that too much.
    """
    thirds = [_thirds(log) for log in logs]
    x = [np.empty((len(log), len(FEATURE_NAMES)), dtype=np.uint8) for log in logs]
    for fold in range(_FOLDS):
        profile = learn_profile(*(log.take(third != fold) for log, third in zip(logs, thirds, strict=True)))
        for rows, log, third in zip(x, logs, thirds, strict=True):
            rows[third == fold] = features(log, profile)[third == fold]
    return x


def _thirds(log: CanLog) -> NDArray[np.int64]:
    if not len(log):
        return np.zeros(0, dtype=np.int64)
    third: NDArray[np.int64] = ((log.time - log.time[0]) / (log.duration or 1.0) * _FOLDS).astype(np.int64)
    return third.clip(0, _FOLDS - 1)


def _notes(parts: Sequence[Recording], test: NDArray[np.int64]) -> tuple[str, ...]:
    share = float((test == NORMAL).mean()) if len(test) else 0.0
    seconds = sum(part.cut - float(part.log.time[0]) for part in parts)
    split = (
        f"training to {seconds:.1f} s"
        if len(parts) == 1
        else f"training the first {1 - TEST_SHARE:.0%} of each session"
    )
    return (
        f"Split by time: {split}, of which the last eighth is validation, test after it.",
        f"{len(test)} test frames, {100 * share:.1f} % of them normal.",
    )


def _profile_bytes(profiles: dict[str, Profile]) -> bytes:
    """The habits of the identifiers; of several buses by bus."""
    by_bus = {bus: profile.to_json() for bus, profile in profiles.items()}
    document = next(iter(by_bus.values())) if len(by_bus) == 1 else by_bus
    return (json.dumps(document, indent=1) + "\n").encode()
