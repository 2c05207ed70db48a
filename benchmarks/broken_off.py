"""`make bench`, nets that a host breaks off: part of a vector's bytes, or of a tick's, then HELLO, then whole ones, 1,000 times.

A random quantised net and a random spiking one run on their simulated boards, whole tops in Verilator behind the real link, as in
tests/test_broken_off.py. After each break the vectors must be right, or the whole state of the core and the ticks that follow.
"""

import argparse
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from broken_off_trial import FAMILIES, outcomes
from run import Row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=1000, help="that each net is broken off")
    parser.add_argument("--seed", type=int, default=1, help="of what is sent, and where it ends")
    options = parser.parse_args()
    missed = 0
    for name, family in FAMILIES.items():
        with tempfile.TemporaryDirectory() as scratch:
            network, project = family()
            after = outcomes(network, project, Path(scratch), options.seed)
            with closing(after):
                next(after)  # when the board is compiled, and runs
                begun = time.perf_counter()
                right = list(islice(after, options.times))
        seconds = time.perf_counter() - begun
        row = Row(
            f"{name}, broken off {len(right):,} times in {seconds:.0f} s",
            f"{right.count(False):,} wrong",
            "0",
            all(right),
        )
        print(row, flush=True)
        missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
