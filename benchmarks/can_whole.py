"""The whole guard, net included, in Verilator on a simulated bus: what `hwflow train can-ids` kept for its test, every frame of it.

    python benchmarks/can_whole.py build/guard --profile build/ids/profile.json
    python benchmarks/can_whole.py build/guard --profile build/ids/profile.json --bit-rate 1000000 --speed 1000 --frames 20000
    python benchmarks/can_whole.py build/guard --profile build/ids/profile.json --strike 1 2 3 4
    python benchmarks/can_whole.py build/guard --profile real/profile.json --data normal=drive.log

DIR is a project that was compiled with --shell can; the data and the seed are those of its training. Entries are taken as they are pushed
into the log, so that no link stands in the way. A net that misses a forged frame lets it pass, which --strike tells beside what the guard
itself let pass. With --first, begin some thousand frames before a burst: a guard that begins within one trusts what is forged. At a --clock lower than the board's less is to be simulated, and the same is computed.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from can_whole_trial import Bench, Judged
from run import Row

from hwflow.api import open_project
from hwflow.apps.can_ids.attacks import HCRL_KINDS, WITH_MASQUERADE
from hwflow.apps.can_ids.dataset import generated
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.guard import GuardCheck, check_verdicts, held_profile
from hwflow.apps.can_ids.profile import read_profiles
from hwflow.apps.can_ids.profile_image import profile_image
from hwflow.apps.can_ids.recording import Recordings, read_recordings
from hwflow.quantised.project import QuantisedProject
from hwflow.shell.bit_timing import BIT_RATE
from hwflow.sources import source_of


def test_part(recordings: Recordings) -> tuple[CanLog, list[str]]:
    """The longest recording's frames from the cut on, their labels as the net's classes, and the names of these."""
    classes, labels = np.unique(np.concatenate([part.log.label for part in recordings.parts]), return_inverse=True)
    at = max(range(len(recordings.parts)), key=lambda index: len(recordings.parts[index].log))
    part = recordings.parts[at]
    before = sum(len(other.log) for other in recordings.parts[:at])
    part.log.label[:] = labels[before : before + len(part.log)]
    names = [recordings.class_names[index] for index in classes.tolist()]
    return part.log.take(part.log.time >= part.cut), names


def rows_of(
    judged: Judged, found: GuardCheck, log: CanLog, names: list[str], clock_hz: int, bit_rate: int, accuracy: float
) -> list[Row]:
    """Whether every frame was judged, as the reference does, in time, and rightly."""
    verdicts, ended = judged.verdicts, judged.verdicts.accepted
    # Of two frames that destroyed each other neither is sent any more when their payload ends.
    missing = len(np.setdiff1d(judged.sent, judged.rows[ended])) + int((judged.rows[ended] < 0).sum())
    microseconds, slot = found.slowest * 1e6 / clock_hz, 16e6 / bit_rate
    labels = log.label[judged.rows]
    right = verdicts.verdict == labels
    rows = [
        Row("frames sent that have no entry, or entries without a frame", f"{missing:,} of {len(judged.sent):,}", "0", not missing),
        Row("features that differ from features.py", f"{found.wrong_bits:,} of {128 * found.accepted:,}", "0", not found.wrong_bits),
        Row("classes that are not the reference's", f"{found.wrong_classes:,} of {found.frames:,}", "0", not found.wrong_classes),
        Row("payload's last bit to the class", f"{found.slowest} cycles, {microseconds:.2f} µs at {clock_hz / 1e6:g} MHz",
            f"the ACK slot, {slot:.0f} µs", microseconds <= slot),
        Row("right classes, end to end", f"{right.mean():.4%} of {len(right):,}", f"{accuracy:.1%}", right.mean() >= accuracy),
    ]  # fmt: skip
    normal = labels == 0
    print(f"false alarms {(verdicts.verdict[normal] != 0).mean():.4%} of {normal.sum():,} normal frames", end="")
    for index, name in enumerate(names[1:], 1):
        of = labels == index
        print(f"; {name}: caught {(verdicts.verdict[of] != 0).mean():.3%} of {of.sum():,}" if of.any() else "", end="")
    print()
    return rows


def strike_rows(judged: Judged, log: CanLog, chosen: list[int]) -> list[Row]:
    """What became of the frames of the classes that are struck: as the guard says, and as their senders do."""
    verdicts = judged.verdicts
    hit = np.isin(verdicts.verdict, chosen)
    ended = int(np.isin(judged.sent, judged.rows[hit & verdicts.accepted]).sum()) + int((hit & verdicts.accepted).sum())
    forged = np.isin(log.label[judged.rows], chosen)
    through = int(np.isin(log.label[judged.sent], chosen).sum())
    normal = log.label[judged.rows] == 0
    others = int((verdicts.struck & ~hit).sum())
    alarms = int((hit & normal).sum())
    return [
        Row("frames judged of the chosen classes that ended without error", f"{ended:,} of {int(hit.sum()):,}", "0", not ended and bool(hit.any())),
        Row("forged frames that ended without error", f"{through:,} of {int(forged.sum()):,}", "0", not through),
        Row("struck frames of other classes", f"{others:,} of {int((~hit).sum()):,}", "0", not others),
        Row("normal frames struck", f"{int((verdicts.struck & normal).sum()):,} of {int(normal.sum()):,}", f"false alarms: {alarms:,}",
            int((verdicts.struck & normal).sum()) <= alarms),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, metavar="DIR")
    parser.add_argument("--profile", type=Path, required=True, help="profile.json of the training")
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="[LABEL=]FILE",
        help="as of hwflow train [default: the generator]",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--masquerade", action="store_true", help="the data are those of can-ids-masquerade")
    parser.add_argument("--frames", type=int, default=1 << 40, help="at most")
    parser.add_argument(
        "--first", type=int, default=0, help="frames of the test part that are left out at its beginning"
    )
    parser.add_argument("--bit-rate", type=int, default=BIT_RATE)
    parser.add_argument("--clock", type=int, help="in Hz [default: the project's]")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="how much faster the log plays; so much that the bus is never idle"
    )
    parser.add_argument("--strike", type=int, nargs="+", default=[], metavar="CLASS")
    parser.add_argument("--accuracy", type=float, default=0.999, help="the bar")
    options = parser.parse_args()
    begun = time.perf_counter()
    project = open_project(options.project)
    assert isinstance(project, QuantisedProject)
    kinds = WITH_MASQUERADE if options.masquerade else HCRL_KINDS
    sources = [source_of(text) for text in options.data]
    log, names = test_part(read_recordings(sources, options.seed, kinds) if sources else generated(options.seed, kinds))
    log = log.take(slice(options.first, min(options.first + options.frames, len(log))))
    profile = read_profiles(options.profile)[""]
    image = profile_image(profile, project.compiled.design.identifiers, cut=True)
    clock_hz = options.clock or project.clock_hz
    bench = Bench.of(project, clock_hz)
    judged = bench.play(
        log, image.words, options.bit_rate, speed=options.speed, strike=frozenset(options.strike), most=options.frames
    )
    found = check_verdicts(judged.verdicts, held_profile(profile, image.held), project.compiled.network)
    rows = rows_of(judged, found, log, names, clock_hz, options.bit_rate, options.accuracy)
    if options.strike or options.speed != 1:
        rows.pop()  # accuracy: what is struck, or comes too early, is not the bus of the training
    if options.strike:
        rows += strike_rows(judged, log, options.strike)
    load = judged.counts["cycles"] / clock_hz
    print(*rows, f"{judged.counts}; {load:.2f} s of the bus; {time.perf_counter() - begun:.0f} s", sep="\n")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
