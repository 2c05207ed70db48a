"""The RTL's features of CAN frames against features.py, bit for bit: of the generator's traffic with attacks, of random logs
that look for the edges (times at thresholds, payloads near the last ones), of both lengths of identifiers, and of a real log.

    python benchmarks/can_features.py --log savvycan_candump.log

One frame in ten ends otherwise than accepted, and must leave nothing behind. The generator's frames are sent once under
their own identifiers and once under 29-bit ones; a log that is shorter than its share is played again, later.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import numpy as np
from can_features_trial import ACCEPTED, build_features, play, random_log, random_profile, some_endings, wrong_bits
from run import Row

from hwflow.apps.can_ids.dataset import generated
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.profile import Profile, learn_profile
from hwflow.apps.can_ids.readers import read_log

PIECE = 20_000  # frames of a run


def in_29_bits(log: CanLog) -> CanLog:
    """The same frames under identifiers of 29 bits."""
    return replace(
        log,
        identifier=(log.identifier << 18 | log.identifier).astype(np.uint32),
        extended=np.ones(len(log), dtype=bool),
    )


def pieces(log: CanLog, frames: int) -> Iterator[CanLog]:
    """`frames` of a log, from its begin again where it is shorter, in pieces."""
    most = min(PIECE, len(log))
    for at in range(0, frames, most):
        begin = at % (len(log) - most + 1)
        yield log.take(slice(begin, begin + min(most, frames - at)))


def sources(options: argparse.Namespace) -> Iterator[tuple[str, Iterator[tuple[CanLog, Profile]]]]:
    """Each source: its name, and logs with their profiles."""
    share = options.frames // (4 if options.log else 3)
    log = generated(options.seed).parts[0].log
    for name, kind in (("generator, 11 bits", log), ("generator, 29 bits", in_29_bits(log))):
        profile = learn_profile(kind.take(slice(0, len(kind) // 3)))
        yield name, ((piece, profile) for piece in pieces(kind, share))
    rng = random.Random(options.seed)
    several = [2000] * (share // 2000) + [share % 2000] * (share % 2000 > 0)
    wild = ((random_profile(rng, rng.choice((1, 2, 64, 255, 256))), count) for count in several)
    yield "random, 11 and 29 bits", ((random_log(rng, profile, count), profile) for profile, count in wild)
    if options.log:
        real = max((trace.log for trace in read_log(options.log).traces), key=len)
        real = replace(real, time=real.time - real.time[0])  # the guard's time is short of that since 1970
        profile = learn_profile(real.take(slice(0, len(real) // 3)))
        yield f"real log {options.log.name}", ((piece, profile) for piece in pieces(real, share))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1_000_000, help="in all, shared by the sources")
    parser.add_argument("--log", type=Path, help="a real log, of whatever kind hwflow reads")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program, begun = build_features(), time.perf_counter()
    rng = np.random.default_rng(options.seed)
    every_right = True
    for name, logs in sources(options):
        frames = wrong = cycles = 0
        for log, profile in logs:
            endings = some_endings(rng, len(log))
            given = play(program, log, profile, endings, options.seed, most=16)
            frames += int((endings == ACCEPTED).sum())
            wrong += sum(wrong_bits(given, log, profile, endings).values())
            cycles = max(cycles, int(given.cycles.max()))
        row = Row(name, f"{wrong:,} of {128 * frames:,} bits", "0 differ", frames > 0 and wrong == 0)
        print(f"{row}; at most {cycles} cycles from payload_end; {time.perf_counter() - begun:.0f} s", flush=True)
        every_right &= row.met
    return 0 if every_right else 1


if __name__ == "__main__":
    sys.exit(main())
