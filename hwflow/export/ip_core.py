"""A net behind AXI as a value: the RTL of its top, its driver, and packets with their answers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hwflow.export.bench import Bench, image_of
from hwflow.export.memory import PARAMETER
from hwflow.ints import IntArray, IntType, pack_vectors
from hwflow.shell.axi import AxiCore
from hwflow.shell.block_design import WRAPPER
from hwflow.shell.verilog import instance

ROOM = "rtl/"  # of RTL and memory images


@dataclass(frozen=True, eq=False)
class Packets:
    """An end of a core: vectors of integers of a type in packets, W bits of TDATA wide (docs/how-to/zynq.md, Packing).

    Packets are of 1, 2, 3 vectors and so on. What passes in a beat is, from the lowest bit: TDATA, TKEEP, all ones, TLAST,
    and TUSER, 0, if there is one. vectors: integers [n, size].
    """

    width: int
    kind: IntType
    vectors: IntArray
    user: bool

    @property
    def bits(self) -> int:
        """Of a beat with all that goes along."""
        return self.width + self.width // 8 + 1 + self.user

    @property
    def beats(self) -> int:
        """Of a vector."""
        return -(-int(self.vectors.shape[1]) * self.kind.bits // self.width)

    @property
    def used(self) -> int:
        """All of the last beat: what is behind a result's last bit is 0."""
        return self.bits

    @property
    def ends(self) -> set[int]:
        """The vectors, counted from 1, with which packets end."""
        count, ends, end = len(self.vectors), set[int](), 0
        while end < count:
            end = min(end + len(ends) + 1, count)
            ends.add(end)
        return ends

    def image(self) -> bytes:
        """The vectors' beats, one behind the other, each a line of hexadecimal digits as `$readmemh` reads it."""
        packed = pack_vectors(self.vectors, self.kind)
        size, ends = self.width // 8, self.ends
        rows = np.pad(packed, ((0, 0), (0, self.beats * size - packed.shape[1]))).reshape(-1, size)
        words = [int.from_bytes(row.tobytes(), "little") | (1 << size) - 1 << self.width for row in rows]
        for end in ends:
            words[end * self.beats - 1] |= 1 << self.width + size
        return image_of(words, self.bits)


@dataclass(frozen=True, eq=False)
class IpCore:
    """title: of the net; network, project: digests, in hex; axi: its ports; files: its RTL and memory images below `rtl/`, and
    the driver; s, m: the packets of a testbench; source: of their vectors."""

    title: str
    network: str
    project: str
    axi: AxiCore
    files: Mapping[str, bytes]
    s: Packets
    m: Packets
    source: str

    module = WRAPPER  # its name, whatever the net

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths of the RTL, sorted, the top last."""
        paths = sorted(path for path in self.files if path.startswith(ROOM) and path.endswith(".sv"))
        return *paths, f"{ROOM}{self.module}.v"

    @property
    def images(self) -> tuple[str, ...]:
        """Paths of the memory images, sorted."""
        return tuple(sorted(path for path in self.files if path.startswith(ROOM) and path.endswith(".hex")))

    @property
    def bench(self) -> Bench:
        """What drives it in a simulation: streams alone; nothing is said at its registers."""
        given = {
            "aclk": "clk",
            "aresetn": "!rst",
            **{port.name: "'0" if port.input else "" for port in self.axi.ports if port.name.startswith("s_axi_")},
            "irq": "",
            **_stream("s_axis", "s", self.s),
            **_stream("m_axis", "m", self.m),
        }
        text = instance(self.module, "dut", {}, given)
        if self.images:
            text += f'  defparam dut.top.net.{PARAMETER} = "{ROOM}";\n'
        return Bench(self.module, text, len(self.s.vectors), self.s, self.m)


def _stream(bus: str, end: str, packets: Packets) -> dict[str, str]:
    width, keep = packets.width, packets.width // 8
    nets = {
        f"{bus}_tdata": f"{end}_data[{width - 1}:0]",
        f"{bus}_tkeep": f"{end}_data[{width + keep - 1}:{width}]",
        f"{bus}_tlast": f"{end}_data[{width + keep}]",
        f"{bus}_tvalid": f"{end}_valid",
        f"{bus}_tready": f"{end}_ready",
    }
    return nets | ({f"{bus}_tuser": f"{end}_data[{width + keep + 1}]"} if packets.user else {})
