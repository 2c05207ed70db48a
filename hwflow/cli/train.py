"""`hwflow train`."""

from pathlib import Path
from typing import Annotated

import typer

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import DataFiles, sources_of
from hwflow.cli.outcome import Outcome
from hwflow.errors import UserError


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="can-ids, can-ids-small, can-ids-masquerade, digits, mnist; hourglass, two-stream, dendrites, mixer, kan; or POINT.json of a search.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="MODEL.onnx", help="The model file; the rest goes beside it.")],
    bits: Annotated[
        int | None, typer.Option("--bits", help="Of weights and activations, 1 to 8. [default: the recipe's, mostly 2]")
    ] = None,
    data: DataFiles = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides everything that is drawn.")] = 0,
) -> Outcome:
    """Train a quantised net.

    A recipe's MLP is trained with Brevitas and exported to QONNX; test vectors and figures lie beside it.
    A point of `hwflow search` is trained again as its record says, bit for bit.
    """
    if recipe.endswith(".json"):
        return _again(Path(recipe), out, bits, data)
    from hwflow.apps import find_recipe
    from hwflow.quantised.train.run import train_recipe

    chosen = find_recipe(recipe)
    with progress_on_stderr() as progress:
        record = train_recipe(chosen, chosen.bits if bits is None else bits, sources_of(data), seed, out, progress)
    return Outcome(record, document=record.to_json() | record.paths)


def _again(point: Path, out: Path, bits: int | None, data: list[str] | None) -> Outcome:
    from hwflow.search.pick import retrain

    if bits is not None:
        raise UserError(f"--bits means nothing for {point}, which says of what bits its net is; leave it out.")
    with progress_on_stderr() as progress:
        progress("training")
        return Outcome(retrain(point, sources_of(data), out))
