"""A quantised project in the Python API."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwflow.arguments import checked
from hwflow.errors import UserError
from hwflow.family import RUN_OPTIONS, SIMULATE_OPTIONS, refuse_unknown
from hwflow.handles import CompiledProject
from hwflow.progress import Progress, silent
from hwflow.project import Project, ProjectFolder
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.family import QUANTISED
from hwflow.quantised.flow.backend import backend_named
from hwflow.quantised.model import by_name, classes_of, integers_of
from hwflow.samples import GivenInputs
from hwflow.tool.build import Build
from hwflow.tool.process import Together

if TYPE_CHECKING:
    from hwflow.export.write import Export
    from hwflow.host.registers import Registers
    from hwflow.quantised.flow.compilation import Compilation
    from hwflow.quantised.host.accelerator import Accelerator
    from hwflow.quantised.host.guard import Guard
    from hwflow.quantised.report.records import RunRecord, SimulationRecord
    from hwflow.tool.simulated_board import CanBus


class QuantisedProject(CompiledProject):
    """A compiled quantised net."""

    compiled: Compiled

    @staticmethod
    def of(folder: ProjectFolder, *, kept: bool = True) -> "QuantisedProject":
        """Raises UserError if the project's net or its design is damaged."""
        return QuantisedProject(Compiled.of(folder), kept=kept)

    def compilation(self) -> "Compilation":
        """Layers, folding, predicted cycles, and the estimate made before synthesis."""
        from hwflow.quantised.flow.compilation import compilation_of

        return compilation_of(self.compiled, self.kept)

    @checked
    def simulate(
        self,
        x: GivenInputs = None,
        *,
        vcd: str | Path | None = None,
        progress: Progress = silent,
        count: int | None = None,
        **unknown: Any,
    ) -> "SimulationRecord":
        """Every layer boundary compared, bit for bit; see `CompiledProject.simulate`.

        x: floats as the model takes them [n, inputs], an .npz, either by the names of several inputs, or None for random ones; count: the first so many.
        """
        from hwflow.quantised.flow.simulation import simulate_compiled

        refuse_unknown(unknown, QUANTISED, SIMULATE_OPTIONS)
        self.vouch()
        return simulate_compiled(self.compiled, x, count, progress, vcd=None if vcd is None else Path(vcd))

    @checked
    def run(
        self,
        port: str,
        x: GivenInputs = None,
        *,
        baud: int | None = None,
        deadline: float | None = None,
        progress: Progress = silent,
        count: int | None = None,
        **unknown: Any,
    ) -> "RunRecord":
        """Every output compared with the reference; see `CompiledProject.run`. x, count: as for `simulate`."""
        from hwflow.quantised.flow.running import run_compiled

        refuse_unknown(unknown, QUANTISED, RUN_OPTIONS)
        self._refuse_vectors()
        self.vouch(port)
        return run_compiled(self.compiled, port, x, count, baud, progress, deadline=deadline)

    @checked
    def export(
        self, out: str | Path, as_: str = "filelist", x: GivenInputs = None, *, count: int | None = None
    ) -> "Export":
        from hwflow.export.write import write_export
        from hwflow.quantised.flow.export import exported

        return write_export(exported(self.compiled, x, count), as_, Path(out))

    @contextmanager
    def open(
        self, port: str = "sim", *, baud: int | None = None, progress: Progress = silent
    ) -> "Iterator[QuantisedBoard]":
        """The board on a port until the block ends; see `CompiledProject.open`."""
        from hwflow.host.linked import linked
        from hwflow.quantised.backend.loading import loading_of
        from hwflow.quantised.host.accelerator import Accelerator
        from hwflow.shell.build_digest import build_of

        self._refuse_vectors()
        self.vouch(port)
        build = build_of(self.folder.project)
        rates = (self.baud, self.baud if baud is None else baud)
        with linked(self.folder, port, self.clock_hz, rates, progress) as link:
            loading = loading_of(self.compiled)
            yield QuantisedBoard(self.compiled, Accelerator.of(link, self.compiled.network, build, loading, progress))

    @property
    def listens(self) -> bool:
        return self.compiled.design.shell == "can"

    @contextmanager
    def guard(
        self, port: str = "sim", *, baud: int | None = None, bus: "CanBus | None" = None, progress: Progress = silent
    ) -> "Iterator[Guard]":
        """The guard on a port until the block ends, as `open`; bus: what a simulated one listens to.

        Raises as `open`, and UserError for a project that is no guard."""
        from hwflow.host.linked import linked
        from hwflow.quantised.host.guard import Guard
        from hwflow.shell.build_digest import build_of

        if not self.listens:
            raise UserError(f"The project in {self.path} listens to no CAN bus; compile it with --shell can.")
        self.vouch(port)
        rates = (self.baud, self.baud if baud is None else baud)
        with linked(self.folder, port, self.clock_hz, rates, progress, bus=bus) as link:
            yield Guard(link, digest=self.compiled.network.digest, build=build_of(self.folder.project))

    def _refuse_vectors(self) -> None:
        self.demand_link()
        if self.listens:
            raise UserError(
                f"The project in {self.path} is a guard, whose net gets CAN frames and no vectors; see docs/can-guard.md."
            )

    def again(self) -> Project | None:
        return backend_named(self.compiled.design.backend).again(self.compiled)

    def build(
        self, progress: Progress = silent, together: Together | None = None, *, effort: float | None = None
    ) -> Build:
        self.vouch()
        if effort is not None:
            from hwflow.quantised.flow.effort import build_best

            return build_best(self.compiled, effort, progress)
        return backend_named(self.compiled.design.backend).build(self.folder, progress, together)

    def commands(self) -> tuple[str, ...]:
        return backend_named(self.compiled.design.backend).commands(self.folder)


class QuantisedBoard:
    """A board that runs a quantised net, as long as its `with` block. What it gives is what the model gives."""

    def __init__(self, compiled: Compiled, accelerator: "Accelerator") -> None:
        self._network = compiled.network
        self._accelerator = accelerator

    @overload
    def run(self, x: Mapping[str, ArrayLike]) -> dict[str, NDArray[np.float32]]: ...

    @overload
    def run(self, x: ArrayLike) -> NDArray[np.float32]: ...

    def run(self, x: ArrayLike | Mapping[str, ArrayLike]) -> NDArray[np.float32] | dict[str, NDArray[np.float32]]:
        """Floats [n, inputs] to what the outputs mean [n, outputs], or both by name: the model's `run`, by the board.

        Raises UserError as that does, and the errors of `hwflow.host.errors`.
        """
        y = self._outputs(x)
        return by_name(self._network, y) if isinstance(x, Mapping) else y

    def _outputs(self, x: ArrayLike | Mapping[str, ArrayLike]) -> NDArray[np.float32]:
        return self._network.dequantise(self._accelerator.infer(integers_of(self._network, x)))

    def infer(self, x: ArrayLike | Mapping[str, ArrayLike]) -> NDArray[np.int64]:
        """The class of each sample [n]: the model's `infer`, by the board. Raises as `run`."""
        return classes_of(self._network, self._outputs(x))

    def registers(self) -> "Registers":
        """What the device counted since its reset, its latest latency in clock cycles among it."""
        return self._accelerator.registers()
