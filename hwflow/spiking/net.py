"""Spiking nets made in Python, in physical units, as a user of Brian2 or PyNN writes them.

    net = hwflow.SpikingNet(dt="1 ms")
    noise = net.poisson(40, rate="40 Hz")
    pop = net.neurons(100, tau="20 ms", threshold=1.0)
    net.connect(noise, pop, weight=0.4, probability=0.1, stdp=hwflow.STDP(tau="20 ms", rate=0.01))
    print(net)                                 # the units, and what each becomes in integers
    heard = net.run("1 s", learn=True)         # by the golden model; heard.plot(pop)
    project = net.model().compile("sim", out="build/pop")

A tick is `dt`. A neuron is a leaky integrator: V += (1 - exp(-dt / tau)) (rest - V) + the weights of the sources that have
a spike; above `threshold` it fires, and V goes to `reset`. Spikes of inputs arrive in their tick, those of neurons in the
next one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwflow.arguments import checked
from hwflow.errors import UserError
from hwflow.spiking.frontend.float_net import Dynamics, FloatArray, FloatNet, Layer, Route
from hwflow.spiking.integers import Made, integers_of
from hwflow.spiking.model import SpikingModel, checked_bits
from hwflow.spiking.recording import Recording, record
from hwflow.spiking.units import hertz, seconds, ticks

Weights = float | int | ArrayLike


@dataclass(frozen=True)
class Group:
    """Sources or neurons of a net: `size` of them. rate: spikes a second of each, None for those that the user gives."""

    name: str
    size: int
    neurons: bool
    rate: float | None = None


@dataclass(frozen=True)
class STDP:
    """The rule by which synapses learn, exponential, all pairs: a source's spike t before the neuron's changes the weight
    by rate * most * exp(-t / tau), one t after it by -ratio times that.

    tau: a time, the same for both; rate: share of `most`, above 0 to 1; most: the greatest weight, None for twice the
    greatest at first; the least is 0; stochastic: changes smaller than a weight's unit in the core happen in full now and
    then, by draws of the net's seed, so that rates far below it come out right in the mean; else each is rounded.
    """

    tau: str | float = "20 ms"
    rate: float = 0.01
    ratio: float = 1.05
    most: float | None = None
    stochastic: bool = False

    def __post_init__(self) -> None:
        seconds("tau of STDP", self.tau)
        if not 0 < self.rate <= 1 or not self.ratio >= 0:
            raise UserError(f"STDP has rate {self.rate!r} and ratio {self.ratio!r}; give a rate above 0 to 1 and a ratio "
                            "of 0 or more.")  # fmt: skip


@dataclass
class SpikingNet:
    """A net that is being made. Its methods raise UserError for what no core can be.

    dt: of a tick; seed: decides which synapses there are, the spikes of Poisson sources, and draws of STDP; state_bits: of membrane and
    current, 8 to 24, None for 16.
    """

    name: str = "net"
    dt: str | float = "1 ms"
    seed: int = 0
    state_bits: int | None = None
    _groups: list[Group] = field(default_factory=list, repr=False)
    _layers: list[Layer] = field(default_factory=list, repr=False)
    _refractory: list[int] = field(default_factory=list, repr=False)
    _routes: dict[tuple[str, str], tuple[FloatArray, NDArray[np.bool_]]] = field(default_factory=dict, repr=False)
    _stdp: STDP | None = field(default=None, repr=False)
    _most: float = field(default=0.0, repr=False)

    def __post_init__(self) -> None:
        self._dt = seconds("dt", self.dt)
        checked_bits(self.state_bits)

    @checked
    def poisson(self, count: int, rate: str | float) -> Group:
        """`count` sources that fire at random, each with this rate, at most once a tick. Raises UserError for a rate of
        more than one spike a tick."""
        hz = hertz("rate", rate)
        if hz * self._dt > 1:
            raise UserError(f"rate {rate!r} is {hz * self._dt:g} spikes a tick of {self._dt:g} s; give at most one.")
        return self._add(Group(f"poisson{len(self._groups)}", _positive(count), neurons=False, rate=hz))

    @checked
    def inputs(self, count: int) -> Group:
        """`count` sources whose spikes are given to `run`. Raises UserError for a count below 1."""
        return self._add(Group(f"inputs{len(self._groups)}", _positive(count), neurons=False))

    @checked
    def neurons(
        self,
        count: int,
        *,
        tau: str | float = "20 ms",
        threshold: float = 1.0,
        rest: float = 0.0,
        reset: float | None = None,
        subtract: bool = False,
        refractory: str | float | None = None,
        synapse_tau: str | float | None = None,
    ) -> Group:
        """`count` equal neurons.

        tau: of the membrane, infinite for no leak; threshold, rest, reset: potentials, in the units of the weights;
        reset: None for `rest`; subtract: a spike takes the threshold off instead; refractory: a whole number of ticks;
        synapse_tau: of the current that a weight makes, None for one that lasts a tick. Raises UserError for a time that
        is none, and for a threshold not above `rest`.
        """
        if not threshold > rest:
            raise UserError(f"threshold {threshold:g} is not above rest {rest:g}, so the neurons would fire for ever.")
        size = _positive(count)
        leak = 1 - math.exp(-self._dt / seconds("tau", tau))
        decay = 1.0 if synapse_tau is None else 1 - math.exp(-self._dt / seconds("synapse_tau", synapse_tau))
        dynamics = Dynamics(
            leak=np.full(size, leak),
            decay=np.full(size, decay),
            gain=np.ones(size),
            steady_gain=np.zeros(size),
            rest=np.full(size, float(rest)),
            threshold=np.full(size, float(threshold - rest)),
            reset=np.full(size, float((rest if reset is None else reset) - rest)),
            subtracts=subtract,
        )
        group = self._add(Group(f"neurons{len(self._groups)}", size, neurons=True))
        self._layers.append(Layer(group.name, "LIF", (size,), dynamics, np.zeros(size)))
        held = 0 if refractory is None else ticks("refractory", refractory, self._dt)
        self._refractory.append(held)
        return group

    def connect(
        self, source: Group, target: Group, weight: Weights, *, probability: float = 1.0, stdp: STDP | None = None
    ) -> None:
        """Synapses from `source` to `target`: weight [source, target] or one number, each with a probability.

        stdp: how they learn, one rule for the whole net. Raises UserError if `target` are no neurons, for a shape that
        does not fit, for groups of another net or connected before, and for a second rule.
        """
        self._check(source, target)
        if not 0 < probability <= 1:
            raise UserError(f"probability is {probability!r}; give a share above 0, at most 1.")
        shape = (source.size, target.size)
        try:
            values = np.broadcast_to(np.asarray(weight, dtype=np.float64), shape)
        except (TypeError, ValueError):
            raise UserError(f"weight does not fit {shape[0]} sources and {shape[1]} targets; give one number or an array of "
                            f"shape {shape}.") from None  # fmt: skip
        if not np.isfinite(values).all():
            raise UserError("weight holds NaN or an infinity; give finite numbers.")
        draw = np.random.default_rng([self.seed, len(self._routes)])
        present = draw.random(shape) < probability
        self._routes[source.name, target.name] = (values * present, present & (stdp is not None))
        if stdp is not None:
            self._learn(stdp, float(values.max()))

    def model(self) -> SpikingModel:
        """The net in integers, as `hwflow.load` gives one. Raises UserError for what cannot be represented."""
        return SpikingModel(self._made().model)

    def run(
        self, duration: str | float, inputs: dict[Group, ArrayLike] | None = None, *, learn: bool = False
    ) -> Recording:
        """What the net does, by the golden model, which the hardware equals bit for bit; every spike and membrane is kept.

        duration: a time; inputs: spikes 0/1 [ticks, size] of the sources that are not Poisson; learn: whether the plastic
        synapses do. Raises UserError for inputs that are missing or do not fit.
        """
        made = self._made()
        return record(made.model, self._groups, self.stimuli(duration, inputs), self._dt, learn=learn)

    def stimuli(self, duration: str | float, inputs: dict[Group, ArrayLike] | None = None) -> NDArray[np.bool_]:
        """The spikes of all sources [ticks, axons], as `simulate` and `run` of a project take them; Raises as `run`."""
        count, given = ticks("duration", duration, self._dt), inputs or {}
        draw = np.random.default_rng([self.seed, 1 << 20])
        parts = []
        for group in self._sources:
            if group.rate is not None:
                parts.append(draw.random((count, group.size)) < group.rate * self._dt)
                continue
            spikes = np.asarray(given.get(group, 0))
            if group not in given or spikes.shape != (count, group.size) or not np.isin(spikes, (0, 1)).all():
                raise UserError(f"The spikes of {group.name} are not 0 and 1 of shape {(count, group.size)}; give them in "
                                "`inputs`.")  # fmt: skip
            parts.append(spikes.astype(np.bool_))
        return np.concatenate([*parts, np.zeros((count, 0), np.bool_)], axis=1)

    def __str__(self) -> str:
        return "\n".join(self._made().words)

    @property
    def _sources(self) -> Sequence[Group]:
        return [group for group in self._groups if not group.neurons]

    def _add(self, group: Group) -> Group:
        self._groups.append(group)
        return group

    def _check(self, source: Group, target: Group) -> None:
        for group in (source, target):
            if group not in self._groups:
                raise UserError(f"{group!r:.60} is no group of this net; connect what its own methods gave.")
        if not target.neurons:
            raise UserError(f"{target.name} are sources; connect to neurons.")
        if (source.name, target.name) in self._routes:
            raise UserError(f"{source.name} and {target.name} are connected already; give all weights at once.")

    def _learn(self, stdp: STDP, greatest: float) -> None:
        most = 2 * greatest if stdp.most is None else stdp.most
        if self._stdp is not None and (stdp, most) != (self._stdp, self._most):
            raise UserError(
                "A core has one rule of learning; give all plastic connections the same STDP, with its `most`."
            )
        if not most > 0 or greatest > most:
            raise UserError(f"The greatest weight of plastic synapses, {most:g}, is not above 0 and what they begin with, "
                            f"{greatest:g}; give STDP its `most`.")  # fmt: skip
        self._stdp, self._most = stdp, most

    def _made(self) -> Made:
        if not self._layers:
            raise UserError(f"The net {self.name!r} has no neurons; add some with neurons().")
        sources = {group.name: group for group in self._groups}
        routes = tuple(
            Route(source, target, int(sources[source].neurons), weight)
            for (source, target), (weight, _) in self._routes.items()
        )
        inputs = tuple((group.name, group.size) for group in self._sources)
        outputs = tuple((layer.name, np.arange(layer.size)) for layer in self._layers)
        floats = FloatNet(inputs, tuple(self._layers), routes, outputs)
        plastic = {pair: mask for pair, (_, mask) in self._routes.items()}
        refractory = np.repeat(self._refractory, [layer.size for layer in self._layers])
        return integers_of(
            self.name,
            floats,
            self._dt,
            checked_bits(self.state_bits),
            refractory,
            plastic,
            self._stdp,
            self._most,
            self.seed % (1 << 32),
        )


def _positive(count: int) -> int:
    if count < 1:
        raise UserError(f"A group of {count} cannot be made; give 1 or more.")
    return count
