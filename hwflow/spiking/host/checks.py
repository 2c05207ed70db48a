"""What a host refuses before a core hears of it: a board with another core, and a state that does not fit."""

from dataclasses import fields

import numpy as np

from hwflow.errors import UserError
from hwflow.host.errors import WrongBoard
from hwflow.host.identity import Identity, Kind
from hwflow.spiking.entries import entry_count
from hwflow.spiking.network import Core
from hwflow.spiking.reference import State


def check_state(core: Core, state: State) -> None:
    """Refuse what the device would cut to its low bits."""
    kinds = {"membrane": core.state, "current": core.state, "adaptation": core.adapted, "y": core.trace,
             "x": core.trace, "weight": core.weight, "factor": core.state}  # fmt: skip
    for part in fields(state):
        kind, values = kinds.get(part.name), getattr(state, part.name)
        if kind and not kind.holds(values):
            raise UserError(f"The {part.name} to be written is not within {kind}, which the core has for it.")
    if core.entries and (count := entry_count(state.weight, core.lanes)) > core.entries:
        raise UserError(
            f"Weights to be written need {count:,} entries of {core.entries:,} in the core; compile the net for a core of its own."
        )
    if np.any((state.weight != core.constant)[~core.kept]):
        raise UserError("Weights to be written are not those that the core does not store; write those of its net.")


def demand_core(identity: Identity, name: str, core: Core) -> None:
    """Raises WrongBoard if a board does not hold this core."""
    if identity.kind != Kind.SPIKING:
        raise WrongBoard(f"The board on {name} holds a {identity.kind.name.lower()} net and not a spiking net.")
    if (identity.inputs, identity.outputs) != (core.axons, core.neurons):
        raise WrongBoard(
            f"The board on {name} has a core of {identity.inputs} axons and {identity.outputs} neurons, and the "
            f"project's has {core.axons} and {core.neurons}; program it with the project's bitstream."
        )
    if not identity.matches(core.digest):
        raise WrongBoard(
            f"The board on {name} has a core of other widths or features ({identity.digest.hex()[:12]}) than the "
            f"project's ({core.digest[:12]}); program it with the project's bitstream."
        )
