"""`hwflow train`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from hwflow.cli.console import progress_on_stderr, table
from hwflow.cli.outcome import Outcome


def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="can-ids, digits or mnist.")],
    out: Annotated[Path, typer.Option("--out", metavar="MODEL.onnx", help="The model file; the rest goes beside it.")],
    bits: Annotated[int | None, typer.Option("--bits", help="Of weights and activations, 1 to 8. [default: 2]")] = None,
    data: Annotated[Path | None, typer.Option("--data", metavar="FILE", help="Your own log, or images.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides everything that is drawn.")] = 0,
) -> Outcome:
    """Train a quantised net.

    A recipe's MLP is trained with Brevitas and exported to QONNX; test vectors and figures lie beside it.
    """
    from hwflow.quantised.train.recipes import find_recipe
    from hwflow.quantised.train.run import train_recipe

    chosen = find_recipe(recipe)
    with progress_on_stderr() as progress:
        record = train_recipe(chosen, chosen.bits if bits is None else bits, data, seed, out, progress)
    paths = {"model": str(record.model), "vectors": str(record.vectors), "training": str(record.summary)}
    judged = (record.quantised, record.float_net, *record.baselines)
    rows = [(e.name, f"{e.accuracy:.3%}", _missed(e.false_negative_rate[1:])) for e in judged]
    quantised = record.quantised
    rates = (quantised.precision, quantised.recall, quantised.f1, quantised.false_negative_rate)
    show: list[RenderableType] = [
        *record.notes,
        table(["classifier", "accuracy", "most missed of a class"], rows),
        "",
        table(
            ["true class", *(f"said {name}" for name in quantised.class_names)],
            [(name, *row) for name, row in zip(quantised.class_names, quantised.confusion, strict=True)],
        ),
        "",
        table(
            ["class", "precision", "recall", "F1", "false negatives"],
            [(name, *map(_share, found)) for name, *found in zip(quantised.class_names, *rates, strict=True)],
        ),
        f"{record.model}: {record.weights:,} weights, {record.seconds:.0f} s",
    ]
    return Outcome(record.to_json() | paths, show)


def _share(rate: float | None) -> str | None:
    return None if rate is None else f"{rate:.3%}"


def _missed(rates: tuple[float | None, ...]) -> str | None:
    return _share(max((rate for rate in rates if rate is not None), default=None))
