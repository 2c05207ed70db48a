"""A spiking project in the Python API."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwflow.arguments import checked
from hwflow.errors import UserError
from hwflow.family import RUN_OPTIONS, SIMULATE_OPTIONS, refuse_unknown
from hwflow.handles import CompiledProject
from hwflow.progress import Progress, silent
from hwflow.project import Project, ProjectFolder
from hwflow.samples import Given
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.family import SPIKING
from hwflow.tool.build import Build, build_project, plan_build
from hwflow.tool.process import Together

if TYPE_CHECKING:
    from hwflow.export.write import Export
    from hwflow.spiking.flow.compilation import SpikingCompilation
    from hwflow.spiking.host.board import SpikingBoard
    from hwflow.spiking.report.records import SpikingRunRecord, SpikingSimulationRecord


class SpikingProject(CompiledProject):
    """A compiled spiking core, and the net that it was made for."""

    compiled: Compiled

    @staticmethod
    def of(folder: ProjectFolder, *, kept: bool = True) -> "SpikingProject":
        """Raises UserError if the project's net or its design is damaged."""
        return SpikingProject(Compiled.of(folder), kept=kept)

    def compilation(self) -> "SpikingCompilation":
        """The net's layers, the core, predicted cycles, and the estimate made before synthesis."""
        from hwflow.spiking.flow.compilation import compilation_of

        return compilation_of(self.compiled, self.kept)

    @checked
    def simulate(
        self,
        x: Given = None,
        *,
        vcd: str | Path | None = None,
        progress: Progress = silent,
        ticks: int | None = None,
        learn: bool = False,
        **unknown: Any,
    ) -> "SpikingSimulationRecord":
        """Every register after every tick compared; see `CompiledProject.simulate`.

        x: axon spikes 0/1 [ticks, axons], values 0 … 255 if the net is graded, an .npz, or None for random ones; ticks: the first so
        many; learn: whether they learn.
        """
        from hwflow.spiking.flow.simulation import simulate_compiled

        refuse_unknown(unknown, SPIKING, SIMULATE_OPTIONS)
        self.vouch()
        return simulate_compiled(self.compiled, x, ticks, learn, progress, vcd=None if vcd is None else Path(vcd))

    @checked
    def run(
        self,
        port: str,
        x: Given = None,
        *,
        baud: int | None = None,
        deadline: float | None = None,
        progress: Progress = silent,
        ticks: int | None = None,
        learn: bool = False,
        load: str | Path | None = None,
        save: str | Path | None = None,
        **unknown: Any,
    ) -> "SpikingRunRecord":
        """Each spike, and afterwards every register and weight, compared; see `CompiledProject.run`.

        port: also `model`, the golden model without a board; x, ticks, learn: as for `simulate`; load: an .npz that `save`
        left, to go on from; save: an .npz for spikes, weights and state after the last tick.
        """
        from hwflow.spiking.flow.running import MODEL, Continuation, run_compiled

        refuse_unknown(unknown, SPIKING, RUN_OPTIONS)
        if port != MODEL:
            self.demand_link()
        self.vouch(port)
        going_on = Continuation(Path(load) if load else None, Path(save) if save else None)
        return run_compiled(self.compiled, port, (x, ticks, learn), going_on, baud, progress, deadline=deadline)

    def export(self, out: str | Path, as_: str = "filelist", x: Given = None, *, count: int | None = None) -> "Export":
        """Raises UserError: only quantised nets are exported so far."""
        raise UserError(
            f"The project in {self.path} is a spiking core, which cannot be exported yet; quantised nets can."
        )

    @contextmanager
    def open(
        self, port: str = "sim", *, baud: int | None = None, progress: Progress = silent
    ) -> "Iterator[SpikingBoard]":
        """The board on a port, with the project's net loaded, until the block ends; see `CompiledProject.open`."""
        from hwflow.spiking.flow.running import opened

        self.demand_link()
        self.vouch(port)
        with opened(self.compiled, port, baud, progress) as (board, _):
            board.load(self.compiled.network)
            yield board

    def again(self) -> Project:
        from hwflow.spiking.flow.compilation import compiled_again

        return compiled_again(self.compiled)

    def build(
        self, progress: Progress = silent, together: Together | None = None, *, effort: float | None = None
    ) -> Build:
        if effort is not None:
            raise UserError(
                "--effort tries other foldings of a quantised net, and a spiking core has none; build without."
            )
        self.vouch()
        return build_project(self.folder, progress, together, multipliers=True)

    def commands(self) -> tuple[str, ...]:
        return plan_build(self.folder, multipliers=True).commands
