"""The CAN detector at 1, 2, 3, 4 and 8 bits and in floats: a table in Markdown, on the generator and, with --data, on logs.

Accuracy and missed attacks are of the test part; look-up tables and block RAMs of the net alone, counted by Yosys for 7 series and not
placed; cycles are those that the compiler predicts, which simulation confirms. With --build each net's whole design is placed and
routed for --built, and the latency is at the clock that nextpnr's timing analysis allows there, else at the board's own.
With --folder what is there is kept, and a table that was broken off goes on.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from alone import synthesised_alone
from run import Row

from hwflow.apps import find_recipe
from hwflow.board import find_board
from hwflow.clock import clocked
from hwflow.evaluation import Evaluation
from hwflow.progress import silent
from hwflow.quantised.backend.dataflow import Options
from hwflow.quantised.frontend import load
from hwflow.quantised.model import QuantisedModel
from hwflow.quantised.train.recipes import Recipe
from hwflow.quantised.train.run import train_recipe
from hwflow.records import read_record, to_json
from hwflow.search.recipe import shortened
from hwflow.sources import source_of

BOARD, BUILT = "arty-a7-35t", "ulx3s-85f"
BITS = (1, 2, 3, 4, 8)
# What differs: their data are HCRL's recordings of a car, whose attacks a table of identifiers tells; ours are the generator's, with
# payloads and time held out, or the log given. Their latency is from a frame's reception by way of a processor; ours is the net's.
PUBLISHED = """
Published, on HCRL's recordings: a 2-bit MLP on a XCZU7EV 99.9 %, 0.11 ms from reception (arXiv 2401.11030); a 4-bit one 0.12 ms
(2401.12240); a 4-bit one in the controller 99.966 to 99.993 %, 36.5 µs hidden in reception (2505.14924). They differ in the data,
which identifiers alone almost separate, and in what is timed: a frame's way through a system, not the net alone."""
HEADS = ("bits", "accuracy", "missed of each class", "weight bits", "LUTs, net alone", "block RAMs", "cycles a vector", "latency", "rate")  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A row of the table; mhz: the clock of latency and rate; floats: of the net in floats, which was trained with it."""

    bits: int
    quantised: Evaluation
    floats: Evaluation
    sizes: tuple[int, ...]
    weights: int
    notes: tuple[str, ...]
    luts: int
    brams: int
    interval: int
    latency: int
    mhz: float

    def cells(self) -> tuple[str, ...]:
        rate = f"{self.mhz * 1e6 / self.interval:,.0f} a second"
        hardware = (f"{self.luts:,}", f"{self.brams}", f"{self.interval:,}", f"{self.latency / self.mhz:.3f} µs", rate)
        return (f"{self.bits}", *judged(self.quantised), f"{self.bits * self.weights:,}", *hardware)


def judged(evaluation: Evaluation) -> tuple[str, str]:
    """Accuracy, and the share of each class that was said to be another."""
    rates = zip(evaluation.class_names, evaluation.false_negative_rate, strict=True)
    return f"{evaluation.accuracy:.3%}", ", ".join(f"{name} {rate:.3%}" for name, rate in rates if rate is not None)


def made(recipe: Recipe, bits: int, logs: Sequence[str], options: argparse.Namespace, out: Path) -> Line:
    """A net trained, compiled, synthesised alone, and built if that is wanted; kept as a file in `out`."""
    kept = out / "line.json"
    if kept.is_file():
        return read_record(Line, kept, "remove it; it is made again.")
    out.mkdir(parents=True, exist_ok=True)
    model = out / "model.onnx"
    trained = train_recipe(recipe, bits, tuple(map(source_of, logs)), options.seed, model, lambda what, share: None)
    counts, cycles = synthesised_alone(load(model, argmax=True), find_board(BOARD), Options(), out / "alone")
    mhz = clocked(find_board(BOARD), options.clock).clock_hz / 1e6
    if options.build:
        project = QuantisedModel.read(model, argmax=True).compile(options.built, out / "built", no_check=True)
        cycles, mhz = project.compiled.design.prediction, project.build(silent).fmax_mhz or 0.0
    line = Line(bits, trained.quantised, trained.float_net, trained.sizes, trained.weights, trained.notes, counts.luts,
                counts.brams, cycles.initiation_interval, cycles.latency, mhz)  # fmt: skip
    kept.write_text(to_json(line))
    return line


def table(logs: Sequence[str], options: argparse.Namespace, folder: Path) -> list[Line]:
    """Print the table on some logs, or on the generator."""
    recipe = find_recipe("can-ids")
    prepared = cache(recipe.prepare)
    recipe = replace(recipe, schedule=shortened(recipe.schedule, options.budget), prepare=prepared)
    print(f"\n{'On ' + ', '.join(Path(log).name for log in logs) if logs else 'On the generator'}:\n")
    print(f"| {' | '.join(HEADS)} |\n{'|---' * len(HEADS)}|")
    lines: list[Line] = []
    for bits in options.bits or BITS:
        line = made(recipe, bits, logs, options, folder / str(bits))
        if not lines:
            print(f"| float | {' | '.join(judged(line.floats))} | {32 * line.weights:,} |{' |' * 5}")
        print(f"| {' | '.join(line.cells())} |", flush=True)
        lines.append(line)
    last = lines[-1]
    clock = (f"at the clock that nextpnr's timing analysis allows on {options.built}" if options.build else
             f"at {last.mhz:g} MHz, which no place and route has confirmed")  # fmt: skip
    print(f"\n{' '.join(last.notes)} Net {'-'.join(map(str, last.sizes))}, test part of {last.quantised.samples:,} frames, "
          f"{options.budget:.0%} of the recipe's training. LUTs and block RAMs: Yosys for 7 series, not placed; latency and rate {clock}.")  # fmt: skip
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", action="append", metavar="[LABEL=]FILE", help="logs, for a table of their own")
    parser.add_argument("--only", choices=("generator", "data"), help="one of the two tables")
    parser.add_argument("--bits", action="append", type=int, help="1, 2, 3, 4 and 8 if not given")
    parser.add_argument("--budget", type=float, default=1.0, help="of the recipe's training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clock", help="MHz, for latency and rate without --build")
    parser.add_argument("--build", action="store_true", help="place and route each net's design")
    parser.add_argument("--built", default=BUILT, metavar="BOARD", help=f"for which; {BUILT} if not given")
    parser.add_argument("--folder", type=Path, help="where all is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        lines = [] if options.only == "data" else table((), options, folder / "generator")
        if options.data and options.only != "generator":
            lines += table(options.data, options, folder / "data")
    print(PUBLISHED)
    least = min(line.quantised.accuracy for line in lines)
    print(Row("least accuracy of a net of the tables", f"{least:.3%}", "told", True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
