"""A net behind AXI as an object: floats or integers in and out, by transfers of many vectors (docs/how-to/zynq.md)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwflow.host.overlay import Counts, OverlayCore
from hwflow.ints import IntArray, IntType, pack_vectors, unpack_vectors, vector_bytes
from hwflow.quantised.elementwise import Step, apply

BATCH = 1024  # vectors of a transfer, at most
_DIGEST, _BUILD = slice(8, 24), slice(36, 52)  # of the identity
_WRAP = 1 << 32


class DriverError(RuntimeError):
    """The overlay is another, the vectors do not fit, or a transfer went wrong; one sentence."""


class _End:
    """Vectors at an end of the core: parts by name, each with float steps, of one integer type, in beats of a stream."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.size, self.kind = int(document["size"]), IntType(document["bits"], document["signed"])
        self.lanes = document["stream"] // 8
        self.bytes = -(-vector_bytes(self.size, self.kind) // self.lanes) * self.lanes
        self.ports = [_Port(port) for port in document["ports"]]

    def pack(self, vectors: IntArray) -> NDArray[np.uint8]:
        packed = pack_vectors(vectors, self.kind)
        return np.pad(packed, ((0, 0), (0, self.bytes - packed.shape[1])))

    def unpack(self, beats: NDArray[np.uint8]) -> IntArray:
        return unpack_vectors(
            np.ascontiguousarray(beats[:, : vector_bytes(self.size, self.kind)]), self.size, self.kind
        )


class _Port:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.name, self.shape, self.size = document["name"], tuple(document["shape"]), int(document["size"])
        self.kind = IntType(document["bits"], document["signed"])
        self.steps = [
            Step(step["kind"], tuple(np.asarray(values, np.float32) for values in step["operands"]))
            for step in document["steps"]
        ]


class Board:
    """The core in an overlay, whose cells are called `core` and `dma`; made by `open`.

    overlay, allocate: as of pynq; net: what `net.json` holds. Raises DriverError if the overlay holds another build.
    """

    def __init__(self, overlay: Any, allocate: Any, net: Mapping[str, Any], batch: int = BATCH) -> None:
        self._core = OverlayCore(overlay)
        self._s, self._m = _End(net["input"]), _End(net["output"])
        self._classes, self.name, self.batch = net["classes"], net["name"], batch
        told = self._core.identity()
        if told[:4] != b"HWF1":
            raise DriverError(
                "The overlay's core is none of hwflow's; load the bitstream that was built from the project."
            )
        for what, where in (("digest", _DIGEST), ("build", _BUILD)):
            if told[where].hex() != net[what]:
                raise DriverError(f"The overlay holds another {'net' if what == 'digest' else 'build'} ({told[where].hex()[:12]}) than "
                                  f"{self.name} ({net[what][:12]}); load the bitstream that was built from the project.")  # fmt: skip
        self._into = allocate(shape=(batch, self._s.bytes), dtype=np.uint8)
        self._back = allocate(shape=(batch, self._m.bytes), dtype=np.uint8)

    def execute(self, vectors: ArrayLike) -> IntArray:
        """Integers [n, inputs] to integers [n, outputs], as the core has them; many are sent in several transfers.

        Raises DriverError if they do not fit, or some did not arrive whole.
        """
        x = np.asarray(vectors)
        if x.ndim != 2 or x.shape[1] != self._s.size or x.dtype.kind not in "iu":
            raise DriverError(f"{self.name} takes integers [n, {self._s.size}], not {x.dtype} of shape {x.shape}.")
        if not self._s.kind.holds(x):
            raise DriverError(f"The vectors hold values outside {self._s.kind}, the input of {self.name}.")
        before = self.counts()
        parts = [self._transfer(x[at : at + self.batch]) for at in range(0, len(x), self.batch)]
        after = self.counts()
        if (after.vectors - before.vectors) % _WRAP != len(x) or after.short != before.short:
            raise DriverError(f"Not all of the {len(x):,} vectors came whole to {self.name}, so their results mean nothing; reset() "
                              "and send them again.")  # fmt: skip
        return np.concatenate(parts) if parts else np.zeros((0, self._m.size), np.int64)

    def _transfer(self, x: IntArray) -> IntArray:
        self._into[: len(x)] = self._s.pack(x)
        self._core.transfer(self._into, len(x) * self._s.bytes, self._back, len(x) * self._m.bytes)
        return self._m.unpack(np.array(self._back[: len(x)]))

    def run(self, x: Any) -> Any:
        """Floats as the model takes them [n, …] to what its outputs mean, float32; by name [n, …] if x is a mapping of names.

        Raises DriverError for another shape, for NaN, and for values that the input's type does not hold.
        """
        y = self._outputs(x)
        if not isinstance(x, Mapping):
            return y[0] if len(y) == 1 else np.concatenate(y, axis=1)
        return {port.name: part.reshape(-1, *port.shape) for port, part in zip(self._m.ports, y, strict=True)}

    def infer(self, x: Any) -> NDArray[np.int64]:
        """The class of each sample [n]: the first of the greatest outputs, or the one that the net gives."""
        y = self._outputs(x)
        if self._classes == "":
            raise DriverError(f"{self.name} gives no classes; use run() for its values.")
        return np.asarray(y[0][:, 0] if self._classes == "given" else y[0].argmax(axis=1), np.int64)

    def _outputs(self, x: Any) -> "list[NDArray[np.float32]]":
        y = self.execute(self._integers(x)).astype(np.float32)
        parts = np.split(y, np.cumsum([port.size for port in self._m.ports])[:-1], axis=1)
        return [apply(port.steps, part) for port, part in zip(self._m.ports, parts, strict=True)]

    def _integers(self, x: Any) -> IntArray:
        ports = self._s.ports
        if isinstance(x, Mapping):
            if missing := [port.name for port in ports if port.name not in x]:
                raise DriverError(
                    f"{self.name} has inputs {', '.join(port.name for port in ports)}; {missing[0]} is missing."
                )
            given = [np.asarray(x[port.name], np.float32) for port in ports]
            floats = np.concatenate([part.reshape(len(part), -1) for part in given], axis=1)
        else:
            floats = np.asarray(x, np.float32)
            floats = floats.reshape(len(floats), -1)
        if floats.shape[1] != self._s.size:
            raise DriverError(
                f"The vectors hold {floats.shape[1]} values each, and the input of {self.name} has {self._s.size}."
            )
        made = []
        parts = np.split(floats, np.cumsum([port.size for port in ports])[:-1], axis=1)
        for port, part in zip(ports, parts, strict=True):
            values = apply(port.steps, part)
            if not np.isfinite(values).all() or (values != np.rint(values)).any():
                raise DriverError(f"The vectors hold values that are not whole {port.kind}, which {self.name} takes.")
            if not port.kind.holds(integers := values.astype(np.int64)):
                raise DriverError(f"The vectors hold values outside {port.kind}, the input of {self.name}.")
            made.append(integers)
        return np.concatenate(made, axis=1)

    def counts(self) -> Counts:
        """What the core counted."""
        return self._core.counts()

    def reset(self) -> None:
        """Forget all vectors under way, as after a transfer that was broken off."""
        self._core.reset(self._back)

    def close(self) -> None:
        """Free the buffers."""
        self._into.freebuffer()
        self._back.freebuffer()
