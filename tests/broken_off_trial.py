"""Nets that a host breaks off: a part of a vector's bytes, or of a tick's, then HELLO, then whole ones, which must be right.

What is sent goes in requests of random length, and the host leaves while several of them are under way.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from quantised.networks import mixed_folding, random_network, random_vectors
from spiking.nets import random_network as random_spiking_network
from spiking.nets import random_spikes

from hwflow.board import find_board
from hwflow.host.link import Link, open_link
from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation
from hwflow.ints import pack_vectors
from hwflow.progress import silent
from hwflow.project import Project, put
from hwflow.quantised import reference
from hwflow.quantised.backend.dataflow import Options, compile_network
from hwflow.quantised.host.accelerator import Accelerator
from hwflow.quantised.network import Network
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.host.ticks import encode_ticks
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import State
from hwflow.tool.simulated import simulated_board

SIM = find_board("sim")


def quantised(seed: int = 5) -> tuple[Network, Project]:
    """A random net, folded and hardwired; that of seed 5 has four layers."""
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    return network, compile_network(network, SIM, Options(mixed_folding(rng, network, 0.5)))


def spiking(seed: int = 4) -> tuple[SpikingNetwork, Project]:
    """A random net of 16 axons and 8 neurons that learns, and its core."""
    network = random_spiking_network(np.random.default_rng(seed), Core(16, 8, 2), extreme=False)
    return network, compile_spiking(network, SIM, SpikingOptions())


FAMILIES: dict[str, Callable[[], tuple[Network | SpikingNetwork, Project]]] = {
    "a quantised net in mid-vector": quantised,
    "a spiking core in mid-tick": spiking,
}


def outcomes(
    network: Network | SpikingNetwork, project: Project, folder: Path, seed: int = 1
) -> Generator[bool, None, None]:
    """Break the net on its simulated board off again and again, without end: whether all was right after each time."""
    saved, _ = put(project, folder / "project")
    rng = np.random.default_rng(seed)
    simulated = simulated_board(saved, SIM.clock_hz, SIM.baud, silent)
    with simulated as board, open_link(board.port, baud=SIM.baud, deadline=60) as link:
        if isinstance(network, Network):
            yield from _vectors_after_breaks(link, network, rng)
        else:
            yield from _ticks_after_breaks(link, Compiled.of(saved).design.core, network, rng)


def _vectors_after_breaks(link: Link, network: Network, rng: np.random.Generator) -> Iterator[bool]:
    """Whether the vectors after each break were right."""
    board = Accelerator.of(link, network)
    inputs, outputs = board.identity.inputs, board.identity.outputs
    while True:
        data = pack_vectors(random_vectors(rng, network, 2), network.input_type).tobytes()
        data = data[: rng.integers(1, 2 * inputs)]
        commands = [Command(Operation.STREAM, 0, piece) for piece in _pieces(data, rng)]
        if len(data) >= inputs:  # of the first vector's results all may be fetched, or a part, or none
            fetched = int(rng.integers(0, min(outputs, PAYLOAD_LIMIT) + 1))
            commands.append(Command(Operation.STREAM, fetched))
        _break_off(link, commands, rng)
        x = random_vectors(rng, network, int(rng.integers(1, 4)))
        yield np.array_equal(board.infer(x), reference.run(network, x))


def _ticks_after_breaks(link: Link, core: Core, network: SpikingNetwork, rng: np.random.Generator) -> Iterator[bool]:
    """Whether the ticks after each break were right, and the whole state before them."""
    board, model = SpikingBoard(link, core), GoldenModel(core)
    board.load(network)
    model.load(network)
    learn = False
    while True:
        link.hello()  # position 0
        spikes = random_spikes(rng, int(rng.integers(1, 5)), network.axons)
        stream = encode_ticks(spikes, core.axons)
        pieces = _pieces(stream.data[: rng.integers(1, len(stream.data) + 1)], rng)
        starts = np.cumsum([0, *map(len, pieces)]).tolist()
        commands = [Command(Operation.STREAM, start, piece) for start, piece in zip(starts, pieces, strict=False)]
        sent = _break_off(link, commands, rng)
        model.run(spikes[: stream.ticks_at(sent)], learn=learn)
        same = _equal(board.state(), model.state())
        stimuli, learn = random_spikes(rng, 3, network.axons), bool(rng.integers(2))
        yield bool(np.array_equal(*[target.run(stimuli, learn=learn) for target in (board, model)])) and same


def _pieces(data: bytes, rng: np.random.Generator) -> list[bytes]:
    """The bytes as payloads of random length."""
    pieces = []
    while data:
        length = int(rng.integers(1, min(len(data), PAYLOAD_LIMIT) + 1))
        pieces.append(data[:length])
        data = data[length:]
    return pieces


def _break_off(link: Link, commands: Sequence[Command], rng: np.random.Generator) -> int:
    """Await some of the replies, leave, and say HELLO. The payload bytes that were sent."""
    before = link.counters.requests
    replies = link.run(commands)
    for _ in range(rng.integers(1, len(commands) + 1)):
        next(replies)
    replies.close()
    sent = link.counters.requests - before
    link.hello()
    return sum(len(command.payload) for command in commands[:sent])


def _equal(one: State, other: State) -> bool:
    return all(np.array_equal(getattr(one, part.name), getattr(other, part.name)) for part in fields(State))
