"""What tells a masquerade's frames from the node's own: the measures that the features have, and two that they have not.

    python benchmarks/masquerades.py --seconds 1800

The generator's bus; the profile is learnt on all but the last minute, in which node after node is silenced and replaced
(hwflow/apps/can_ids/attacks.py). For each measure the share of the forged frames of which it speaks, and of the others: an upper bound
for a net that sees no more than that. `checks`: sums modulo two of payload bits, of which one at least flips often, that always were
the same in training, as those of a checksum are. `run`: a byte that stays as it is for longer than it ever did in training.
"""

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hwflow.apps.can_ids.attacks import MASQUERADE, choose_targets, held_out_values, inject, plan_bursts
from hwflow.apps.can_ids.features import MEASURES, measure
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.profile import learn_profile
from hwflow.apps.can_ids.vehicle import generate

TEST = 60.0  # seconds
BUSY = 0.25  # flips a frame, from which on a bit counts as one that flips often
Spoken = NDArray[np.bool_]
Bits = NDArray[np.uint8]


def invariants(rows: Bits) -> list[int]:
    """A basis of the sums modulo two over columns of `rows` [n, k] that are 0 in each row, as words whose lowest bit is column 0."""
    columns = rows.shape[1]
    pivots: dict[int, int] = {}
    for row in np.unique(rows, axis=0):
        word = int(sum(1 << int(at) for at in np.flatnonzero(row)))
        while word and word.bit_length() - 1 in pivots:
            word ^= pivots[word.bit_length() - 1]
        if word:
            pivots[word.bit_length() - 1] = word
    found = []
    for free in (column for column in range(columns) if column not in pivots):
        solution = 1 << free
        for high in sorted(pivots):  # a row's other columns lie below its highest
            solution |= ((pivots[high] & solution).bit_count() & 1) << high
        found.append(solution)
    return found


def broken_checks(payload: Bits, training: Spoken) -> Spoken:
    """Frames in which a sum over bits, of which one flips often, is not what it always was in training."""
    bits = np.unpackbits(payload, axis=1)
    rows = np.concatenate([bits, np.ones((len(bits), 1), dtype=np.uint8)], axis=1)
    busy = np.flatnonzero((bits[training][1:] != bits[training][:-1]).mean(axis=0) > BUSY).tolist()
    checks = [check for check in invariants(rows[training]) if any(check >> at & 1 for at in busy)]
    masks = np.array([[check >> at & 1 for at in range(rows.shape[1])] for check in checks], dtype=np.int64)
    if not checks:
        return np.zeros(len(payload), dtype=np.bool_)
    return np.asarray((rows.astype(np.int64) @ masks.T % 2).any(axis=1))


def long_runs(payload: Bits, training: Spoken) -> Spoken:
    """Frames in which a byte that moves stays as it is for longer than ever in training."""
    frames = np.arange(len(payload))
    found = np.zeros(len(payload), dtype=np.bool_)
    for byte in payload.T:
        if (byte[training] == byte[0]).all():
            continue
        changed = np.flatnonzero(np.diff(byte, prepend=byte[:1] ^ 1))
        run = frames - changed[np.searchsorted(changed, frames, side="right") - 1]
        found |= run > run[training].max()
    return found


def of_each_identifier(log: CanLog, training: Spoken, what: Callable[[Bits, Spoken], Spoken]) -> Spoken:
    found = np.zeros(len(log), dtype=np.bool_)
    for key in np.unique(log.keys[training]):
        rows = np.flatnonzero(log.keys == key)
        found[rows] = what(log.payload[rows], training[rows])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180.0, help="of traffic, of which the last minute is the test")
    parser.add_argument("--bursts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    log = generate(options.seed, options.seconds)
    cut, rng = options.seconds - TEST, np.random.default_rng([options.seed, 7])
    values = held_out_values(rng)[1]
    bursts = plan_bursts(log, cut, float(log.time[-1]), options.bursts, choose_targets(log), values, rng, (MASQUERADE,))
    log = inject(log, bursts, rng)
    training = log.time < cut
    measured = measure(log, learn_profile(log.take(training)))
    names = [kind.name for kind in MEASURES]

    def at_least(name: str, level: int) -> Spoken:
        spoken: Spoken = measured[:, names.index(name)] >= level
        return spoken

    checks, run = (of_each_identifier(log, training, what) for what in (broken_checks, long_runs))
    rows = {f"strange >= {level}": at_least("strange", level) for level in (1, 2, 4)}
    rows |= {"jump >= 1": at_least("jump", 1), "slow >= 3": at_least("slow", 3), "not trusted": ~at_least("trusted", 1)}
    rows |= {"checks": checks, "run": run, "strange or checks": rows["strange >= 1"] | checks}
    rows |= {
        "strange or run": rows["strange >= 1"] | run,
        "strange, checks or run": rows["strange >= 1"] | checks | run,
    }
    forged = log.label == MASQUERADE
    normal = ~training & ~forged
    print(f"| of {forged.sum():,} forged frames and {normal.sum():,} others | forged | others |\n|---|---|---|")
    for name, spoken in rows.items():
        print(f"| {name} | {spoken[forged].mean():.1%} | {spoken[normal].mean():.3%} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
