"""Spiking nets in the search: judged by the golden model, and built as a core with one lane or several.

What a sample takes hangs on its spikes: cycles are those that the core's schedule gives for the validation samples, without the
link, between two samples on average, and of the longest sample as the latency.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.board import Board
from hwflow.errors import UserError
from hwflow.evaluation import Evaluation
from hwflow.handles import CompiledProject
from hwflow.progress import Progress
from hwflow.records import read_record, to_json
from hwflow.search.factory import TrainedSpiking
from hwflow.search.hardware import Hardware, Limits, undominated
from hwflow.search.labels import check_labels, evaluated
from hwflow.search.roads import Made, into_folder
from hwflow.spiking.backend.core import SpikingOptions, choose_core
from hwflow.spiking.backend.estimate import estimate_core
from hwflow.spiking.backend.schedule import Linear, tick_cycles
from hwflow.spiking.entries import row_lengths
from hwflow.spiking.fit import core_for
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.model import SpikingModel
from hwflow.spiking.network import FEATURES, Core, SpikingNetwork

ACTIVITY = "activity.json"
_LANES = (8, 4, 2, 1)


@dataclass(frozen=True)
class Activity:
    """What the validation samples make of a net: ticks of each, and spikes of its axons and of its neurons in each sample;
    state_bits: of membranes."""

    ticks: int
    axons: tuple[int, ...]
    neurons: tuple[int, ...]
    state_bits: int

    def cycles(self, tick: Linear) -> NDArray[np.int64]:
        """Of each sample: a spike of an axon or of a neuron has its row added up, and one of a neuron is told besides."""
        axons, neurons = np.array(self.axons), np.array(self.neurons)
        return np.asarray(tick.always * self.ticks + tick.row * (axons + neurons) + tick.fired * neurons, np.int64)


@dataclass(frozen=True)
class _Built:
    """A design, as its core is asked for."""

    lanes: int
    state_bits: int
    without: tuple[str, ...]


def _tick(network: SpikingNetwork, core: Core) -> Linear:
    """What a tick takes; of rows of entries at most, by the longest, since it is not kept which sources had the spikes."""
    cycles = tick_cycles(core)
    longest = int(row_lengths(network.weight, core.lanes).max()) if core.entries else 0
    return replace(cycles.plain, row=cycles.plain.row + cycles.entry * longest)


class SpikingRoad:
    model = ""

    def made(self, trained: TrainedSpiking) -> Made:
        network = trained.network
        if type(network) is not SpikingNetwork:
            raise UserError(f"The factory's net is a {type(network).__name__}; give a SpikingNetwork.")
        counts = _counts(network, trained, trained.x)
        activity = Activity(trained.x.shape[1], tuple(np.count_nonzero(trained.x, axis=(1, 2)).tolist()),
                            tuple(counts.sum(axis=1).tolist()), trained.state_bits)  # fmt: skip
        files = {**network.to_files(), ACTIVITY: to_json(activity).encode()}
        return Made(files, network, _judged(trained, trained.y, counts))

    def judged(
        self, trained: TrainedSpiking, network: SpikingNetwork, x: NDArray[Any], y: NDArray[np.int64]
    ) -> Evaluation:
        return _judged(trained, y, _counts(network, trained, x))

    def read(self, folder: Path) -> SpikingNetwork:
        return SpikingNetwork.from_folder(folder)

    def designs(self, folder: Path, board: Board, limits: Limits) -> tuple[Hardware, ...]:
        network, activity = self.read(folder), read_record(Activity, folder / ACTIVITY, "remove the folder.")
        without = tuple(name for name in FEATURES if name not in network.needs)
        found, told = [], ""
        for lanes in _LANES:
            try:
                core = choose_core(
                    network, board, SpikingOptions(lanes=lanes, state_bits=activity.state_bits, without=without)
                )
            except UserError as error:  # on to fewer lanes
                told = str(error)
                continue
            need, cycles = estimate_core(core, board).resources, activity.cycles(_tick(network, core))
            built = _Built(lanes, core.state_bits, without)
            made = Hardware(json.dumps(asdict(built)) + "\n", need.luts, need.ffs, need.brams, int(np.ceil(cycles.mean())), int(cycles.max()))  # fmt: skip
            if within(made, limits, board):
                found.append(made)
            else:
                told = (f"By estimate no core of the net on {board.name} is within the limits; the one of fewest lanes takes "
                        f"{need.luts:,} LUTs and {need.brams} block RAMs, and {cycles.max():,} cycles of a sample.")  # fmt: skip
        if not found:
            raise UserError(told)
        return undominated(found)

    def compile(
        self, folder: Path, board: str, clock: str | None, out: Path, how: Hardware | Limits, progress: Progress
    ) -> CompiledProject:
        activity = read_record(Activity, folder / ACTIVITY, "pick the point again.")
        model = SpikingModel.read(folder, state_bits=activity.state_bits)
        if isinstance(how, Hardware):
            built = json.loads(how.folding)
            lanes, without = int(built["lanes"]), tuple(built["without"])
        else:
            lanes, without = None, tuple(name for name in FEATURES if name not in model.network.needs)
        return model.compile(board, out, clock=clock, lanes=lanes, without=without, progress=progress)

    def vectors(self, x: NDArray[Any]) -> NDArray[Any]:
        return x.reshape(-1, x.shape[2]).astype(np.uint8)

    def write(self, files: Mapping[str, bytes], folding: str, out: Path) -> Path:
        return into_folder(files, out)


def within(made: Hardware, limits: Limits, board: Board) -> bool:
    """Whether a design keeps the limits; latency in microseconds."""
    late = made.latency * 1e6 / board.clock_hz
    pairs: Sequence[tuple[float, float | None]] = (
        (made.luts, limits.luts),
        (made.brams, limits.brams),
        (late, limits.latency),
    )
    slow = limits.rate is not None and board.clock_hz / made.interval < limits.rate
    return not slow and all(most is None or value <= most for value, most in pairs)


def _judged(trained: TrainedSpiking, y: NDArray[Any], counts: NDArray[np.int64]) -> Evaluation:
    labels = np.asarray(y)
    check_labels(labels, len(counts))
    return evaluated(trained.class_names, labels, np.asarray(trained.said(counts), np.int64))


def _counts(network: SpikingNetwork, trained: TrainedSpiking, x: NDArray[Any]) -> NDArray[np.int64]:
    """Spikes of each neuron in each sample, [n, neurons], the samples one behind the other. Raises UserError for other shapes."""
    if x.ndim != 3 or not len(x) or x.shape[2] != network.axons:
        raise UserError(
            f"The factory's samples have the shape {x.shape}; give spikes [n, ticks, {network.axons}] with n above 0."
        )
    golden = GoldenModel(core_for(network, 1, trained.state_bits))
    golden.load(network)
    return golden.present(x, rest=False)
