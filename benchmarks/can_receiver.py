"""`make bench`, the CAN receiver: hwf_can_rx in Verilator against a receiver written from the rules, at every rate, on two processes.

125 kbit/s to 1 Mbit/s from a clock of 12 MHz, both clocks off by up to 0.5 %, any phase; base, extended, remote and FD frames, error and
overload frames; half of the frames with every bit flipped at a probability of 1 %. What is told must be the same, event for event. Then
four nodes that contend for a bus, where all that the senders take for sent must be heard in their order.

A frame that flipped bits turn into another one with a right checksum is beyond any receiver's power to tell; it is none of those lost or
invented here, since the rules accept it as well.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from can_receiver_trial import KINDS, build_receiver, on_a_bus, on_a_wire
from run import Row

PIECE = 10_000  # frames of one seed


def added(parts: list[dict[str, int]]) -> dict[str, int]:
    return {
        name: sum(part.get(name, 0) for part in parts) for name in sorted({name for part in parts for name in part})
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1_000_000, help="without flipped bits and with them together")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1000, help="of the first piece; those of the others follow")
    parser.add_argument("--percent", type=float, default=0.5, help="by how much each of the clocks is off at most")
    options = parser.parse_args()
    begun = time.perf_counter()
    program = build_receiver()
    pieces = -(-options.frames // (2 * PIECE))
    rows = []
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        jobs = {
            flips: [
                pool.submit(on_a_wire, program, PIECE, options.seed + i, flips, options.percent) for i in range(pieces)
            ]
            for flips in (0.0, 0.01)
        }
        contended = [pool.submit(on_a_bus, program, PIECE // 2, options.seed + i) for i in range(max(1, pieces // 5))]
        for flips, parts in jobs.items():
            counts = added([part.result() for part in parts])
            name = (
                f"{counts['frames']:,} frames, {counts['bits flipped']:,} bits flipped"
                if flips
                else f"{counts['frames']:,} frames"
            )
            print(f"{name}: {counts}")
            rows += [
                Row(f"{name}: {what}", f"{counts[what]:,}", "0", counts[what] == 0) for what in ("lost", "invented")
            ]
            stretches = "stretches of 40 frames told otherwise"
            rows.append(Row(f"{name}: {stretches}", f"{counts['different']:,}", "0", counts["different"] == 0))
            rows.append(Row(f"{name}: kinds met", f"{sum(counts[kind] > 0 for kind in KINDS)}", f"{len(KINDS)}",
                            all(counts[kind] for kind in KINDS)))  # fmt: skip
        bus = added([part.result() for part in contended])
        print(f"on a bus: {bus}")
        name = f"{bus['sent']:,} frames on a bus, {bus['arbitrations lost']:,} arbitrations"
        missed = bus["lost"] + bus["invented"] + bus["heard twice"]
        rows.append(Row(f"{name}: lost, invented", f"{missed:,}", "0", missed == 0))
    print(*rows, sep="\n")
    print(f"{time.perf_counter() - begun:.0f} s")
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
