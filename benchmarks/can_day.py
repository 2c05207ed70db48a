"""A day of bus time, replayed faster: features in RTL over 24 hours of time stamps, counters, and `hwflow watch` with its memory.

    python benchmarks/can_day.py build/demo/icebreaker

DIR is a project of `hwflow train can-ids`, its profile beside it. The generator's traffic, attacks included, plays in as many stretches as
--stretches says, the last one at the day's end; for the RTL also around each power of two of microseconds up to it. In
between watch sees a frame every 0.9 s, so that the day is one session, and strangers under ever new identifiers.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from can_features_trial import build_features, play, some_endings, wrong_bits
from run import Row

from hwflow.apps.can_ids.dataset import generated
from hwflow.apps.can_ids.frame import CanLog, join
from hwflow.apps.can_ids.profile import Profile, learn_profile
from hwflow.apps.can_ids.watch.batch import MOST, Batch, Feed
from hwflow.apps.can_ids.watch.detector import Detector, OnReference
from hwflow.apps.can_ids.watch.net import detecting
from hwflow.apps.can_ids.watch.seen import MOST_UNKNOWN
from hwflow.apps.can_ids.watch.watching import REFERENCE, Watching

DAY = 86_400.0  # seconds
PAUSE = 0.9  # seconds from one frame to the next between stretches
SHORTEST = 47  # bits of a frame without data, and of the intermission behind it
FASTEST = 1_000_000  # bits a second


def moved(log: CanLog, end: float) -> CanLog:
    """The same frames, the last one at `end` seconds."""
    return replace(log, time=log.time - log.time[-1] + end)


def stretches(log: CanLog, count: int, frames: int) -> list[CanLog]:
    """`count` pieces of the log, so many frames each, over the day."""
    starts = np.linspace(0, len(log) - frames, count).astype(int).tolist()
    return [moved(log.take(slice(at, at + frames)), DAY * (index + 1) / count) for index, at in enumerate(starts)]


def around_powers(log: CanLog, frames: int) -> list[CanLog]:
    """A piece around each power of two of microseconds within the day, that are longer than it lasts."""
    piece = log.take(slice(len(log) // 2, len(log) // 2 + frames))
    ends = [(1 << power) / 1e6 + piece.duration / 2 for power in range(10, 48)]
    return [moved(piece, end) for end in ends if piece.duration < end < DAY]


def wrong_in_rtl(log: CanLog, profile: Profile, count: int, frames: int) -> tuple[int, int]:
    """Bits of features that differ over the day, of so many."""
    pieces = sorted(
        [*stretches(log, count, frames), *around_powers(log, frames)], key=lambda piece: float(piece.time[0])
    )
    whole = pieces[0]
    for piece in pieces[1:]:
        late = piece.take(piece.time > whole.time[-1])
        whole = join(whole, late)
    endings = some_endings(np.random.default_rng(1), len(whole))
    given = play(build_features(), whole, profile, endings, most=16)
    return sum(wrong_bits(given, whole, profile, endings).values()), 128 * int((endings == 0).sum())


class Day(Feed):
    """The stretches, and what comes between them. resident: MiB of this process at each stretch's end."""

    name, buses, class_names = "a day", ("",), ()

    def __init__(self, pieces: list[CanLog]) -> None:
        super().__init__()
        self._pieces = pieces
        self.frames = 0
        self.resident: list[float] = []

    def batches(self) -> Iterator[Batch | None]:
        last, stranger = 0.0, 0
        for piece in self._pieces:
            sparse = piece.take(np.zeros(max(1, int((float(piece.time[0]) - last) / PAUSE)), dtype=np.int64))
            sparse.time[:] = last + PAUSE * np.arange(1, len(sparse) + 1)
            sparse.identifier[:] = stranger + np.arange(len(sparse))
            sparse.extended[:] = True
            stranger += len(sparse)
            last = float(piece.time[-1])
            for part in (sparse, piece):
                for at in range(0, len(part), MOST):
                    log = part.take(slice(at, at + MOST))
                    self.frames += len(log)
                    yield Batch(
                        log,
                        np.zeros(len(log), np.uint8),
                        np.ones(len(log), np.int64),
                        np.full(len(log), time.monotonic()),
                    )
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.resident.append(pages * 4096 / 2**20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", type=Path, metavar="DIR")
    parser.add_argument("--stretches", type=int, default=24)
    parser.add_argument("--frames", type=int, default=5_000, help="of a stretch")
    options = parser.parse_args()
    begun = time.perf_counter()
    log = generated(1).parts[0].log
    third = log.take(slice(0, len(log) // 3))
    wrong, bits = wrong_in_rtl(log, learn_profile(third), options.stretches, options.frames)
    most = int(DAY * FASTEST / SHORTEST)
    net = detecting(options.project, None, trust=False)
    day = Day(stretches(log, options.stretches, options.frames))
    profiles = net.profiles_of(day.buses, day.name)
    judge = Detector(profiles, OnReference(net.network))
    record = Watching(net, day, profiles, judge, REFERENCE).run(lambda alarms: None)
    growth = day.resident[-1] - day.resident[len(day.resident) // 4]
    rows = [
        Row("RTL: features that differ, time stamps of 24 h", f"{wrong:,} of {bits:,} bits", "0", not wrong),
        Row("frames of a day on a full bus of 1 Mbit/s", f"{most:,}", f"counters of 32 bits: {1 << 32:,}", most < 1 << 32),
        Row("watch: frames judged", f"{record.frames:,} of {day.frames:,} in {record.spanned:,.0f} s", "all", record.frames == day.frames),
        Row("watch: memory after a fourth of the day, at its end", f"{day.resident[len(day.resident) // 4]:.1f}, {day.resident[-1]:.1f} MiB",
            "+ 4 MiB", growth <= 4),
        Row("watch: unknown identifiers told apart", f"{record.unknown_identifiers:,}", f"{MOST_UNKNOWN:,} at most",
            0 < record.unknown_identifiers <= MOST_UNKNOWN),
    ]  # fmt: skip
    print(*rows, f"{time.perf_counter() - begun:.0f} s", sep="\n")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
