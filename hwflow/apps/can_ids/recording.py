"""The user's logs, with what he says of them, to labelled traces; attacks for those in which there are none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hwflow.apps.can_ids.attacks import (
    ATTACK_NAMES,
    HCRL_KINDS,
    Burst,
    Kinds,
    Targets,
    choose_targets,
    held_out_values,
    inject,
    plan_bursts,
)
from hwflow.apps.can_ids.contents import labels_of, plural, said_of
from hwflow.apps.can_ids.frame import CLASS_NAMES, NORMAL, CanLog, join, key_of
from hwflow.apps.can_ids.labels import UNKNOWN, class_of
from hwflow.apps.can_ids.logfile import LogFile, Trace
from hwflow.apps.can_ids.readers import read_log
from hwflow.apps.can_ids.times import spread_times
from hwflow.errors import UserError
from hwflow.sources import Source

TEST_SHARE = 1 / 3  # of the time of each session, at its end
FRAME_LIMIT = 1_000_000  # of all logs together
_TRAIN_CYCLES, _TEST_CYCLES = 4, 2  # of four attacks each
_FEWEST_FRAMES = 1000
_FEWEST_OF_A_TARGET = 20


@dataclass(frozen=True, eq=False)
class Recording:
    """One trace's labelled frames, `cut` into training (before) and test (from then on) in seconds.

    bus: whose habits it shows; two recordings of one bus share them.
    """

    log: CanLog
    bus: str
    cut: float


@dataclass(frozen=True, eq=False)
class Recordings:
    """What the net learns from and is tested on. class_names: of the labels; notes: sentences on where it came from."""

    parts: tuple[Recording, ...]
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def read_recordings(sources: Sequence[Source], seed: int, kinds: Kinds = HCRL_KINDS) -> Recordings:
    """The logs as their labels say; attacks of these kinds are injected if no frame of them is one.

    Raises UserError for a log that does not say which frames are attacks if the user does not either, for one whose
    frames have no times, and for too little of all.
    """
    files = [read_log(source.path, FRAME_LIMIT // len(sources)) for source in sources]
    for file in files:
        if not file.timed:
            raise UserError(f"{file.path} has no times, and half of what the net sees of a frame is when it came; give a log "
                            "with time stamps.")  # fmt: skip
    named = [(file, *_labelled(file, source)) for file, source in zip(files, sources, strict=True)]
    names = list(CLASS_NAMES)
    for _, own, _ in named:
        names += [name for name in own if name not in names]
    single = all(len({trace.bus for trace in file.traces}) == 1 for file in files)
    parts: list[Recording] = []
    notes: list[str] = []
    for file, own, traces in named:
        places = np.array([names.index(name) for name in own], dtype=np.uint8)
        labels = Counter[str]()
        for trace in traces:
            log = replace(trace.log, time=spread_times(trace.log.time), label=places[trace.log.label])
            parts.append(Recording(log, "" if single else trace.bus, _cut(file, trace)))
            labels.update(np.array(names)[log.label].tolist())
        counts = ", ".join(f"{count:,} {name}" for name, count in labels.items())
        notes.append(f"{said_of(file)} Labels: {counts}.")
    _check_amount(parts, sources)
    attacks = sum(int((part.log.label != NORMAL).sum()) for part in parts)
    if attacks:
        return Recordings(tuple(parts), tuple(names), (*notes, "The attacks are those of the logs."))
    injected, note = with_attacks(parts, seed, kinds)
    return Recordings(injected, ATTACK_NAMES, (*notes, note))


def _labelled(file: LogFile, source: Source) -> tuple[tuple[str, ...], tuple[Trace, ...]]:
    """The file's class names and traces, labelled as the file and the user say."""
    counts = labels_of(file)
    if file.labelled and UNKNOWN in counts:
        raise UserError(f"{file.path} says of some frames whether they are attacks, and of {counts[UNKNOWN]:,} it does not; give "
                        "it without those, or with a label for each.")  # fmt: skip
    if source.label is None:
        if file.labelled:
            return file.class_names, file.traces
        raise UserError(f"{file.path} does not say which of its frames are attacks; give it as --data normal={file.path} if none "
                        f"is, or as --data dos={file.path} (or another attack's name) if all are.")  # fmt: skip
    label, at, identifiers = source.label.partition("@")
    said = class_of([label])
    if said == UNKNOWN:
        raise UserError(
            f"{source.label!r} is no name of a class; give --data normal={file.path}, or the attack's name."
        )
    attacks = file.labelled and set(counts) != {CLASS_NAMES[NORMAL]}
    keys = _keys(file, said, identifiers) if at else None
    if said == CLASS_NAMES[NORMAL] and attacks:
        raise UserError(f"{file.path} marks frames as attacks, so it is not normal as a whole; give --data {file.path} without "
                        f"{source.label}=.")  # fmt: skip
    names = file.class_names if said in file.class_names else (*file.class_names, said)
    index = names.index(said)

    def relabelled(log: CanLog) -> CanLog:
        marked = log.label != NORMAL if attacks else np.ones(len(log), dtype=np.bool_)
        own = marked if keys is None else marked & np.isin(log.keys, keys)
        rest = log.label if keys is not None and attacks else NORMAL
        return replace(log, label=np.where(own, index, rest).astype(np.uint8))

    return names, tuple(replace(trace, log=relabelled(trace.log)) for trace in file.traces)


def _keys(file: LogFile, said: str, identifiers: str) -> list[int]:
    """The identifiers (as CanLog.keys) whose frames alone the user speaks of. Raises UserError if they mean nothing."""
    example = f"--data dos@000={file.path}"
    if said == CLASS_NAMES[NORMAL]:
        raise UserError(
            f"Identifiers of {file.path} that are normal need no name; name those of an attack, as {example}."
        )
    keys = []
    for text in identifiers.split(","):
        try:
            keys.append(key_of(text.strip()))
        except ValueError:
            raise UserError(
                f"{text!r:.40} is no identifier in hex, of three digits or eight; give {example}."
            ) from None
        if not any((trace.log.keys == keys[-1]).any() for trace in file.traces):
            raise UserError(
                f"{file.path} has no frame under {text.strip()}; name an identifier that it has, as {example}."
            )
    return keys


def _cut(file: LogFile, trace: Trace) -> float:
    """Two thirds of the session, on whatever bus."""
    times = [other.log.time for other in file.traces if other.session == trace.session]
    start, stop = min(float(time[0]) for time in times), max(float(time[-1]) for time in times)
    if len(times) == 1:  # its clock may be coarse, and the last frames come within the last stamp
        stop = float(spread_times(times[0])[-1])
    return start + (stop - start) * (1 - TEST_SHARE)


def _check_amount(parts: Sequence[Recording], sources: Sequence[Source]) -> None:
    frames, seconds = sum(len(part.log) for part in parts), sum(part.log.duration for part in parts)
    if frames < _FEWEST_FRAMES or seconds < 1.0:
        names = " and ".join(str(source.path) for source in sources)
        raise UserError(f"{names}: {frames} frames in {seconds:.1f} s are too few to learn from; give a log of at least "
                        f"{_FEWEST_FRAMES} frames and one second.")  # fmt: skip


def with_attacks(
    benign: Sequence[Recording], seed: int, kinds: Kinds = HCRL_KINDS
) -> tuple[tuple[Recording, ...], str]:
    """Benign recordings with four cycles of the attacks before the cut and two after it, none across it.

    They go into the bus with most frames, in each of its sessions that has 1,000 frames, a second, and the identifiers
    that are spoofed. Returns also a sentence on what was injected. Raises UserError if there is no such session.
    """
    rng = np.random.default_rng([seed, 1])
    frames = Counter[str]()
    for part in benign:
        frames[part.bus] += len(part.log)
    bus = max(frames, key=lambda name: frames[name])
    able = [part for part in benign if part.bus == bus and len(part.log) >= _FEWEST_FRAMES and part.log.duration >= 1.0]
    if not able:
        raise UserError(f"No session of the log has {_FEWEST_FRAMES} frames in a second or more, too few to inject attacks into; "
                        "give a log with a longer one.")  # fmt: skip
    whole = able[0].log
    for part in able[1:]:
        whole = join(whole, part.log)
    targets = choose_targets(whole)
    values = held_out_values(rng)
    parts: list[Recording] = []
    bursts: list[Burst] = []
    sessions = 0
    for part in benign:
        if part not in able or not _sends(part.log, targets):
            parts.append(part)
            continue
        own = _bursts(part, targets, values, rng, kinds)
        parts.append(replace(part, log=inject(part.log, own, rng)))
        bursts += own
        sessions += 1
    if not bursts:
        raise UserError(
            "No session of the log is long enough to spoof its identifiers in; give a log with a longer one."
        )
    shortest, longest = (choose(burst.stop - burst.start for burst in bursts) for choose in (min, max))
    where = f" of bus {bus}" if len(frames) > 1 else ""
    note = (
        f"Attacks were injected in {len(bursts)} bursts of {shortest:.2f} to {longest:.2f} s, within {plural(sessions, 'session')}{where}; spoofed "
        f"identifiers: gear 0x{targets.gear & 0x1FFFFFFF:03X}, RPM 0x{targets.rpm & 0x1FFFFFFF:03X}; payloads of the test "
        "part held out."
    )
    return tuple(parts), note


def _bursts(
    part: Recording,
    targets: Targets,
    values: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
    kinds: Kinds,
) -> tuple[Burst, ...]:
    log = part.log
    before = plan_bursts(log, float(log.time[0]), part.cut, _TRAIN_CYCLES, targets, values[0], rng, kinds.before)
    return before + plan_bursts(log, part.cut, float(log.time[-1]), _TEST_CYCLES, targets, values[1], rng, kinds.after)


def _sends(log: CanLog, targets: Targets) -> bool:
    return all(int((log.keys == key).sum()) >= _FEWEST_OF_A_TARGET for key in (targets.gear, targets.rpm))
