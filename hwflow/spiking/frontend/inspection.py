"""What a spiking model is, layer by layer, and what was rounded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.spiking.frontend import check_options
from hwflow.spiking.frontend import load as load_spiking
from hwflow.spiking.frontend.model import Fidelity, SpikingModel
from hwflow.spiking.frontend.placement import Feedback
from hwflow.spiking.frontend.rounding import Rounding
from hwflow.spiking.inputs import GRADED_MAX
from hwflow.spiking.saturation import Saturation
from hwflow.words import Part, table

SPIKE = "SPIKE"


@dataclass(frozen=True)
class SpikingLayerInspection:
    """One layer.

    shape: of its neurons in the model; output_type: SPIKE, or the integers of the membranes that the host reads; neurons:
    the first and the last in the core; synapses: to it, that are not zero; latency: ticks behind the input; rest, unit:
    the model's potential is rest + unit * membrane.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    weight_type: str
    input_type: str
    output_type: str
    neurons: tuple[int, int]
    synapses: int
    latency: int
    rest: float | None
    unit: float | None


@dataclass(frozen=True)
class SpikingInspection:
    """A spiking model. refused: a sentence for each thing that cannot be represented, and then there are no layers.

    dt: seconds of a tick; latency: ticks from the input to the last output; relays: neurons added to delay spikes;
    feedback: loops that take longer than in the model; plastic: synapses that may learn; weight_bits: of all weights;
    assumptions, saturation, fidelity: as in the model's import record; graded, told: as in SpikingNetwork.
    """

    family: str
    model: str
    digest: str | None
    dt: float | None
    axons: int
    neurons: int
    outputs: int
    inputs: tuple[tuple[str, int], ...]
    layers: tuple[SpikingLayerInspection, ...]
    latency: int
    relays: int
    feedback: tuple[Feedback, ...]
    synapses: int
    plastic: int
    weight_bits: int
    rounding: Rounding | None
    refused: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    saturation: Saturation | None = None
    fidelity: Fidelity | None = None
    graded: bool = False
    told: int = 0

    @property
    def right(self) -> bool:
        """Whether it can be represented."""
        return not self.refused

    @property
    def wrong(self) -> str:
        """Why it is not right."""
        return f"{self.model} cannot be built as it is."

    def words(self) -> tuple[Part, ...]:
        """The whole, and its layers; or what is refused."""
        if self.refused:
            return self.refused
        seconds = f", a tick is {self.dt:g} s" if self.dt else ""
        values = f" with values of 0 … {GRADED_MAX}" if self.graded else ""
        told = f" (the host is told of the last {self.neurons - self.told:,})" if self.told else ""
        return (
            f"{self.model}: {self.family}, {self.axons:,} axons{values}, {self.neurons:,} neurons{told}{seconds}, digest {self.digest}",
            *self.layers_in_words(),
        )

    def layers_in_words(self) -> tuple[Part, ...]:
        """Layers, loops, relays, rounding, and what is remarkable."""
        heads = ["layer", "kind", "shape", "neurons", "synapses", "weights", "output", "ticks behind the input"]
        rows = [
            (x.name, x.kind, " × ".join(map(str, x.shape)), "{} … {}".format(*x.neurons), x.synapses, x.weight_type,
             x.output_type, x.latency)
            for x in self.layers
        ]  # fmt: skip
        loops = [
            f"from {f.source} back to {f.target} a spike takes {f.ticks} ticks, and in the model {f.wanted}"
            for f in self.feedback
        ]
        relays = [f"{self.relays:,} neurons only delay spikes"] if self.relays else []
        return (table(heads, rows), "", *loops, *relays, rounding_in_words(self.rounding), *self._remarks())

    def _remarks(self) -> tuple[str, ...]:
        """What saturates, what the trial gave, and what was assumed."""
        saturation = [str(self.saturation)] if self.saturation else []
        trial = self.fidelity.words() if self.fidelity else ()
        return (*saturation, *trial, *self.assumptions)


def inspect(path: Path, *, dt: float | None = None, clip: bool = False, **options: Any) -> SpikingInspection:
    """Look into a model; the options are those of `load_spiking`.

    Raises UserError if it cannot be read at all, or for options that are not legal.
    """
    check_options(
        path, dt, **{name: options[name] for name in ("reset", "allow_error", "graded", "told") if name in options}
    )
    try:
        return inspection_of(load_spiking(path, dt=dt, clip=clip, **options))
    except UserError as error:
        if path.suffix.lower() != ".nir":
            raise
        from hwflow.spiking.frontend import nir

        reasons = nir.refused(path, dt, clip=clip)  # raises if the file is no graph
        first = str(error)
        told = reasons if first in reasons else (*reasons, first)
        return SpikingInspection("spiking", path.name, None, dt, 0, 0, 0, (), (), 0, 0, (), 0, 0, 0, None, told)


def inspection_of(model: SpikingModel) -> SpikingInspection:
    """The same of a model at hand."""
    network, info = model.network, model.info
    weight, state = IntType(info.weight_bits, signed=True), IntType(info.state_bits, signed=True)
    layers = tuple(
        SpikingLayerInspection(
            name=layer.name,
            kind=layer.kind,
            shape=layer.shape,
            weight_type=str(weight),
            input_type=SPIKE,
            output_type=SPIKE if layer.fires else str(state),
            neurons=(layer.first, layer.first + layer.size - 1),
            synapses=layer.synapses,
            latency=layer.latency,
            rest=layer.rest,
            unit=layer.unit,
        )
        for layer in info.layers
    )
    return SpikingInspection(
        family="spiking",
        model=network.source or network.name,
        digest=network.digest,
        dt=network.dt,
        axons=network.axons,
        neurons=network.size,
        outputs=len(network.outputs),
        inputs=info.inputs,
        layers=layers,
        latency=info.latency,
        relays=info.relays,
        feedback=info.feedback,
        synapses=int(np.count_nonzero(network.weight)),
        plastic=int(np.count_nonzero(network.can_change)),
        weight_bits=network.weight.size * weight.bits,
        rounding=info.rounding,
        refused=(),
        assumptions=info.assumptions,
        saturation=info.saturation,
        fidelity=info.fidelity,
        graded=network.graded,
        told=network.told,
    )


def rounding_in_words(rounding: Rounding | None) -> str:
    """A line that says what was rounded."""
    if rounding is None:
        return "the model is made of integers: nothing was rounded"
    values = {"weights": rounding.weight, "time constants": rounding.time_constant, "thresholds": rounding.threshold,
              "resets": rounding.reset, "biases": rounding.bias}  # fmt: skip
    errors = [f"{what} {value:.2%}" for what, value in values.items() if value]
    lost = f"; {rounding.lost:,} weights became zero" if rounding.lost else ""
    return f"rounded, at most: {', '.join(errors)}{lost}" if errors else "no weight, time constant or bias was rounded"
