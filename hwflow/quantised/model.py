"""A quantised model in the Python API."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwflow.arguments import checked
from hwflow.board import find_board
from hwflow.clock import AUTO, clocked, megahertz
from hwflow.errors import ToolError, UserError
from hwflow.family import COMPILE_OPTIONS, refuse_unknown
from hwflow.handles import Model
from hwflow.ints import IntArray, IntType
from hwflow.progress import Progress, silent
from hwflow.project import put_beside
from hwflow.quantised import reference
from hwflow.quantised.family import QUANTISED
from hwflow.quantised.flow.backend import backend_named
from hwflow.quantised.flow.request import Request
from hwflow.quantised.frontend import load
from hwflow.quantised.frontend.inputs import InputFormat
from hwflow.quantised.network import ArgMax, Network
from hwflow.quantised.ports import parts_of
from hwflow.quantised.report.check import CHECK
from hwflow.samples import GivenInputs, read_parts

if TYPE_CHECKING:
    from hwflow.quantised.frontend.inspection import Inspection
    from hwflow.quantised.project import QuantisedProject
    from hwflow.quantised.report.check import CheckRecord


class QuantisedModel(Model):
    """A quantised net from a QONNX file, in integers.

    network: what is built and what the reference executes; path: the model file; own: reads the net as the file ends it, where
    the class at the end was asked for and is not the file's.
    """

    network: Network

    def __init__(self, network: Network, path: Path, *, own: Callable[[], Network] | None = None) -> None:
        self.network = network
        self.path = path
        self._own = own

    @staticmethod
    @checked
    def read(
        path: Path, *, argmax: bool = False, input_type: str | IntType | None = None, vectors: GivenInputs = None
    ) -> "QuantisedModel":
        """Read a QONNX file.

        argmax: end in the class instead of the model's own outputs; input_type: of an input of which the file does not say
        how it is quantised: integers, as `UINT8`, or fixed point, as `FIXED16.10`; vectors: samples of it [n, …], or an
        .npz, by whose range fixed point is chosen; of several inputs by their names. Raises UserError for what cannot be read or built.
        """
        kind = InputFormat.parse(input_type) if isinstance(input_type, str) else input_type
        own = partial(load, path, input_type=kind, samples=vectors)
        return QuantisedModel(own(argmax=argmax), path, own=own if argmax else None)

    def inspect(self) -> "Inspection":
        """Layers, shapes, types, multiplications and weight bits."""
        from hwflow.quantised.frontend.inspection import inspection_of

        return inspection_of(self.network)

    @overload
    def run(self, x: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float32]]: ...

    @overload
    def run(self, x: ArrayLike) -> NDArray[np.float32]: ...

    def run(self, x: ArrayLike | Mapping[str, ArrayLike]) -> NDArray[np.float32] | dict[str, NDArray[np.float32]]:
        """Floats as the model takes them [n, inputs] to what its outputs mean, float32 [n, outputs].

        Several inputs lie one behind another in the order of the file, and so do several outputs. Inputs by name [n, …] give
        outputs by name, each in its shape [n, …]; an only input is called x, an only output y.

        Between them are exact integers: y = decode(net(encode(x))). Raises UserError for another shape, for NaN, and for
        values that the input's type does not hold.
        """
        y = self.network.dequantise(reference.run(self.network, integers_of(self.network, x)))
        return by_name(self.network, y) if isinstance(x, Mapping) else y

    def infer(self, x: ArrayLike | Mapping[str, ArrayLike]) -> NDArray[np.int64]:
        """The class of each sample [n]: the first of the greatest outputs. Raises UserError as `run`, and for a net with
        one output, which gives no class, or several."""
        y = self.network.dequantise(reference.run(self.network, integers_of(self.network, x)))
        return classes_of(self.network, y)

    @checked
    def check(self, x: GivenInputs = None, *, count: int | None = None, progress: Progress = silent) -> "CheckRecord":
        """The integers against execution of the file by qonnx; see `Model.check`. count: random vectors. [default: 500]

        An .npz may hold `y_float` too, the outputs that the model's author got, several of them one behind another.
        """
        return self._check(x, count, progress)

    def _check(self, x: GivenInputs, count: int | None, progress: Progress, *, demanded: bool = True) -> "CheckRecord":
        from hwflow.quantised.flow.equality import COUNT, check, read_outputs

        vectors = None if x is None else read_parts(x, parts_in(self.network))[0]
        author = read_outputs(x) if isinstance(x, str | Path) else None
        many = COUNT if count is None else count
        # A class that was asked for hangs on ties that the file's float32 breaks otherwise: the sums before it are compared.
        network = self.network if self._own is None else self._own()
        record = check(self.path, network, vectors, author, many, progress, demanded=demanded)
        return replace(record, network=self.network.digest)

    @checked
    def compile(
        self,
        board: str | Path,
        out: str | Path,
        *,
        baud: int | None = None,
        clock: str | float | None = None,
        progress: Progress = silent,
        backend: Literal["dataflow", "finn"] | None = None,
        shell: Literal["stream", "can", "axi"] | None = None,
        strike: bool = False,
        target_fps: float | None = None,
        max_luts: int | None = None,
        max_brams: int | None = None,
        max_latency: float | None = None,
        measure: bool = False,
        weights: Literal["constant", "loaded"] | None = None,
        folding: str | Path | None = None,
        no_check: bool = False,
        **unknown: Any,
    ) -> "QuantisedProject":
        """Hardware for a board; see `Model.compile`.

        backend: hwflow's own RTL (`dataflow`), or AMD's FINN; shell: what feeds the net, the host's vectors (`stream`), the frames of
        a CAN bus, which a guard judges (`can`, docs/can-guard.md), or a Zynq's processor (`axi`, docs/how-to/zynq.md); strike: a guard that can end a frame; target_fps: vectors a second; folding: a file with PE and
        SIMD of each layer. Without either, the fastest folding that fits the board and is placed and routed in minutes.
        max_luts, max_brams: of the whole design, by estimate; max_latency: microseconds from a vector's last word to its
        last result, as predicted; weights: part of the hardware (`constant`), or `loaded` over the link into it: then one
        bitstream serves all nets of the same shapes; measure: choose by what Yosys makes of the units alone, kept for the next time, and not by a model of it.
        The net is checked against its file first, unless no_check, and `check.json` keeps what was found, or that qonnx is
        not installed to find it. Raises also
        ToolError if they differ.
        """
        from hwflow.quantised.project import QuantisedProject

        refuse_unknown(unknown, QUANTISED, COMPILE_OPTIONS)
        loaded = weights == "loaded"
        request = Request(
            Path(folding) if folding else None, target_fps, baud, measure, loaded, max_luts, max_brams, max_latency,
            shell=shell or "stream", strike=strike,
        )  # fmt: skip
        chosen = backend_named(backend or "dataflow")
        if self._own is not None and chosen.no_argmax:
            raise UserError(chosen.no_argmax)
        if backend == "finn" and (measure or any(most is not None for most in (max_luts, max_brams, max_latency))):
            raise UserError("FINN folds by its own estimates; compile without --measure and the limits (--max-…).")
        if backend == "finn" and loaded:
            raise UserError("FINN's weights are part of the hardware; compile without --weights loaded.")
        if backend == "finn" and shell not in (None, "stream"):
            raise UserError(f"The shell {shell} is hwflow's own RTL; compile without --backend finn.")
        if clock is not None and chosen.no_clock:
            raise UserError(chosen.no_clock)
        search = None
        if clock == AUTO:
            from hwflow.tool.clock_search import find_clock

            same = partial(self.compile, board, baud=baud, progress=progress, backend=backend, target_fps=target_fps,
                           shell=shell, strike=strike, folding=folding, max_luts=max_luts, max_brams=max_brams, max_latency=max_latency, measure=measure, weights=weights, no_check=True)  # fmt: skip
            search = find_clock(find_board(str(board)), lambda at, where: same(where, clock=at), progress)
            clock = megahertz(search.clock_hz)
        target = clocked(find_board(str(board)), clock)
        record = None if no_check else self._check(None, None, progress, demanded=False)
        if record is not None and not record.right:
            raise ToolError(record.wrong)
        request = replace(request, beside=record.files if record else {})
        folder, kept = chosen.compile(self.path, self.network, target, Path(out), request, progress)
        if kept:
            put_beside(folder.path, request.beside)
        if record is None:
            (folder.path / CHECK).unlink(missing_ok=True)
        if search is not None:
            search.save(folder.path, folder.digest)
        return QuantisedProject.of(folder, kept=kept)


def parts_in(network: Network) -> list[tuple[str, int]]:
    """The inputs by their names and sizes."""
    return [(port.name, port.size) for port in network.sources]


def integers_of(network: Network, x: ArrayLike | Mapping[str, ArrayLike]) -> IntArray:
    """The integers [n, input_size] of floats as the model takes them."""
    return network.quantise(read_parts(x, parts_in(network))[0])


def by_name(network: Network, outputs: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What the net's outputs mean [n, outputs] as the outputs of the model [n, …]."""
    parts = parts_of(outputs, [port.width for port in network.sinks])
    return {port.name: part.reshape(-1, *port.shape) for port, part in zip(network.sinks, parts, strict=True)}


def classes_of(network: Network, outputs: NDArray[np.float32]) -> NDArray[np.int64]:
    """Classes [n] from what the net's outputs mean [n, outputs]."""
    if network.outputs:
        raise UserError(
            f"{network.name} has {len(network.outputs)} outputs and not one class; use run() for their values."
        )
    if isinstance(network.nodes[-1].layer, ArgMax):
        return outputs[:, 0].astype(np.int64)
    if outputs.shape[1] == 1:
        raise UserError(f"{network.name} has one output and no classes; use run() for its value.")
    return np.asarray(outputs.argmax(axis=1), np.int64)


def from_brevitas(net: Any, example: ArrayLike, *, argmax: bool = False) -> QuantisedModel:
    """The model that a Brevitas module is, by way of its export to QONNX.

    net: a torch module with Brevitas layers, put into evaluation; example: one sample, or several [n, inputs], of which
    only the shape counts. Raises MissingTool without torch or Brevitas, UserError for what cannot be exported or built.
    """
    from hwflow.quantised.train.brevitas import export_module

    folder = tempfile.TemporaryDirectory(prefix="hwflow-model-")
    path = Path(folder.name) / "model.onnx"
    export_module(net, np.atleast_2d(np.asarray(example, dtype=np.float32))[:1], path)
    model = QuantisedModel.read(path, argmax=argmax)
    model._folder = folder  # type: ignore[attr-defined]  # the file lives as long as its model
    return model
