"""`make bench`, the link under faults: the campaign of tests/rtl/link/test_faults.py at ten times the length, on two processes.

The real host calls the real RTL (UART, link, shell and a device that keeps a ledger, in Verilator), while bits are flipped, bytes
dropped, doubled and inserted, frames truncated, the baud rate is off by up to 2 %, and the device is reset in mid-frame; and, so that
nothing is left out, while the line is inverted, frames come almost right or late, and the wire is cut. What does harm is printed with
the seed and the number of the call, and is the same in every run.

A damaged frame whose checksum is right all the same, one of 2^32, is beyond any link's power to tell.
"""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from link_campaign import Campaign, Tally, rows
from link_wire import Kind, Wire, build_wire
from run import Row

MUST_NOT = {
    "wrong writes": ("wrong write",),
    "requests done twice, or without HELLO": ("done twice", "done without HELLO"),
    "wrong answers, or answers to what was not done": ("wrong answer", "not done"),
    "calls past their deadline": ("late",),
    "devices that did not come to rest": ("hang",),
    "errors without a cause": ("unexplained error",),
    "good frames, and calls behind a fault, not understood": ("unheard", "not understood at once"),
}


def part(program: Path, seed: int, faults: int) -> Tally:
    """A process's share. Prints a line now and then on stderr."""
    told = 0

    def tell(tally: Tally) -> None:
        nonlocal told
        if tally.promised >= told + 50_000:
            told = tally.promised
            print(f"seed {seed}: {told:,} faults", file=sys.stderr, flush=True)

    with Wire(program) as wire:
        return Campaign(wire, seed).run(faults, on_call=tell)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=100, help="of the first process; those of the others follow")
    options = parser.parse_args()
    begun = time.perf_counter()
    share = -(-options.faults // options.processes)
    tally = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        program = build_wire(Path(scratch))
        with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
            work = [pool.submit(part, program, options.seed + i, share) for i in range(options.processes)]
            for one in work:
                tally.add(one.result())
    seconds = time.perf_counter() - begun
    print(*rows(tally), *tally.notes, sep="\n")
    print(f"{tally.all_calls:,} calls, {tally.calm:,} of them without faults; {tally.requests:,} requests carried out, "
          f"{tally.duplicates:,} answered again; {tally.cycles:,} clock cycles in {seconds:.0f} s; "
          f"{tally.behind:,} good frames lost to a damaged one right before them")  # fmt: skip
    print("errors: " + ", ".join(f"{count:,} {name}" for name, count in sorted(tally.errors_named.items())))
    bars = [Row("faults, of the first seven kinds", f"{tally.promised:,}", f">= {options.faults:,}",
                tally.promised >= options.faults and all(tally.faults[kind] for kind in Kind))]  # fmt: skip
    for name, kinds in MUST_NOT.items():
        count = sum(tally.wrong[kind] for kind in kinds)
        bars.append(Row(name, f"{count:,}", "0", count == 0))
    print(*bars, sep="\n")
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
