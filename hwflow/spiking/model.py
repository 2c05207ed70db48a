"""A spiking model in the Python API."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwflow.arguments import checked
from hwflow.board import find_board
from hwflow.clock import AUTO, clocked, megahertz
from hwflow.errors import UserError
from hwflow.family import COMPILE_OPTIONS, refuse_unknown
from hwflow.handles import Model
from hwflow.progress import Progress, silent
from hwflow.samples import Given
from hwflow.spiking.family import SPIKING
from hwflow.spiking.fit import core_for
from hwflow.spiking.flow.stimuli import samples_of, spikes_of
from hwflow.spiking.frontend import load
from hwflow.spiking.frontend.model import SpikingModel as Imported
from hwflow.spiking.frontend.model import for_traces
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.learning import STATE_BITS
from hwflow.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwflow.spiking.flow.fidelity import SpikingCheck
    from hwflow.spiking.frontend.inspection import SpikingInspection
    from hwflow.spiking.project import SpikingProject

DEFAULT_STATE_BITS, DEFAULT_TRACE_BITS = 16, 8


class SpikingModel(Model):
    """A spiking net from a NIR or SuperNeuroMAT file, a folder, or made in Python, in integers.

    imported: the net, and what became of the model's parts.
    """

    network: SpikingNetwork

    def __init__(self, imported: Imported) -> None:
        self.imported = imported
        self.network = imported.network

    @staticmethod
    @checked
    def read(
        path: Path,
        *,
        dt: float | None = None,
        state_bits: int | None = None,
        clip: bool = False,
        reset: str | None = None,
        allow_error: float | None = None,
        vectors: Given = None,
        graded: bool = False,
        told: bool = False,
    ) -> "SpikingModel":
        """Read a model, and try it beside its floats.

        dt: seconds of a tick, for NIR; state_bits: of membrane and current, 8 to 24, None for 16; clip: take what lies
        beyond the format as the nearest that does not; reset: zero or subtract, for NIR, None for zero; allow_error: the
        share that rounding may change a number by, None for a quarter; vectors: stimuli [ticks, axons] or [samples, ticks,
        axons], or an .npz with them as `x`, to choose the ranges by and for the trial, None for bounds and random ones; graded: for
        NIR, axons bring whole numbers of 0 … 255, which count as so many spikes; told: for NIR, the host is told of no spikes of
        neurons before the first output.
        Raises UserError for what cannot be read or represented.
        """
        bits = checked_bits(state_bits)
        imported = load(path, dt=dt, state_bits=bits, clip=clip, reset=reset, allow_error=allow_error,
                        samples=samples_of(vectors), graded=graded, told=told)  # fmt: skip
        if imported.info.state_bits < bits:
            imported = replace(imported, info=replace(imported.info, state_bits=bits))
        return SpikingModel(imported)

    def inspect(self) -> "SpikingInspection":
        """Layers, neurons, synapses, and what was rounded."""
        from hwflow.spiking.frontend.inspection import inspection_of

        return inspection_of(self.imported)

    def run(self, x: ArrayLike, *, learn: bool = False) -> NDArray[np.bool_]:
        """Axon spikes 0/1 [ticks, axons], or 0 … 255 if the net is graded, to which neurons fired [ticks, neurons], of those that the
        net tells of, from the net's start.

        learn: whether the ticks learn. Raises UserError for another shape or other values.
        """
        spikes = spikes_of(self.network, x).spikes
        golden = GoldenModel(core_for(self.network, 1, self.imported.info.state_bits))
        golden.load(self.network)
        return golden.run(spikes, learn=learn)

    def check(self, x: Given = None, *, progress: Progress = silent) -> "SpikingCheck":
        """The integers beside the net as it was trained, in floats, on the same stimuli; see `Model.check`.

        x: spikes 0/1 [ticks, axons] or [samples, ticks, axons], values 0 … 255 if the net is graded, an .npz, or None for random ones. Raises UserError for stimuli
        that do not fit, and for a net that was made of integers, which has no floats.
        """
        from hwflow.spiking.flow.fidelity import check_imported

        return check_imported(self.imported, samples_of(x))

    @checked
    def compile(
        self,
        board: str | Path,
        out: str | Path,
        *,
        baud: int | None = None,
        clock: str | float | None = None,
        progress: Progress = silent,
        lanes: int | None = None,
        axons: int | None = None,
        neurons: int | None = None,
        trace_bits: int | None = None,
        without: list[str] | tuple[str, ...] | None = None,
        counting: bool = False,
        shell: Literal["link", "axi"] | None = None,
        synapses: Literal["matrix", "blocks", "entries"] | None = None,
        **unknown: Any,
    ) -> "SpikingProject":
        """A core for a board, and this net to load into it; see `Model.compile`.

        lanes: weights a cycle, None for what fits the board; axons, neurons: of the core, so that larger nets fit as
        well; trace_bits: of traces, 4 to 16, None for 8; without: features to leave out, as learning or counters; counting: let the
        core count spikes, so that the reply to a presentation (`present`) is 2 bytes a neuron; shell: what brings the requests, the link, or AXI from a Zynq's processor (docs/how-to/zynq.md), None for the link;
        synapses: all of them in a matrix, in blocks, or in rows of entries, None for all where they fit the board, else for what takes fewest bits.
        """
        from hwflow.spiking.backend.core import SpikingOptions
        from hwflow.spiking.flow.compilation import compile_imported
        from hwflow.spiking.project import SpikingProject

        refuse_unknown(unknown, SPIKING, COMPILE_OPTIONS)
        bits = self.imported.info.state_bits
        traces = DEFAULT_TRACE_BITS if trace_bits is None else trace_bits
        options = SpikingOptions(axons, neurons, lanes, bits, traces, tuple(without or ()), counting, baud,
                                 shell or "link", synapses)  # fmt: skip
        model, target, search = for_traces(self.imported, traces), find_board(str(board)), None
        if clock == AUTO:
            from hwflow.tool.clock_search import find_clock

            same = partial(self.compile, board, baud=baud, progress=progress, lanes=lanes, axons=axons, neurons=neurons,
                           trace_bits=trace_bits, without=without, counting=counting, shell=shell, synapses=synapses)  # fmt: skip
            search = find_clock(target, lambda at, where: same(where, clock=at), progress)
            clock = megahertz(search.clock_hz)
        folder, kept = compile_imported(model, clocked(target, clock), Path(out), options, progress)
        if search is not None:
            search.save(folder.path, folder.digest)
        return SpikingProject.of(folder, kept=kept)


def checked_bits(state_bits: int | None) -> int:
    """The bits, or the default. Raises UserError if no core has so many."""
    bits = DEFAULT_STATE_BITS if state_bits is None else state_bits
    low, high = STATE_BITS
    if not low <= bits <= high:
        raise UserError(f"--state-bits {bits} cannot be built; give {low} to {high}.")
    return bits
