"""Whether a spiking net fits a core, and the net as that core runs it."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntArray, IntType
from hwflow.spiking.blocks import Block, blocks_of, may_change
from hwflow.spiking.entries import entry_count, room_for, stored_weights
from hwflow.spiking.inputs import GRADED_MAX
from hwflow.spiking.learning import STATE_BITS, TRACE_BITS, WEIGHT_BITS
from hwflow.spiking.network import EXTRAS, Core, Neurons, SpikingNetwork, Start

_NAMES = {"synapse_mask": "synapse mask", "stochastic": "stochastic rounding", "modulation": "third factor",
          "graded": "graded input"}  # fmt: skip
LEARNING = ("learning", "synapse_mask", "normalisation", "stochastic", "modulation")


def misfits(network: SpikingNetwork, core: Core) -> tuple[str, ...]:
    """What of a net a core has no room for, each as a phrase: `300 neurons of 256`; none if it fits."""
    learning, neurons = network.learning, network.neurons
    held: list[tuple[str, NDArray[np.integer], IntType]] = []
    if core.weight_bits < WEIGHT_BITS[1]:
        held.append(("weight", network.weight, core.weight))
    held += [(name, getattr(neurons, name), core.state) for name in ("threshold", "bias", "reset")]
    if network.start:
        held += [(f"{name} at the start", getattr(network.start, name), core.state) for name in ("membrane", "current")]
    if network.learns:
        held += [(name, np.array(getattr(learning, name)), core.weight) for name in ("weight_min", "weight_max")]
        held += [(name, np.array(getattr(learning, name)), core.trace) for name in ("pre_step", "post_step")]
    if third := network.modulation:
        held += [(name, np.array(getattr(third, name)), core.trace) for name in ("least", "most")]
    held.append(("adaptation_step", np.array(learning.adaptation_step), core.adapted))
    over = [
        f"{have:,} {what} of {room:,}"
        for what, have, room in (("axons", network.axons, core.axons), ("neurons", network.size, core.neurons))
        if have > room
    ]
    over += [f"a {name} of {_farthest(values)} in {kind}" for name, values, kind in held if not kind.holds(values)]
    needs = [name for name in network.needs if name != "synapse_mask" or not core.blocks]
    over += [f"{_NAMES.get(name, name)}, which it is built without" for name in needs if name in core.missing]
    if core.blocks and not over:
        over += _outside(network, core)
    if core.entries and not over and (count := entry_count(network.weight, core.lanes, core.sources)) > core.entries:
        over.append(f"{count:,} entries of {core.entries:,}")
    padded = (network.axons, network.size) != (core.axons, core.neurons)
    if padded and network.learns and not core.synapse_mask and not learning.weight_min <= 0 <= learning.weight_max:
        over.append("weight bounds without zero, which would change the weights that fill it up")
    return tuple(over)


def pad(network: SpikingNetwork, core: Core) -> SpikingNetwork:
    """The net as a core of at least its size runs it: what is added does not learn and never fires, and has weight 0, or the
    level of a block, which is below it.

    Axon j stays axon j and neuron i neuron i. In a core without synapse_mask the plastic bits, which must be equal for
    all axons and for all neurons, go into plastic_axons and plastic_neurons. Raises UserError if the net does not fit.
    """
    if over := misfits(network, core):
        raise UserError(
            f"{network.name} does not fit the core: it needs {' and '.join(over)}; compile it for a core of its own."
        )
    rows = sources_of(network, core.axons)
    weight = core.constant.copy()
    weight[rows, : network.size] = network.weight
    plastic, learning = np.zeros(weight.shape, dtype=np.bool_), network.learning
    plastic[rows, : network.size] = network.plastic
    if not core.synapse_mask and core.blocks:
        plastic = core.may_change.copy()
    elif not core.synapse_mask:
        plastic[:] = True
        axons, neurons = (bool(part.any()) for part in np.split(network.can_change, [network.axons]))
        learning = dataclasses.replace(learning, plastic_axons=axons, plastic_neurons=neurons)
    more = core.neurons - network.size
    silent = Neurons.of(more, threshold=core.state.max) if more else None
    return dataclasses.replace(
        network,
        weight=weight,
        plastic=plastic,
        learning=learning,
        neurons=_joined(network.neurons, silent) if silent else network.neurons,
        start=_joined(network.start, Start.zero(more)) if network.start and more else network.start,
    )


def sources_of(network: SpikingNetwork, axons: int) -> IntArray:
    """[A + N], which sources of a core of so many axons those of a net are."""
    return np.asarray(np.r_[: network.axons, axons : axons + network.size], np.int64)


def not_stored(network: SpikingNetwork, core: Core) -> int:
    """Weights of a net that a core with blocks, or entries, does not store: they are known, and are not read."""
    if core.entries:
        return network.weight.size - stored_weights(network.weight, core.lanes)
    kept = core.kept[sources_of(network, core.axons), : network.size] if core.blocks else np.ones(1, np.bool_)
    return int(np.count_nonzero(~kept))


def blocks_for(network: SpikingNetwork, axons: int, neurons: int, lanes: int) -> tuple[tuple[Block, ...], bool]:
    """The blocks that a core of such a size needs for a net, none if these save nothing, and whether it needs a mask with them."""
    rows = sources_of(network, axons)
    shape = (axons + neurons, neurons)
    weight, plastic, own = np.zeros(shape, np.int8), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    weight[rows, : network.size], plastic[rows, : network.size] = network.weight, network.can_change
    own[rows, : network.size] = True
    blocks = blocks_of(weight, plastic, own, lanes)
    if not blocks or not plastic.any():
        return blocks, False
    changes = may_change(blocks, *plastic.shape)[rows, : network.size]
    return blocks, bool(np.any(changes != network.can_change))


def with_blocks(core: Core, blocks: tuple[Block, ...], mask: bool) -> Core | None:
    """A core like another, but with the synapses only of blocks, and with a mask only if one is needed; None if it cannot be."""
    if not blocks or (mask and not core.synapse_mask):
        return None
    return dataclasses.replace(core, blocks=blocks, synapse_mask=mask)


def learns_in(network: SpikingNetwork) -> tuple[str, ...]:
    """What of learning a net needs of a core, each by its name; none if it has fixed weights."""
    return tuple(_NAMES.get(name, name) for name in network.needs if name in LEARNING)


def with_entries(core: Core, count: int) -> Core:
    """A core like another, but with rows of entries, of which a net has so many, and without learning. There is room for some more."""
    without: dict[str, Any] = dict.fromkeys(LEARNING, False)
    room = room_for(count, core.sources, core.neurons, core.lanes)
    return dataclasses.replace(core, **without, blocks=(), entries=room)


def _outside(network: SpikingNetwork, core: Core) -> Iterator[str]:
    """Synapses that a core with blocks has not, or in which it cannot tell what may change."""
    rows = sources_of(network, core.axons)
    kept, constant, changes = (part[rows, : network.size] for part in (core.kept, core.constant, core.may_change))
    others = ~kept & (network.weight != constant)
    if lacking := np.count_nonzero(others & (constant == 0)):
        yield f"{lacking:,} synapses outside the blocks that it has"
    if unlike := np.count_nonzero(others & (constant != 0)):
        yield f"{unlike:,} weights that are not the one of their block"
    learning, changing = network.learning, network.can_change
    allowed = np.repeat([learning.plastic_axons, learning.plastic_neurons], [network.axons, network.size])
    changes = changes & allowed[:, None]
    if changing.any() and (np.any(changing & ~changes) or (not core.synapse_mask and np.any(changing != changes))):
        yield "other plastic synapses than its blocks have"


def core_for(network: SpikingNetwork, lanes: int = 1, state_bits: int = 16, trace_bits: int = 8) -> Core:
    """The smallest core with every feature, of EXTRAS those that it needs, that has room for a net, at least as wide as given.

    Raises ValueError if `lanes` is no power of two, or a width is not legal.
    """
    axons, neurons = (max(1, -(-size // max(lanes, 1))) * lanes for size in (network.axons, network.size))
    extras: dict[str, Any] = {name: name in network.needs for name in EXTRAS}
    core = Core(axons, neurons, lanes, WEIGHT_BITS[1], state_bits, trace_bits, **extras)

    def narrowest(widths: Iterable[Core]) -> Core:
        return next(wider for wider in widths if not misfits(network, wider))

    trace_open = dataclasses.replace(core, trace_bits=TRACE_BITS[1])
    state = narrowest(dataclasses.replace(trace_open, state_bits=n) for n in range(state_bits, STATE_BITS[1] + 1))
    return narrowest(dataclasses.replace(state, trace_bits=n) for n in range(trace_bits, TRACE_BITS[1] + 1))


def saturating_traces(network: SpikingNetwork, trace_bits: int = 8) -> tuple[str, ...]:
    """A sentence for each kind of trace that spikes close to each other drive beyond its width, all pairs being counted.

    The trace of a source is raised by `pre_step` with each spike, that of a neuron by `post_step`; the nearest pair, and
    the window of the rectangular rule, set it instead and cannot.
    """
    learning, core = network.learning, IntType(trace_bits, signed=False)
    if not network.learns or learning.nearest or learning.rectangular or network.modulation:
        return ()  # the traces of a third factor count the spikes of a presentation, and end with it
    used = network.can_change
    apart = {"pre": 1, "post": 1 + int(network.neurons.refractory[used.any(axis=0)].min())}
    if not used[: network.axons].any():
        apart["pre"] = 1 + int(network.neurons.refractory[used[network.axons :].any(axis=1)].min())
    gains = {"pre": learning.potentiation, "post": learning.depression}
    worth = {"pre": GRADED_MAX if network.graded and used[: network.axons].any() else 1, "post": 1}
    told = []
    for side, ticks in apart.items():
        step, decay = worth[side] * getattr(learning, f"{side}_step"), getattr(learning, f"{side}_decay")
        if not step or not gains[side]:
            continue
        held, trace = 0, 0
        while held <= core.max and (trace := (trace * (65536 - decay) ** ticks >> 16 * ticks) + step) <= core.max:
            held += 1
        if trace > core.max:
            told.append(
                f"The {side} trace of {network.name} saturates: of spikes as close as can be, its {trace_bits} bits hold "
                f"{held:,}, of {step} each, and count more as less; take a smaller {side}_step, more trace bits "
                f"(--trace-bits), or nearest=True if only the nearest pair is meant."
            )
    return tuple(told)


def _joined(first: Any, second: Any) -> Any:
    """Two dataclasses of arrays, each array joined to its fellow."""
    names = [part.name for part in dataclasses.fields(first)]
    return type(first)(**{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names})


def _farthest(values: NDArray[np.integer]) -> int:
    """The element farthest from zero."""
    return max(int(values.min()), int(values.max()), key=abs)
