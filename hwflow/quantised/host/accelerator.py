"""A dataflow net on a board: integer vectors in, integer vectors out."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Self

import numpy as np

from hwflow.errors import UserError
from hwflow.host.errors import WrongBoard
from hwflow.host.identity import Identity, Kind, VectorShape, demand_build
from hwflow.host.link import Link
from hwflow.host.registers import Registers, read_registers
from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation
from hwflow.ints import IntArray, pack_vectors, unpack_vectors
from hwflow.progress import Progress as Telling
from hwflow.progress import silent
from hwflow.quantised.backend.loading import Loading
from hwflow.quantised.host.loading import load
from hwflow.quantised.network import Network

Progress = Callable[[int, int], None]


class Accelerator:
    """The net that a board was built for.

    Says HELLO at once and raises WrongBoard if the board holds another kind of net, another model (`digest`, the
    model's SHA-256 in hex), vectors of other sizes or types, or another build than `build` (`hwflow.shell.build_digest`;
    None: any build of the model). shapes: whether the digest is that of the shapes of nets, whose weights are loaded. All
    methods raise the errors of `hwflow.host.errors`.
    """

    def __init__(
        self,
        link: Link,
        *,
        digest: str,
        inputs: VectorShape,
        outputs: VectorShape,
        build: str | None = None,
        shapes: bool = False,
    ) -> None:
        self._link = link
        self._inputs = inputs
        self._outputs = outputs
        self.identity = link.hello()
        _demand(self.identity, link.name, digest, inputs, outputs, shapes)
        demand_build(self.identity, link.name, build)

    @classmethod
    def of(
        cls,
        link: Link,
        network: Network,
        build: str | None = None,
        loading: Loading | None = None,
        progress: Telling = silent,
    ) -> Self:
        """The accelerator of a network, behind a link; build: see the class; loading: what is written into the board first,
        unless it holds it."""
        inputs = VectorShape(network.input_size, network.input_type)
        outputs = VectorShape(network.output_size, loading.output if loading else network.output_type)
        shapes = loading.shapes if loading else None
        digest = shapes or network.digest
        board = cls(link, digest=digest, inputs=inputs, outputs=outputs, build=build, shapes=shapes is not None)
        if loading:
            load(link, loading.content, progress)
        return board

    def infer(self, vectors: IntArray, progress: Progress | None = None) -> IntArray:
        """Integers [n, inputs] to integers [n, outputs]. `progress` is told how many of the n are done, and n.

        Raises UserError if the vectors have another size or a value outside the input's type.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self._inputs.size:
            raise UserError(f"The net takes vectors of {self._inputs}, not an array of shape {vectors.shape}.")
        if not self._inputs.kind.holds(vectors):
            raise UserError(
                f"The vectors hold values outside {self._inputs.kind}, the net's input; quantise them first."
            )
        total = len(vectors)
        results = bytearray()
        sent = pack_vectors(vectors, self._inputs.kind).tobytes()
        with closing(self._link.run(stream_commands(sent, self._inputs.bytes, self._outputs.bytes))) as replies:
            for reply in replies:
                results += reply
                if progress is not None:
                    progress(len(results) // self._outputs.bytes, total)
        packed = np.frombuffer(bytes(results), dtype=np.uint8).reshape(total, self._outputs.bytes)
        return unpack_vectors(packed, self._outputs.size, self._outputs.kind)

    def registers(self) -> Registers:
        """The device's counters."""
        return read_registers(self._link)


def stream_commands(data: bytes, inputs: int, outputs: int) -> Iterator[Command]:
    """STREAM requests that send `data`, vectors of `inputs` bytes each, and fetch `outputs` bytes for each of them.

    A request asks for the results of every vector that is complete with its own payload, as far as they fit a reply;
    what does not fit is fetched before more is sent, so that results never pile up in the device and block its input.
    """
    sent = asked = 0
    while sent < len(data) or asked < sent // inputs * outputs:
        owed = sent // inputs * outputs - asked
        # So many more vectors may be completed that their results fit this reply, but one in any case.
        vectors = max((PAYLOAD_LIMIT - owed) // outputs, 0 if owed else 1)
        # Up to the end of that many vectors, and on into the next one, short of its last byte.
        room = (sent // inputs + vectors + 1) * inputs - 1 - sent
        payload = data[sent : sent + min(PAYLOAD_LIMIT, room if owed <= PAYLOAD_LIMIT else 0)]
        sent += len(payload)
        results = min(PAYLOAD_LIMIT, sent // inputs * outputs - asked)
        asked += results
        yield Command(Operation.STREAM, results, payload)


def _demand(
    identity: Identity, name: str, digest: str, inputs: VectorShape, outputs: VectorShape, shapes: bool
) -> None:
    what = "nets of the shapes" if shapes else "the model"
    if identity.kind != Kind.DATAFLOW:
        raise WrongBoard(f"The board on {name} holds a {identity.kind.name.lower()} net and not a dataflow net.")
    if not identity.matches(digest):
        raise WrongBoard(
            f"The board on {name} was built for {what} {identity.digest.hex()[:12]} and not for {digest[:12]}; "
            "program it with the bitstream of this model."
        )
    if (identity.vector_in, identity.vector_out) != (inputs, outputs):
        raise WrongBoard(
            f"The board on {name} takes vectors of {identity.vector_in} and gives {identity.vector_out}, the model "
            f"{inputs} and {outputs}; build it again with this version of hwflow."
        )
