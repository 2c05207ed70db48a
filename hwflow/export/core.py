"""A core as a value: the RTL of an accelerator without its shell, its ports, and vectors with their answers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hwflow.export.bench import Bench, image_of
from hwflow.ints import IntArray, IntType, pack_vectors
from hwflow.shell.verilog import instance


@dataclass(frozen=True, eq=False)
class Stream:
    """An end of a core: vectors of `size` integers of a type, `lanes` of them in each beat.

    port: how its ports begin; vectors: integers [n, size], what is sent, or what has to come.
    """

    port: str
    size: int
    lanes: int
    kind: IntType
    vectors: IntArray

    @property
    def bits(self) -> int:
        """Of a beat."""
        return self.lanes * self.kind.bits

    @property
    def beats(self) -> int:
        """Of a vector."""
        return -(-self.size // self.lanes)

    @property
    def last(self) -> int:
        """Elements in a vector's last beat; the lanes above them are padding."""
        return self.size - (self.beats - 1) * self.lanes

    @property
    def used(self) -> int:
        """Bits of a vector's last beat that hold elements."""
        return self.last * self.kind.bits

    def image(self) -> bytes:
        """The vectors' beats, one behind the other, each a line of hexadecimal digits as `$readmemh` reads it."""
        room = ((0, 0), (0, self.beats * self.lanes - self.size))
        packed = pack_vectors(np.pad(self.vectors, room).reshape(-1, self.lanes), self.kind)
        return image_of([int.from_bytes(row.tobytes(), "little") for row in packed], self.bits)


@dataclass(frozen=True)
class Port:
    """A port of a core: bits, 0 of a scalar."""

    name: str
    input: bool
    bits: int = 0


@dataclass(frozen=True, eq=False)
class StreamCore:
    """A core with one stream in, `s`, and one out, `m`.

    module: its name; title: of the net; network, project: digests, in hex, of the net and of the project that it is of;
    files: its RTL below `rtl/` and its memory images, by the paths under which it reads them; source: of the vectors.
    """

    module: str
    title: str
    network: str
    project: str
    files: Mapping[str, bytes]
    s: Stream
    m: Stream
    source: str

    @property
    def ports(self) -> tuple[Port, ...]:
        """In the module's order."""
        ins = Port("s_valid", True), Port("s_ready", False), Port("s_data", True, self.s.bits)
        outs = Port("m_valid", False), Port("m_ready", True), Port("m_data", False, self.m.bits)
        return Port("clk", True), Port("rst", True), *ins, *outs

    def instance(self, name: str) -> str:
        """SystemVerilog of an instance whose ports go to nets of the same names."""
        return instance(self.module, name, {}, {port.name: port.name for port in self.ports})

    @property
    def bench(self) -> Bench:
        """What drives it in a simulation."""
        return Bench(self.module, self.instance("dut"), len(self.s.vectors), self.s, self.m)

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths of the RTL, sorted."""
        return tuple(sorted(path for path in self.files if path.endswith(".sv")))

    @property
    def images(self) -> tuple[str, ...]:
        """Paths of the memory images, sorted."""
        return tuple(sorted(path for path in self.files if not path.endswith(".sv")))
