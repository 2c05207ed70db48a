"""What FINN made of a net: its nodes in the order of the chain, each with its streams and its files.

Written as `finn.json` into a project that was compiled with `--backend finn`. Files lie in the project: HDL under
`rtl/finn/`, memory images under `memory/finn/`, which the HDL names relative to the project's folder, and the model
after each step under `finn/`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from hwflow.ints import IntType
from hwflow.project import ProjectFolder
from hwflow.records import parse_record

FINN = "finn.json"
HDL = "rtl/finn"
MEMORY = "memory/finn"
MODELS = "finn"
TOP = "hwf_finn"
Style = Literal["rtl", "hls"]


def type_of(name: str) -> IntType:
    """The type of a name like INT2 or UINT8. Raises ValueError if it is none."""
    return IntType(int(name.removeprefix("U").removeprefix("INT")), signed=not name.startswith("U"))


@dataclass(frozen=True)
class Stream:
    """A port of a node: vectors of `size` elements of type `kind`, `lanes` of them a beat, the first in the lowest bits.

    port: the port's name in the HDL, with the suffixes _tdata, _tvalid, _tready; width: its bits, a multiple of 8, of
    which the lowest lanes * bits of an element are used.
    """

    port: str
    size: int
    lanes: int
    kind: str
    width: int

    @property
    def type(self) -> IntType:
        """The type as a value."""
        return type_of(self.kind)

    @property
    def beats(self) -> int:
        """Beats of a vector."""
        return self.size // self.lanes

    @property
    def bits(self) -> int:
        """Bits of a beat that are used."""
        return self.lanes * self.type.bits


@dataclass(frozen=True)
class Weights:
    """The memory beside an MVAU that streams its weights into port `port` of it, over and over.

    module: of the HDL, whose only stream is m_axis_0; depth: beats of the whole matrix; width: bits of the port, a
    multiple of 8; memory: the image, one beat a line in hex.
    """

    module: str
    port: str
    depth: int
    width: int
    kind: str
    memory: str

    @property
    def type(self) -> IntType:
        """The type as a value."""
        return type_of(self.kind)


@dataclass(frozen=True)
class FinnNode:
    """A node of FINN's graph.

    op: as FINN calls it, without the style: MVAU, Thresholding, StreamingDataWidthConverter, StreamingFIFO, LabelSelect;
    reason: why it has no RTL, where its style is hls; module: the top of its HDL; layer: the network's node that it
    computes, empty for those between; rows and columns (MH, MW), pe and simd of an MVAU, rows (channels) and pe of a
    Thresholding, else 0; cycles: FINN's estimate for a vector; depth: of a FIFO, in beats; sources: HDL files, packages
    first; memories: images it reads. The estimates of resources are FINN's; None where FINN has none (it gives 0).
    """

    name: str
    op: str
    style: Style
    reason: str
    module: str
    layer: str
    rows: int
    columns: int
    pe: int
    simd: int
    cycles: int
    depth: int
    input: Stream
    output: Stream
    weights: Weights | None
    sources: tuple[str, ...]
    memories: tuple[str, ...]
    luts: int | None
    brams: int | None
    dsps: int | None


@dataclass(frozen=True)
class FinnDesign:
    """FINN's graph as it is wired: `nodes` is a chain, the first reads the net's input and the last writes its output.

    version: of finn-plus; part: the FPGA it was generated for; clock_ns: period it was generated for; steps: names of
    the steps that were run, in order; a model of each, where it changed one, is `finn/NN_step.onnx`.
    """

    version: str
    part: str
    clock_ns: float
    steps: tuple[str, ...]
    nodes: tuple[FinnNode, ...]

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """All HDL files, each once, packages before those that use them; of nodes that have RTL."""
        return tuple(dict.fromkeys(path for node in self.nodes if node.style == "rtl" for path in node.sources))

    @property
    def hls(self) -> tuple[FinnNode, ...]:
        """The nodes that are C++ for Vitis HLS and not RTL: they cannot be simulated here."""
        return tuple(node for node in self.nodes if node.style == "hls")

    @staticmethod
    def of(folder: ProjectFolder) -> "FinnDesign":
        """Read the design of a project. Raises UserError if it is not there or is damaged."""
        remedy = "run `hwflow compile --backend finn` again."
        return parse_record(FinnDesign, folder.files.get(FINN, b""), folder.path / FINN, remedy)
