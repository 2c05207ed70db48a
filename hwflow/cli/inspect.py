"""`hwflow inspect`."""

from hwflow.cli.options import Given, ModelFile
from hwflow.cli.outcome import USERS_FAULT, Outcome
from hwflow.family import MODEL_OPTIONS, family_of_model


def inspect(model: ModelFile, given: Given) -> Outcome:
    """What a model is, and what is refused.

    Layers, shapes, types, multiplications and weight bits, or neurons, synapses and what was rounded; what cannot be
    built is named.
    """
    family = family_of_model(model)
    return Outcome(family.inspect(model, **given.of(family, MODEL_OPTIONS, what=model)), status=USERS_FAULT)
