"""Nets that are graphs against chain MLPs on scikit-learn's digits: accuracy on held-out images, and LUTs of the net alone.

For each of --splits of the images, every net is trained with the same seeds in as many steps, and the net that does best on the
validation images is judged on the test images; accuracies are means over the splits. The net of the first split is compiled for a
7-series board at one initiation interval, in the form that takes fewest LUTs by estimate, and its net alone, without link and
shell, synthesised by Yosys. A graph is ahead if no chain of at most its LUTs is as accurate, and if the least chain that is as
accurate needs more LUTs. A chain such as 8x3@3 gets the images in 3 bits, which is what addresses the tables of `kan`. The table is
Markdown. With --keep, what was found is kept in a folder, and not looked for again.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from hwflow.apps import find_recipe
from hwflow.board import find_board
from hwflow.dataset import Dataset, Samples
from hwflow.errors import UserError
from hwflow.finn.synthesis import synthesise_net
from hwflow.project import ProjectFolder
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.dataflow import MODULE, Options, compile_network
from hwflow.quantised.backend.folding import Fold, Folding, dense_layers
from hwflow.quantised.frontend import load
from hwflow.quantised.tool.simulate import net_files
from hwflow.quantised.train.recipes import Net, Recipe
from hwflow.quantised.train.run import train_recipe

GRAPHS = ("hourglass", "two-stream", "dendrites", "mixer", "kan")
CHAINS = ("8x3", "12x3", "16x3", "8x4", "12x2", "16x2", "6x3@3", "8x3@3", "12x2@3")
BOARD = "arty-a7-35t"
LEVELS = 3  # of arithmetic between two registers of a hardwired layer


@dataclass(frozen=True)
class Entry:
    """A net: test accuracies, one of each split, and what its hardware takes; luts 0 if it is not built, for the reason in `why`."""

    name: str
    chain: bool
    bits: int
    weights: int
    accuracies: tuple[float, ...]
    luts: int
    brams: int
    latency: int
    why: str = ""

    @property
    def accuracy(self) -> float:
        return sum(self.accuracies) / len(self.accuracies)


def entry(name: str, recipe: Recipe, splits: int, seeds: int, interval: int) -> Entry:
    accuracies: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        models = []
        for split in range(splits):
            held = of_split(recipe, split)
            results = []
            for seed in range(seeds):
                model = Path(scratch) / f"{split}_{seed}" / "model.onnx"
                model.parent.mkdir()
                results.append(train_recipe(held, recipe.bits, (), seed, model, lambda what, share: None))
            best = max(results, key=lambda result: result.validation_accuracy or 0)
            accuracies.append(best.quantised.accuracy)
            models.append(best.model)
        chain, weights = recipe.net is Net.MLP, best.weights
        try:
            luts, brams, latency = hardware(models[0], interval)
        except UserError as error:
            return Entry(name, chain, recipe.bits, weights, tuple(accuracies), 0, 0, 0, str(error))
    return Entry(name, chain, recipe.bits, weights, tuple(accuracies), luts, brams, latency)


def hardware(model: Path, interval: int) -> tuple[int, int, int]:
    """LUTs, block RAMs and latency of the net at a vector every `interval` cycles or faster; matrices are hardwired for one a cycle."""
    board = find_board(BOARD)
    network = load(model)
    out = model.parent / "project"
    options = Options(target_fps=board.clock_hz / interval)
    if interval == 1:
        layers = dense_layers(network).items()
        options = Options(Folding({name: Fold(layer.size, layer.columns, LEVELS) for name, layer in layers}))
    compile_network(network, board, options).save(out)
    folder = ProjectFolder.read(out)
    counts = synthesise_net(folder, net_files(folder.files), MODULE)
    return counts.luts, counts.brams, Compiled.of(folder).design.prediction.latency


def of_split(recipe: Recipe, split: int) -> Recipe:
    """The same, with the images that the seed `split` puts into training, validation and test, whatever the seed of training."""
    return replace(recipe, prepare=lambda sources, seed: recipe.prepare(sources, split))


def chain(shape: str) -> Recipe:
    """An MLP such as 16x3: a hidden layer of 16, 3 bits, of images in 3 bits if @3 follows; trained as the graphs are."""
    layers, _, inputs = shape.partition("@")
    *hidden, bits = (int(number) for number in layers.replace("-", "x").split("x"))
    like = find_recipe("two-stream")
    made = replace(like, net=Net.MLP, bits=bits, schedule=replace(like.schedule, hidden=tuple(hidden)))
    if not inputs:
        return made
    return replace(made, prepare=lambda sources, seed: narrowed(like.prepare(sources, seed), int(inputs)))


def narrowed(data: Dataset, bits: int) -> Dataset:
    """The images, of which a pixel is at most 2^(input_bits - 1), in so many bits."""

    def fewer(x: Samples) -> Samples:
        least: Samples = np.minimum(x >> (data.input_bits - 1 - bits), (1 << bits) - 1).astype(x.dtype)
        return least

    return replace(
        data,
        x_train=fewer(data.x_train),
        x_validation=fewer(data.x_validation),
        x_test=fewer(data.x_test),
        input_bits=bits,
    )


def verdict(graph: Entry, chains: Sequence[Entry]) -> str:
    """The best chain of at most as many LUTs, the least one that is as accurate, and who is ahead."""
    within = [each for each in chains if each.luts <= graph.luts]
    equal = [each for each in chains if each.accuracy >= graph.accuracy]
    best, least = (
        max(within, key=lambda each: each.accuracy, default=None),
        min(equal, key=lambda each: each.luts, default=None),
    )
    said = [
        f"{best.name}: {best.accuracy:.2%}" if best else "none so small",
        f"{least.name}: {least.luts:,}" if least else "none",
    ]
    ahead = (best is None or best.accuracy < graph.accuracy) and (least is None or least.luts > graph.luts)
    return f"{' | '.join(said)} | {'ahead' if ahead else 'behind'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=3, help="of the images into training, validation and test")
    parser.add_argument("--seeds", type=int, default=2, help="of which the one that does best on validation is taken")
    parser.add_argument("--interval", type=int, default=8, help="cycles between two vectors, at most; 1: hardwired")
    parser.add_argument("--graphs", nargs="*", default=GRAPHS)
    parser.add_argument(
        "--chains", nargs="*", default=CHAINS, help="hidden sizes and bits, as 16x3 or 32-16x2; @3: of images of 3 bits"
    )
    parser.add_argument("--keep", type=Path, help="a folder for what was found")
    options = parser.parse_args()
    found = []
    for name in (*options.chains, *options.graphs):
        title, recipe = (f"chain {name}", chain(name)) if name in options.chains else (name, find_recipe(name))
        kept = options.keep and options.keep / f"{title} {options.interval} {options.splits} {options.seeds}.json"
        if kept and kept.is_file():
            found.append(Entry(**json.loads(kept.read_text())))
            continue
        found.append(entry(title, recipe, options.splits, options.seeds, options.interval))
        print(found[-1], file=sys.stderr, flush=True)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(asdict(found[-1])))
    chains = [each for each in found if each.chain and each.luts]
    print(
        "| net | bits | weights | accuracy | LUTs | block RAMs | latency | best chain within its LUTs | least chain as accurate | |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for each in found:
        if not each.luts:
            cells = f"not built: {each.why} | | | | |"
        else:
            against = "| |" if each.chain else verdict(each, chains)
            cells = f"{each.luts:,} | {each.brams} | {each.latency} | {against}"
        print(f"| {each.name} | {each.bits} | {each.weights:,} | {each.accuracy:.2%} | {cells} |")
    least = min((each.accuracy for each in found if not each.chain), default=1.0)
    return 0 if least >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
