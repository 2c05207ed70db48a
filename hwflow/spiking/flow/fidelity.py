"""The verb `check` for spiking nets: the integers beside the net as it was trained, in floats."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.spiking.frontend.fidelity import Stimuli, fidelity_of, random_stimuli
from hwflow.spiking.frontend.model import Fidelity, SpikingModel
from hwflow.words import Done, Part


@dataclass(frozen=True)
class SpikingCheck(Done):
    """A net in integers beside its floats.

    vectors: samples, each from rest; mismatches: spikes that one has and the other has not, in that tick, which rounding
    makes and which are no fault; largest_error: the greatest error of a weight, of its neuron's largest, None if nothing
    was rounded; class_agreement: share of samples of which the same output is largest, None for fewer than two outputs;
    assumptions: what the file left open; fidelity: all of the comparison.
    """

    model: str
    network: str
    vectors: int
    mismatches: int
    largest_error: float | None
    class_agreement: float | None
    assumptions: tuple[str, ...]
    fidelity: Fidelity

    def words(self) -> tuple[Part, ...]:
        return (f"{self.model}: the integers beside the floats", *self.fidelity.words(), *self.assumptions)


def check_imported(model: SpikingModel, samples: NDArray[np.generic] | None) -> SpikingCheck:
    """Compare on these stimuli, or on random ones. Raises UserError as `SpikingModel.check`."""
    network, info = model.network, model.info
    if model.floats is None:
        raise UserError(f"{network.name} was made of integers, so there are no floats to check it against; `hwflow inspect` "
                        "says what it is.")  # fmt: skip
    stimuli = (
        random_stimuli(network.axons, network.weight.size, graded=network.graded)
        if samples is None
        else Stimuli.of(samples, "the vectors given", graded=network.graded)
    )
    found = fidelity_of(model, stimuli)
    return SpikingCheck(
        model=network.source or network.name,
        network=network.digest,
        vectors=found.samples,
        mismatches=found.differing,
        largest_error=info.rounding.weight if info.rounding else None,
        class_agreement=found.class_agreement,
        assumptions=info.assumptions,
        fidelity=found,
    )
