"""The folding that is chosen by the model of cost against the best of all foldings, whose units are synthesised.

python benchmarks/exhaustive.py [--nets few,one,two,square] [--families ecp5,ice40] [--rooms 0.1,0.25,0.5,0.75]

Every unit that a folding of the net can have is synthesised alone (cached, in parallel), and every folding is added up of them; what
lies between units, and the shell, is modelled in both. A room is a share of the way from the least look-up tables that any folding
takes to those of the cheapest of fewest cycles. Within each room the folding that the model chooses, and the one that is chosen when
the units of each choice are synthesised, as `compile --measure` does, are compared with the fastest one that fits by synthesis:
cycles between two vectors, and by how much the chosen one is above the room, if it is.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, product

import numpy as np
from hardwired_cost import threshold

from hwflow.board import Family
from hwflow.ints import IntType
from hwflow.quantised.backend.choose import UNLIMITED, Choice, Space
from hwflow.quantised.backend.estimate import Measured, MeasuredAs, estimate, measured_as, unit_cost
from hwflow.quantised.backend.folding import Folding
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import INPUT, Dense, Network, Node
from hwflow.quantised.tool.unit_cost import unit_costs
from hwflow.resources import Resources


@dataclass(frozen=True)
class Net:
    """Sizes from the input to the output, bits of the weights and of the inputs; activations have two bits.

    With ternary weights as few as here are cheapest unrolled, so that there is nothing to choose; these have wider ones.
    """

    sizes: tuple[int, ...]
    weight_bits: int
    input_bits: int


NETS = {"few": Net((3, 5), 6, 8), "one": Net((4, 4), 4, 8), "two": Net((6, 4, 2), 6, 8), "square": Net((8, 6, 4), 4, 4)}
_STEPS = 3
_ROUNDS = 8  # of choosing and measuring, as of `compile --measure`
_LIKE_IT = 1.05  # cycles of the chosen one, for one of the best, up to which it is as good


@dataclass(frozen=True)
class Chosen:
    """A choice, if there was one, and its look-up tables by synthesis."""

    choice: Choice | None
    luts: int

    def __str__(self) -> str:
        return "nothing" if self.choice is None else f"{self.choice.interval} cycles, {self.luts:,} by synthesis"


@dataclass(frozen=True)
class Found:
    """What was compared within a room of so many look-up tables: what the model chose, what measuring did, and the best."""

    luts: int
    modelled: Chosen
    measured: Chosen
    best: Choice

    def slower(self, chosen: Chosen) -> float | None:
        """Cycles of a choice for each of the best; None if nothing was chosen or it does not fit."""
        if chosen.choice is None or chosen.luts > self.luts:
            return None
        return chosen.choice.interval / self.best.interval


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", default=",".join(NETS))
    parser.add_argument("--families", default="ecp5,ice40")
    parser.add_argument("--rooms", default="0.1,0.25,0.5,0.75")
    given = parser.parse_args()
    rooms = [float(share) for share in given.rooms.split(",")]
    for name in given.nets.split(","):
        network = random_net(NETS[name])
        for family in given.families.split(","):
            compare(network, family, rooms, f"{name} {family}")


def random_net(net: Net) -> Network:
    """A chain of random layers, with an activation behind each but the last."""
    rng = np.random.default_rng(list(net.sizes))
    greatest = (1 << (net.weight_bits - 1)) - 1
    sizes, weight_type = net.sizes, IntType(net.weight_bits, True)
    nodes: list[Node] = []
    network, before, x = None, INPUT, IntType(net.input_bits, False)
    for at, (columns, rows) in enumerate(pairwise(sizes)):
        weight = rng.integers(-greatest, greatest + 1, (rows, columns))
        nodes.append(Node(f"dense{at}", Dense(weight, weight_type), (before,)))
        network = Network("net", sizes[0], x, tuple(nodes))
        if at + 2 < len(sizes):
            low, high = network.ranges[f"dense{at}"]
            nodes.append(Node(f"threshold{at}", threshold(rng, _STEPS, low, high), (f"dense{at}",)))
        before = nodes[-1].name
    assert network is not None
    return network


def compare(network: Network, family: Family, rooms: Sequence[float], name: str) -> None:
    """Print what was found within each room."""
    space = Space(network, family)
    units = [option.unit for layer in space.layers for option in layer]
    costs = unit_costs(units, family, partial(print, f"  {name}:", end="\r", flush=True))
    measured = {measured_as(unit): cost for unit, cost in zip(units, costs, strict=True)}
    for unit, cost in zip(units, costs, strict=True):
        print(f"  {unit.name} {unit.fold.pe} × {unit.fold.simd}{' hardwired' * (unit.fold.levels is not None)}: "
              f"{unit_cost(unit, family).luts:,} look-up tables by the model, {cost.luts:,} by synthesis")  # fmt: skip
    every = all_foldings(space, measured)
    least = min(choice.need.luts for choice in every)
    fastest = min(choice.interval for choice in every)
    most = min(choice.need.luts for choice in every if choice.interval == fastest)
    found = [within_room(space, every, int(least + share * (most - least)), measured) for share in rooms]
    print(
        f"{name}: {len(every)} foldings of {len(units)} units, of {least:,} look-up tables and more; {fastest} cycles from {most:,} on"
    )
    for one in found:
        print(f"  room of {one.luts:,}: by the model {one.modelled}; by measuring {one.measured}; "
              f"best {one.best.interval} cycles, {one.best.need.luts:,}", flush=True)  # fmt: skip
    for way, ratios in (
        ("the model", [one.slower(one.modelled) for one in found]),
        ("measuring", [one.slower(one.measured) for one in found]),
    ):
        there = [ratio for ratio in ratios if ratio is not None]
        print(f"  by {way} as fast as the best, or up to 5 % slower: {sum(ratio <= _LIKE_IT for ratio in there)} of "
              f"{len(found)}; not within the room by synthesis: {len(found) - len(there)}")  # fmt: skip


def all_foldings(space: Space, measured: Measured) -> list[Choice]:
    """Every folding there is, with what it takes by the units' synthesis."""
    choices = []
    for options in product(*space.layers):
        folding = Folding({option.unit.name: option.fold for option in options})
        units = units_of(space.network, folding)
        choices.append(Choice(folding, max(unit.cycles for unit in units), estimate(units, space.family, measured)))
    return choices


def within_room(space: Space, every: Sequence[Choice], luts: int, measured: Measured) -> Found:
    """The chosen foldings, and of all that fit by synthesis the one of fewest cycles, then of fewest tables."""
    budget = replace(Resources(*(UNLIMITED,) * 4), luts=luts)
    best = min((c for c in every if c.need.luts <= luts), key=lambda c: (c.interval, c.need.luts))

    def taken(choice: Choice | None) -> Chosen:
        need = estimate(units_of(space.network, choice.folding), space.family, measured) if choice else None
        return Chosen(choice, need.luts if need else 0)

    return Found(luts, taken(space.fastest(budget)), taken(_by_measuring(space, budget, measured)), best)


def _by_measuring(space: Space, budget: Resources, measured: Measured) -> Choice | None:
    """What is chosen once all its units are measured, and those of what was chosen before."""
    known: dict[MeasuredAs, Resources] = {}
    for _ in range(_ROUNDS):
        choice = Space(space.network, space.family, known).fastest(budget)
        new = {measured_as(unit) for unit in units_of(space.network, choice.folding)} - set(known) if choice else set()
        if not new:
            break
        known |= {unit: measured[unit] for unit in new}
    return choice


if __name__ == "__main__":
    main()
