"""The READs by which the weights come out of a core (docs/neuron.md), and what their replies say."""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation
from hwflow.spiking.entries import from_core, matrix_of
from hwflow.spiking.map import entry_weight_address, first_address, target_address, weight_address
from hwflow.spiking.network import Core
from hwflow.spiking.writes import pieces


def weight_reads(core: Core) -> list[Command]:
    """Of the weights that are stored; of entries their tables before them."""
    if core.entries:
        return [command for address, count in _tables(core) for command in _reads(address, count)]
    return [
        Command(Operation.READ, weight_address(*divmod(begin, core.neurons)), bytes([end - begin]))
        for begin, end in pieces(core)
    ]


def weights_from(core: Core, replies: Iterable[bytes]) -> NDArray[np.int8]:
    """[A + N, N], what the replies to `weight_reads` say; weights that are not stored are known. Raises ValueError, whose text ends a
    sentence, of tables that no net has."""
    if core.entries:
        left = iter(replies)
        first, words, weight = (
            np.frombuffer(b"".join(islice(left, -(-count // PAYLOAD_LIMIT))), kind)
            for (_, count), kind in zip(_tables(core), ("<i4", "<i4", "i1"), strict=True)
        )
        entries = from_core(first.astype(np.int64), words.astype(np.int64), weight.reshape(-1, core.lanes))
        return matrix_of(entries, core.neurons)
    found = core.constant.reshape(-1).copy()
    for (begin, end), reply in zip(pieces(core), replies, strict=True):
        found[begin:end] = np.frombuffer(reply, np.int8)
    return found.reshape(core.sources, -1)


def _tables(core: Core) -> tuple[tuple[int, int], ...]:
    """Addresses and bytes of first entries, targets and weights."""
    return (
        (first_address(0), 4 * core.sources),
        (target_address(0), 4 * core.entries),
        (entry_weight_address(0), core.entries * core.lanes),
    )


def _reads(address: int, count: int) -> Iterator[Command]:
    for at in range(0, count, PAYLOAD_LIMIT):
        yield Command(Operation.READ, address + at, bytes([min(PAYLOAD_LIMIT, count - at)]))
