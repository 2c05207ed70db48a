"""Nets that are graphs against chain MLPs on scikit-learn's digits: accuracy on held-out images, and LUTs of the net alone.

For each of --splits of the images, every net is trained with the same seeds in as many steps, and the net that does best on the
validation images is judged on the test images; accuracies are means over the splits. The net of the first split is compiled for a
7-series board at each --interval, in the form that takes fewest LUTs by estimate, and its net alone, without link and
shell, synthesised by Yosys. A graph is ahead if no chain of at most its LUTs is as accurate, and if the least chain that is as
accurate needs more LUTs. A chain such as 8x3@3 gets the images in 3 bits, which is what addresses the tables of `kan`. The tables
are Markdown.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from alone import synthesised_alone

from hwflow.apps import find_recipe
from hwflow.board import find_board
from hwflow.dataset import Dataset, Samples
from hwflow.errors import UserError
from hwflow.quantised.backend.dataflow import Options
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.frontend import load
from hwflow.quantised.train.recipes import Net, Recipe
from hwflow.quantised.train.run import train_recipe

FORMS = ("hourglass", "two-stream", "dendrites", "mixer", "kan")
GRAPHS = (*FORMS, "two-stream@3", "mixer@3")
CHAINS = (
    "8x3",
    "12x3",
    "16x3",
    "20x3",
    "8x4",
    "12x2",
    "16x2",
    "24x2",
    "32x2",
    "6x3@3",
    "8x3@3",
    "12x3@3",
    "16x3@3",
    "20x3@3",
    "12x2@3",
    "16x2@3",
    "20x2@3",
    "24x2@3",
)
BOARD = "arty-a7-35t"
LEVELS = 3  # of arithmetic between two registers of a hardwired layer


@dataclass(frozen=True)
class Trained:
    """A net: test accuracies, one of each split, and the model of the first split."""

    name: str
    chain: bool
    bits: int
    weights: int
    accuracies: tuple[float, ...]
    model: Path

    @property
    def accuracy(self) -> float:
        return sum(self.accuracies) / len(self.accuracies)


@dataclass(frozen=True)
class Entry:
    """A net, and what its hardware takes; luts 0 if it is not built, for the reason in `why`."""

    net: Trained
    luts: int
    brams: int
    latency: int
    why: str = ""


def trained(name: str, recipe: Recipe, splits: int, seeds: int, folder: Path) -> Trained:
    """The net with every seed on every split. What is in the folder already is not trained again."""
    accuracies, models = list[float](), list[Path]()
    for split in range(splits):
        held = of_split(recipe, split)
        made = [_one(held, seed, folder / name / f"{split}_{seed}" / "model.onnx") for seed in range(seeds)]
        model, best = max(made, key=lambda each: float(each[1]["validation_accuracy"]))
        accuracies.append(float(best["quantised"]["accuracy"]))
        models.append(model)
    return Trained(name, recipe.net is Net.MLP, recipe.bits, int(best["weights"]), tuple(accuracies), models[0])


def _one(recipe: Recipe, seed: int, model: Path) -> tuple[Path, dict[str, Any]]:
    """A model, and what `train` wrote of it."""
    if not model.with_name("training.json").is_file():
        model.parent.mkdir(parents=True, exist_ok=True)
        train_recipe(recipe, recipe.bits, (), seed, model, lambda what, share: None)
    return model, json.loads(model.with_name("training.json").read_text())


def built(net: Trained, interval: int) -> Entry:
    try:
        return Entry(net, *hardware(net.model, interval))
    except UserError as error:
        return Entry(net, 0, 0, 0, str(error))


def hardware(model: Path, interval: int) -> tuple[int, int, int]:
    """LUTs, block RAMs and latency of the net at a vector every `interval` cycles or faster; matrices are hardwired for one a cycle."""
    board = find_board(BOARD)
    network = load(model)
    options = Options(target_fps=board.clock_hz / interval)
    if interval == 1:
        layers = dense_layers(network).items()
        options = Options(Folding({name: Fold(layer.rows, layer.columns, LEVELS) for name, layer in layers}))
    with tempfile.TemporaryDirectory() as scratch:
        counts, cycles = synthesised_alone(network, board, options, Path(scratch) / "project")
        return counts.luts, counts.brams, cycles.latency


def of_split(recipe: Recipe, split: int) -> Recipe:
    """The same, with the images that the seed `split` puts into training, validation and test, whatever the seed of training."""
    return replace(recipe, prepare=lambda sources, seed: recipe.prepare(sources, split))


def recipe_of(name: str) -> Recipe:
    """A graph by its name, or an MLP such as 16x3: a hidden layer of 16, 3 bits; of images in 3 bits if @3 follows."""
    form, _, inputs = name.partition("@")
    made = find_recipe(form) if form in FORMS else chain(form)
    if not inputs:
        return made
    return replace(made, prepare=lambda sources, seed: narrowed(made.prepare(sources, seed), int(inputs)))


def chain(shape: str) -> Recipe:
    """Trained as the graphs are."""
    *hidden, bits = (int(number) for number in shape.replace("-", "x").split("x"))
    like = find_recipe("two-stream")
    return replace(like, net=Net.MLP, bits=bits, schedule=replace(like.schedule, hidden=tuple(hidden)))


def narrowed(data: Dataset, bits: int) -> Dataset:
    """The images, of which a pixel is at most 2^(input_bits - 1), in so many bits."""

    def fewer(x: Samples) -> Samples:
        least: Samples = np.minimum(x >> (data.input_bits - 1 - bits), (1 << bits) - 1).astype(x.dtype)
        return least

    return data.mapped(fewer, input_bits=bits)


def verdict(graph: Entry, chains: Sequence[Entry]) -> str:
    """The best chain of at most as many LUTs, the least one that is as accurate, and who is ahead."""
    accuracy = graph.net.accuracy
    within = [each for each in chains if each.luts <= graph.luts]
    equal = [each for each in chains if each.net.accuracy >= accuracy]
    best = max(within, key=lambda each: each.net.accuracy, default=None)
    least = min(equal, key=lambda each: each.luts, default=None)
    said = [
        f"{best.net.name}: {best.net.accuracy:.2%}" if best else "none so small",
        f"{least.net.name}: {least.luts:,}" if least else "none",
    ]
    ahead = (best is None or best.net.accuracy < accuracy) and (least is None or least.luts > graph.luts)
    return f"{' | '.join(said)} | {'ahead' if ahead else 'behind'}"


def table(found: Sequence[Entry], interval: int) -> str:
    chains = [each for each in found if each.net.chain and each.luts]
    lines = [
        f"A vector every {interval} cycles or faster:\n",
        "| net | bits | weights | accuracy | LUTs | block RAMs | latency | best chain within its LUTs | least chain as accurate | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        net = each.net
        if each.luts:
            against = "| |" if net.chain else verdict(each, chains)
            cells = f"{each.luts:,} | {each.brams} | {each.latency} | {against}"
        else:
            cells = f"not built: {each.why} | | | | |"
        lines.append(f"| {net.name} | {net.bits} | {net.weights:,} | {net.accuracy:.2%} | {cells} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=3, help="of the images into training, validation and test")
    parser.add_argument("--seeds", type=int, default=2, help="of which the one that does best on validation is taken")
    parser.add_argument(
        "--interval", type=int, nargs="*", default=[8, 64], help="cycles between two vectors, at most; 1: hardwired"
    )
    parser.add_argument("--graphs", nargs="*", default=GRAPHS)
    parser.add_argument(
        "--chains", nargs="*", default=CHAINS, help="hidden sizes and bits, as 16x3 or 32-16x2; @3: of images of 3 bits"
    )
    parser.add_argument(
        "--keep", type=Path, help="a folder for the models, of which those that are there are not trained again"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        nets = []
        for name in (*options.chains, *options.graphs):
            title = f"chain {name}" if name in options.chains else name
            nets.append(trained(title, recipe_of(name), options.splits, options.seeds, folder))
            print(nets[-1], file=sys.stderr, flush=True)
        for interval in options.interval:
            found = []
            for net in nets:
                found.append(built(net, interval))
                print(found[-1], file=sys.stderr, flush=True)
            print(table(found, interval), flush=True)
    least = min((net.accuracy for net in nets if not net.chain), default=1.0)
    return 0 if least >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
