"""From CAN logs to a Dataset: attacks where there are none, split by time, features learnt on the training part."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.attacks import choose_targets, held_out_values, inject, plan_bursts
from hwflow.apps.can_ids.features import FEATURE_NAMES, IDENTIFIER_BITS, features
from hwflow.apps.can_ids.frame import CLASS_NAMES, NORMAL, CanLog
from hwflow.apps.can_ids.profile import Profile, learn_profile
from hwflow.apps.can_ids.readers import read_log
from hwflow.apps.can_ids.vehicle import generate
from hwflow.dataset import Dataset, Samples
from hwflow.errors import UserError

GENERATED_SECONDS = 180.0
TEST_SHARE = 1 / 3  # of the time, at the end
VALIDATION_SHARE = 1 / 8  # of the rest, at its end
FRAME_LIMIT = 1_000_000
_FOLDS = 3
_TRAIN_CYCLES, _TEST_CYCLES = 4, 2  # of four attacks each
_FEWEST_FRAMES = 1000


@dataclass(frozen=True, eq=False)
class Recording:
    """A labelled log, `cut` into training (before) and test (from then on) in seconds, and a sentence on its origin."""

    log: CanLog
    cut: float
    note: str


def can_dataset(path: Path | None, seed: int) -> Dataset:
    """The generator's traffic, or the user's log at `path`, as a Dataset.

    A log in which nothing is marked as injected is taken as benign and gets HCRL's attacks; the payloads they have in
    the test part have byte values that they never have in the training part. Raises UserError if the log cannot be
    used.
    """
    recording = _generated(seed) if path is None else _recorded(path, seed)
    log = recording.log
    if len(np.unique(log.label[log.time < recording.cut])) < 2:
        raise UserError(f"All frames in the first two thirds of {path} are of one class; give a log with attacks among "
                        "normal frames, or one without any attack.")  # fmt: skip
    train = log.time < recording.cut
    profile = learn_profile(log.take(train))
    x = features(log, profile)
    x[train] = _cross_fitted(log.take(train))
    y = log.label.astype(np.int64)
    fit = log.time < _part(log.time[0], recording.cut, 1 - VALIDATION_SHARE)
    validation = train & ~fit
    return Dataset(
        x[fit],
        y[fit],
        x[validation],
        y[validation],
        x[~train],
        y[~train],
        input_bits=1,
        class_names=CLASS_NAMES,
        feature_names=FEATURE_NAMES,
        identifier_columns=IDENTIFIER_BITS,
        notes=(recording.note, *_notes(log, recording.cut)),
        sidecars=(("profile.json", _profile_bytes(profile)),),
    )


def attack_log(benign: CanLog, seed: int) -> Recording:
    """A benign log with four cycles of the four attacks before the cut and two after it, none across it."""
    rng = np.random.default_rng([seed, 1])
    start, stop = float(benign.time[0]), float(benign.time[-1])
    cut = _part(start, stop, 1 - TEST_SHARE)
    targets = choose_targets(benign)
    train_values, test_values = held_out_values(rng)
    bursts = plan_bursts(benign, start, cut, _TRAIN_CYCLES, targets, train_values, rng)
    bursts += plan_bursts(benign, cut, stop, _TEST_CYCLES, targets, test_values, rng)
    shortest, longest = (f(burst.stop - burst.start for burst in bursts) for f in (min, max))
    note = (
        f"Attacks were injected in {len(bursts)} bursts of {shortest:.2f} to {longest:.2f} s; spoofed identifiers: gear "
        f"0x{targets.gear & 0x1FFFFFFF:03X}, RPM 0x{targets.rpm & 0x1FFFFFFF:03X}; payloads of the test part held out."
    )
    return Recording(inject(benign, bursts, rng), cut, note)


def _generated(seed: int) -> Recording:
    return attack_log(generate(seed, GENERATED_SECONDS), seed)


def _recorded(path: Path, seed: int) -> Recording:
    log = read_log(path, FRAME_LIMIT)
    if len(log) < _FEWEST_FRAMES or log.duration < 1.0:
        raise UserError(f"{path} holds {len(log)} frames in {log.duration:.1f} s, too few to learn from; give a log of "
                        f"at least {_FEWEST_FRAMES} frames and one second.")  # fmt: skip
    origin = f"{len(log)} frames read from {path.name}, {log.broken} broken lines skipped"
    if len(log) == FRAME_LIMIT:
        origin += f" (the first {FRAME_LIMIT} frames of the file)"
    if not log.labelled:
        recording = attack_log(log, seed)
        return Recording(recording.log, recording.cut, f"{origin}. {recording.note}")
    cut = _part(float(log.time[0]), float(log.time[-1]), 1 - TEST_SHARE)
    return Recording(log, cut, f"{origin}. Attacks as the file marks them.")


def _cross_fitted(log: CanLog) -> Samples:
    """Features of the training part, each third of its time seen with a profile learnt on the other two.

    With a profile of the same frames no benign frame could be strange, and the net would trust that too much.
    """
    third = ((log.time - log.time[0]) / (log.duration or 1.0) * _FOLDS).astype(np.int64).clip(0, _FOLDS - 1)
    x = np.empty((len(log), len(FEATURE_NAMES)), dtype=np.uint8)
    for fold in range(_FOLDS):
        rest = log.take(third != fold)
        x[third == fold] = features(log, learn_profile(rest))[third == fold]
    return x


def _part(start: float, stop: float, share: float) -> float:
    return start + (stop - start) * share


def _notes(log: CanLog, cut: float) -> tuple[str, ...]:
    test: NDArray[np.bool_] = log.time >= cut
    share = float((log.label[test] == NORMAL).mean()) if test.any() else 0.0
    return (
        f"Split by time: training to {cut - log.time[0]:.1f} s, of which the last eighth is validation, test after it.",
        f"{int(test.sum())} test frames, {100 * share:.1f} % of them normal.",
    )


def _profile_bytes(profile: Profile) -> bytes:
    return (json.dumps(profile.to_json(), indent=1) + "\n").encode()
