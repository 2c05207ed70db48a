"""Nets that are graphs against chain MLPs on scikit-learn's digits: accuracy on held-out images, and LUTs of the net alone.

Every net is trained with each seed (which also shuffles the images), in as many steps; that of the first seed is compiled for a 7-series
board at one initiation interval, and its net alone, without link and shell, synthesised by Yosys. A graph is ahead if no chain
of at most its LUTs is as accurate, and if the least chain that is as accurate needs more LUTs. The table is Markdown.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hwflow.apps import find_recipe
from hwflow.board import find_board
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
CHAINS = ("8x3", "12x3", "16x3", "24x3", "32x2")
BOARD = "arty-a7-35t"
LEVELS = 3  # of arithmetic between two registers of a hardwired layer


@dataclass(frozen=True)
class Entry:
    """A net: accuracies, one of each seed, and what its hardware takes; luts 0 if it is not built, for the reason in `why`."""

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


def entry(name: str, recipe: Recipe, seeds: int, interval: int) -> Entry:
    accuracies: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(seeds):
            model = Path(scratch) / str(seed) / "model.onnx"
            model.parent.mkdir()
            result = train_recipe(recipe, recipe.bits, (), seed, model, lambda what, share: None)
            accuracies.append(result.quantised.accuracy)
        chain, weights = recipe.net is Net.MLP, result.weights
        try:
            luts, brams, latency = hardware(Path(scratch) / "0" / "model.onnx", interval)
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


def chain(shape: str) -> Recipe:
    """An MLP such as 16x3: a hidden layer of 16, 3 bits; trained as the graphs are."""
    *hidden, bits = (int(number) for number in shape.replace("-", "x").split("x"))
    like = find_recipe("two-stream")
    return replace(like, net=Net.MLP, bits=bits, schedule=replace(like.schedule, hidden=tuple(hidden)))


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
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--interval", type=int, default=32, help="cycles between two vectors, at most; 1: hardwired")
    parser.add_argument("--graphs", nargs="*", default=GRAPHS)
    parser.add_argument("--chains", nargs="*", default=CHAINS, help="hidden sizes and bits, as 16x3 or 32-16x2")
    options = parser.parse_args()
    found = []
    for name in (*options.chains, *options.graphs):
        is_chain = name in options.chains
        made = entry(
            f"chain {name}" if is_chain else name,
            chain(name) if is_chain else find_recipe(name),
            options.seeds,
            options.interval,
        )
        print(made, file=sys.stderr, flush=True)
        found.append(made)
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
