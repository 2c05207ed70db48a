"""What a search finds, beside nets that somebody typed: the CAN detector, and digits and MNIST beside FINN's usual shape.

can      trials on the CAN detector against the recipe's own net at 2 bits, 32-32, trained with the same budget: a point at least as
         accurate in at most 0.6 of its look-up tables, one of 99.9 % in at most 1,000 (Yosys on the net alone, 7 series, at the
         same rate), and the smallest design of such a net by estimate for an iCEBreaker
digits   trials against TFC's shape, 64-64-64, at 1 and at 2 bits, trained with the same budget: designs found that are as good as one
         of TFC's in accuracy, look-up tables, block RAMs, latency and rate, and better in one of them
mnist    the same on MNIST (--data mnist.npz)

All accuracies are on validation data, as in the search; look-up tables that no synthesis counted are estimates. With --folder what
is there is kept, and a part that was broken off goes on.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alone import synthesised_alone
from run import HWFLOW, Row

from hwflow.board import find_board
from hwflow.progress import silent
from hwflow.quantised.backend.dataflow import Options
from hwflow.quantised.backend.folding import parse_folding
from hwflow.quantised.frontend import load
from hwflow.search.evaluate import run_trial
from hwflow.search.factory import Found as Factory
from hwflow.search.factory import find_factory
from hwflow.search.hardware import Hardware, Limits, designs
from hwflow.search.quantised import MODEL
from hwflow.search.result import Found, Point
from hwflow.search.result import points_of as points_of_trial
from hwflow.search.run import Place, show
from hwflow.search.space import Space
from hwflow.sources import source_of

BOARD, SMALL = "arty-a7-35t", "icebreaker"
GOOD, SHARE, MOST = 0.999, 0.6, 1000
# Where small nets lie, by what the parameters mean; the sampler finds the rest.
SPACES = {
    "can-ids": ("depth=1..2", "width1=4..32", "width2=4..32", "weight_bits1=1..3", "weight_bits2=1..3", "weight_bits_last=1..4",
                "activation_bits1=1..3", "activation_bits2=1..3", "pruned=0,25,50,75", "inputs=50,75,100"),
    "digits": ("depth=1..2", "width1=16..64", "width2=16..64", "weight_bits1=1..3", "weight_bits2=1..3", "weight_bits_last=1..4",
               "activation_bits1=1..3", "activation_bits2=1..3", "input_bits=1..4"),
    "mnist": ("depth=1..2", "width1=16..64", "width2=16..64", "weight_bits1=1..3", "weight_bits2=1..3", "weight_bits_last=1..4",
              "activation_bits1=1..3", "activation_bits2=1..3", "input_bits=1..2"),
}  # fmt: skip


@dataclass(frozen=True)
class Study:
    """A search that has ended, with what its trials were made of."""

    place: Place
    found: Found
    factory: Factory

    def beside(self, **values: Any) -> list[Point]:
        """The designs of a net that somebody typed, trained as the trials were, and kept as they are."""
        plan = self.found.plan
        outcome = run_trial(plan, self.factory, values, (), self.place.trained)
        if outcome.state != "complete":
            raise SystemExit(f"{values}: {outcome.reason}")
        return [
            Point("typed", -1, outcome.choices, each.figures, each.hardware, each.evaluation, each.network, outcome.key)
            for each in points_of_trial(plan, _Numbered(-1), outcome)  # type: ignore[arg-type]
        ]

    def synthesised(self, point: Point) -> int:
        """Look-up tables of the point's net alone, by Yosys for 7 series."""
        project = self.place.folder / "synthesised" / f"{point.key}-{point.hardware.interval}"
        network = load(self.place.trained / point.key / MODEL, argmax=True)
        folding = parse_folding(point.hardware.folding.encode(), network, point.number)
        return synthesised_alone(network, self.found.plan.target, Options(folding=folding), project)[0].luts


@dataclass(frozen=True)
class _Numbered:
    number: int


def searched(recipe: str, options: argparse.Namespace, folder: Path) -> Study:
    """The search, gone on with where there is one."""
    place = Place(folder / recipe, None, recipe)
    data = [word for each in options.data or () for word in ("--data", each)]
    command = [*HWFLOW, "search", recipe, "--out", str(place.folder), "--workers", str(options.workers), *data]
    if Path(place.where).exists():
        command += ["--resume"]
    else:
        narrowed = [word for each in options.space or SPACES[recipe] for word in ("--space", each)]
        command += ["--board", BOARD, "--trials", str(options.trials), "--budget", str(options.budget), *narrowed]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found = show(place, silent)
    factory = find_factory(recipe, tuple(map(source_of, options.data or ())), found.plan.budget)
    return Study(place, found, Factory(factory.name, factory.factory, Space(factory.space.kind, found.plan.space)))


def values_of(space: Space, hidden: Sequence[int], bits: int) -> dict[str, Any]:
    """The choices of an MLP of these sizes with all its inputs, whole, at so many bits."""
    names = [parameter.name for parameter in space.parameters]
    chosen: dict[str, Any] = dict.fromkeys(names, bits)
    chosen |= {"depth": len(hidden), "pruned": 0, "inputs": 100, "input_bits": 8}
    sizes = [*hidden, *[4] * (3 - len(hidden))]
    return chosen | {f"width{layer}": size for layer, size in enumerate(sizes, 1)}


def can(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Points at the rate of the net that was typed, or faster; the cheapest by estimate are synthesised."""
    study = searched("can-ids", options, folder)
    typed = study.beside(**values_of(study.factory.space, (32, 32), 2))[0]
    accuracy, luts = typed.figures["accuracy"], study.synthesised(typed)
    print(
        f"typed: 32-32, 2 bits, {accuracy:.3%}, {luts:,} LUTs, a vector every {typed.hardware.interval} cycles",
        flush=True,
    )
    fast = [point for point in study.found.every if point.hardware.interval <= typed.hardware.interval]
    for bar, most, words in ((accuracy, SHARE * luts, f"<= {SHARE} x {luts:,}"), (GOOD, MOST, f"<= {MOST:,}")):
        name = f"LUTs of the net alone, by Yosys, of a point of >= {bar:.3%}"
        counts = [(study.synthesised(point), point) for point in cheapest(fast, bar, options.synthesised)]
        if not counts:
            yield Row(name, "no such point", words, False)
            continue
        least, point = min(counts, key=lambda each: each[0])
        yield Row(name, f"{least:,} (point {point.number}, {point.figures['accuracy']:.3%})", words, least <= most)
    yield small(study)


def cheapest(points: Sequence[Point], accuracy: float, count: int) -> list[Point]:
    """The cheapest by estimate of those that are so accurate, one of a net."""
    good = sorted((p for p in points if p.figures["accuracy"] >= accuracy), key=lambda point: point.figures["luts"])
    return list({point.network: point for point in reversed(good)}.values())[::-1][:count]


def small(study: Study) -> Row:
    """The smallest design for the small board of a net that is good."""
    board, found = find_board(SMALL), list[tuple[Hardware, Point]]()
    assert board.resources is not None
    for point in cheapest(study.found.every, GOOD, 8):
        network = load(study.place.trained / point.key / MODEL, argmax=True)
        found += [(hardware, point) for hardware in designs(network, board, Limits())]
    name = f"LUTs of a design of >= {GOOD:.1%} for {SMALL}, by estimate, shell and all"
    if not found:
        return Row(name, "none fits", "room to spare", False)
    hardware, point = min(found, key=lambda each: each[0].luts)
    room = board.resources.luts
    return Row(name, f"{hardware.luts:,} of {room:,}, {hardware.brams} RAMs (point {point.number}, {point.figures['accuracy']:.3%})", "room to spare",
               hardware.luts <= 0.8 * room and hardware.brams < board.resources.brams)  # fmt: skip


def tfc(recipe: str, options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """How many points beat a design of TFC's shape, and the best of them at its fastest design."""
    study = searched(recipe, options, folder)
    for bits in (1, 2):
        typed = study.beside(**values_of(study.factory.space, (64, 64, 64), bits))
        beaten = {one.number: other for one in study.found.every for other in typed if beats(one, other)}
        accuracy = typed[0].figures["accuracy"]
        print(f"TFC at {bits} bits: {accuracy:.2%}, {', '.join(said(each) for each in typed)}", flush=True)
        for number in list(beaten)[:5]:
            point = study.found.point(number)
            print(
                f"  beaten by {number}: {point.figures['accuracy']:.2%}, {said(point)}; against {said(beaten[number])}"
            )
        yield Row(f"{recipe}: points that beat TFC's net of {bits} bits in all", f"{len(beaten)}", ">= 1", bool(beaten))


def said(point: Point) -> str:
    figures = point.figures
    return (
        f"{figures['luts']:,.0f} LUTs {figures['brams']:.0f} RAMs {figures['latency']:.2f} µs {figures['rate']:,.0f}/s"
    )


def beats(one: Point, other: Point) -> bool:
    """Whether it is as good in everything and better in something."""
    pairs = [(one.figures[name], other.figures[name]) for name in ("accuracy", "rate")]
    pairs += [(-one.figures[name], -other.figures[name]) for name in ("luts", "brams", "latency")]
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("can", "digits", "mnist"))
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--budget", type=float, default=1.0, help="of the recipe's training, for all nets alike")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--synthesised", type=int, default=2, help="of the cheapest nets for each bar of `can`")
    parser.add_argument("--space", action="append", metavar="NAME=VALUES", help="as `hwflow search` takes it")
    parser.add_argument("--data", action="append", metavar="[LABEL=]FILE")
    parser.add_argument("--folder", type=Path, help="where all is kept")
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        rows = can(options, folder) if options.part == "can" else tfc(options.part, options, folder)
        for row in rows:
            print(row, flush=True)
            missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
