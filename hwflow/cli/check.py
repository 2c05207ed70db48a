"""`hwflow check`."""

from hwflow.cli.console import progress_on_stderr
from hwflow.cli.options import Given, ModelFile
from hwflow.cli.outcome import Outcome
from hwflow.family import MODEL_OPTIONS, family_of_model


def check(model: ModelFile, given: Given) -> Outcome:
    """The net in integers against its file.

    On random vectors over the input's range, and on those of --vectors; what the file left open, and was assumed, is said.
    """
    family = family_of_model(model)
    options = given.of(family, MODEL_OPTIONS, what=model)
    with progress_on_stderr() as progress:
        progress(f"reading {model.name}")
        read = family.read(model, **options)
        return Outcome(read.check(options.get("vectors"), progress=progress))
