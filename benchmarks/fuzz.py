"""`make fuzz`: sound inputs of all that hwflow reads, changed in a few places, and what its readers make of them.

A reader takes an input, or refuses it by an error of `hwflow.errors` in one sentence; anything else is a fault, and so
is a warning, more than --memory MiB, or more than 5 s. Nets that were taken are executed and compared: QONNX by the qonnx
package. A fault is printed once with the fewest changes that show it; --keep FOLDER keeps such inputs. The inputs are the same
for equal --seed.
"""

import argparse
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fuzz_files import BOARDS, CAN, PROJECTS, VECTORS
from fuzz_nets import NIR, QONNX, SNM
from fuzz_records import RECORDS
from fuzz_trial import ACCEPTED, EQUAL, FAULT, LIMITS, UNCOMPARED, Kind, Limits, Reader, Trial, Verdict, made
from run import Row

KINDS = {kind.name: kind for kind in (QONNX, NIR, SNM, PROJECTS, RECORDS, BOARDS, CAN, VECTORS)}
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the processes: a pool of threads takes address space
_BLOWS = 0.12  # of the changes: to the file's bytes


@dataclass
class Found:
    """What became of the inputs of a kind: how many of each answer, and each fault once, with the trial that shows it."""

    kind: Kind
    answers: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], tuple[Trial, Verdict]] = field(default_factory=dict)
    seconds: float = 0.0

    def row(self) -> Row:
        count, compared = self.answers.total(), self.answers[EQUAL]
        taken = self.answers[ACCEPTED] + self.answers[UNCOMPARED] + compared
        name = f"{self.kind.name}: {count:,} inputs, {taken:,} taken, {compared:,} equal, {self.seconds:.0f} s"
        faulty = self.answers[FAULT]
        return Row(name, f"{faulty:,} faults of {len(self.faults)} sorts", "0", not faulty)


def trials(name: str, seeds: int, count: int, seed: int) -> Iterator[Trial]:
    """The inputs of a kind, by numbers, in the order of their making."""
    for number in range(count):
        draw = random.Random(f"{name} {seed} {number}")
        changes = [draw.getrandbits(40) + 1 for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 5)))]
        yield Trial(draw.randrange(seeds), tuple(-each if draw.random() < _BLOWS else each for each in changes))


def campaign(kind: Kind, count: int, seed: int, seconds: float = 1e9, jobs: int = 1, limits: Limits = LIMITS) -> Found:
    """Try so many inputs, or as many as there is time for, in so many processes; faults with few changes."""
    found, begun, lock = Found(kind), time.monotonic(), Lock()
    readers = [Reader(kind, limits) for _ in range(jobs)]
    wanted = trials(kind.name, readers[0].seeds, count, seed)

    def work(reader: Reader) -> None:
        while time.monotonic() < begun + seconds:
            with lock:
                trial = next(wanted, None)
            if trial is None:
                return
            verdict = reader.verdict(trial)
            new = verdict.answer == FAULT and verdict.same not in found.faults
            with lock:
                found.answers[verdict.answer] += 1
                if new:
                    found.faults[verdict.same] = (trial, verdict)
            if new:
                smallest = minimal(reader, trial, verdict)
                with lock:
                    found.faults[verdict.same] = smallest

    try:
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(work, readers))
    finally:
        for reader in readers:
            reader.close()
    found.seconds = time.monotonic() - begun
    return found


def minimal(reader: Reader, trial: Trial, verdict: Verdict) -> tuple[Trial, Verdict]:
    """The trial without what is not needed for an equal fault: changes are dropped one at a time."""
    at = 0
    while at < len(trial.changes):
        less = trial.without(at)
        other = reader.verdict(less)
        if other.answer == FAULT and other.same == verdict.same:
            trial, verdict = less, other
        else:
            at += 1
    return trial, verdict


def keep(found: Found, folder: Path) -> None:
    """The faulty inputs, each in a folder of its own, with what is wrong."""
    scratch = folder / f"{found.kind.name}-seeds"
    scratch.mkdir(parents=True)
    seeds = found.kind.seeds(scratch)
    for number, (trial, verdict) in enumerate(found.faults.values()):
        place = folder / f"{found.kind.name}-{number}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        made(found.kind, seeds, trial, place)
        (place / "fault.txt").write_text(
            f"{trial}\n{verdict.fault}\n{verdict.where}\n{verdict.trace}", errors="replace"
        )
    shutil.rmtree(scratch)


def told(found: Found) -> Sequence[str]:
    return [
        f"  {found.kind.name}: {verdict.fault} at {verdict.where or 'no place'} of {trial}"
        for trial, verdict in found.faults.values()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", choices=KINDS, help="only these, else all")
    parser.add_argument("--count", type=int, default=15_000, help="inputs of each kind")
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn")
    parser.add_argument("--seconds", type=float, default=1e9, help="for each kind, after which no input is begun")
    parser.add_argument("--memory", type=int, default=1024, help="MiB of address space over that of the imports")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for inputs that show a fault")
    options = parser.parse_args()
    missed = 0
    for name in options.kind or KINDS:
        found = campaign(KINDS[name], options.count, options.seed, options.seconds, options.jobs,
                         Limits(bytes=options.memory << 20))  # fmt: skip
        print(found.row(), *told(found), sep="\n", flush=True)
        missed += not found.row().met
        if options.keep and found.faults:
            keep(found, options.keep)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
