"""A point of the front, remade from its record: its net, its project, and once its figure on test data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hwflow.apps.stages import file_digest
from hwflow.board import find_board
from hwflow.errors import ToolError, UserError
from hwflow.evaluation import Evaluation
from hwflow.handles import Net
from hwflow.paths import whole_folder
from hwflow.progress import Progress
from hwflow.records import read_record, to_json
from hwflow.search.evaluate import Watched, call
from hwflow.search.factory import find_factory
from hwflow.search.hardware import Hardware
from hwflow.search.plan import Plan
from hwflow.search.result import TESTED, Found, Point
from hwflow.search.roads import Road, road_in
from hwflow.search.run import Place, check_there, found_in
from hwflow.search.space import Space
from hwflow.sources import Source
from hwflow.words import Done, Part, Told

if TYPE_CHECKING:
    from hwflow.tool.build import Build

POINT = "point.json"
VECTORS = "vectors.npz"


@dataclass(frozen=True)
class PointRecord:
    """All that a point is remade from: what trains it, the choices, the folding, and the digest of the integers that come out.

    plan: of the search that found it.
    """

    plan: Plan
    number: str
    choices: dict[str, Any]
    hardware: Hardware
    figures: dict[str, float]
    evaluation: Evaluation
    network: str


@dataclass(frozen=True)
class Remade(Done):
    """A point's net as a model file, or its folder; retrained: whether training gave it here, bit for bit, else the one that was kept is
    taken; test: how good it is on the test part, None where that was not asked for, or there is none.
    """

    number: str
    model: str
    network: str
    retrained: bool
    test: Evaluation | None

    def words(self) -> tuple[Part, ...]:
        """How it was made, and its figure."""
        how = (
            "trained again, bit for bit the same"
            if self.retrained
            else "as it was kept: training gives other weights here"
        )
        test = () if self.test is None else (_said(self.test),)
        return (f"point {self.number}: {how}", *test, f"{self.model}: integers {self.network[:16]}")


def _said(test: Evaluation) -> str:
    missed = [rate for rate in test.false_negative_rate if rate is not None]
    return (f"test part, {test.samples:,} samples, computed once: {test.accuracy:.3%}, at most {max(missed):.3%} of a class missed")  # fmt: skip


def record_of(found: Found, point: Point) -> PointRecord:
    """What remakes a point."""
    return PointRecord(
        found.plan, point.number, point.choices, point.hardware, point.figures, point.evaluation, point.network
    )


def read_point(path: Path) -> PointRecord:
    """Raises UserError if the file is none."""
    return read_record(PointRecord, path, "name a point.json that `hwflow search` wrote.")


def remake(
    record: PointRecord, data: Sequence[Source], out: Path, kept: Path | None = None, test: Evaluation | None = None
) -> Remade:
    """Train the point's net again into the folder `out`, and compare its integers with the record.

    kept: the folder of the net as it was trained in the search, which is taken where training gives another here (as
    another processor's arithmetic may); test: the figure on the test part, if it is known. Raises ToolError if neither
    gives the net of the record.
    """
    again = _again(record, data, kept)
    if test is None and again.test is not None:
        test = again.road.judged(again.trained, again.network, *again.test)
    with whole_folder(out) as draft:
        for name, content in again.files.items():
            (draft / name).write_bytes(content)
        (draft / POINT).write_text(to_json(record))
        if again.test is not None:
            np.savez_compressed(draft / VECTORS, x=again.road.vectors(again.test[0]), y=again.test[1])
    return Remade(record.number, str(out / again.road.model), record.network, again.same, test)


def retrain(path: Path, data: Sequence[Source], out: Path) -> Remade:
    """The net of a point's file again, as the model file `out`, with the point's folding beside it (`Road.write`). Raises as `remake`."""
    record = read_point(path)
    again = _again(record, data, None)
    written = again.road.write(again.files, record.hardware.folding, out)
    return Remade(record.number, str(written), record.network, again.same, None)


@dataclass(frozen=True, eq=False)
class _Again:
    """A point's net: the files that keep it, its integers, whether training gave them, what the factory gave, and test samples and
    their classes."""

    road: Road
    files: Mapping[str, bytes]
    network: Net
    same: bool
    trained: Any
    test: tuple[Any, Any] | None


def _again(record: PointRecord, data: Sequence[Source], kept: Path | None) -> _Again:
    plan = record.plan
    if tuple(file_digest(source.path) for source in data) != plan.data:
        raise UserError(f"Point {record.number} was trained on other data; give its own files with --data.")
    found = find_factory(plan.factory, data, plan.budget)
    choices = Space(found.space.kind, plan.space).choices(record.choices)
    trained = call(found, choices, Watched(plan.seed, lambda reports: False, []))
    road = trained.road
    made = road.made(trained)
    files, network, same = made.files, made.network, made.network.digest == record.network
    if not same:
        files, network = _kept(record, road, kept, tuple(files))
    return _Again(road, files, network, same, trained, _test_part(trained))


def _kept(record: PointRecord, road: Road, kept: Path | None, names: Sequence[str]) -> tuple[Mapping[str, bytes], Net]:
    """The files of these names of the net that the search kept, and its integers."""
    network = road.read(kept) if kept is not None and all((kept / name).is_file() for name in names) else None
    if kept is None or network is None or network.digest != record.network:
        raise ToolError(f"Training gave other integers than point {record.number} has, and its own net is not kept here; bring the "
                        "study's folder `trained` along, or train on the machine of the search.")  # fmt: skip
    return {name: (kept / name).read_bytes() for name in names}, network


def _test_part(trained: Any) -> tuple[Any, Any] | None:
    if trained.test is None:
        return None
    x, y = trained.test()
    return np.asarray(x), np.asarray(y, dtype=np.int64)


@dataclass(frozen=True)
class Picked:
    """A point that was picked: what was remade, compiled, simulated on test vectors, and built, if that was wanted."""

    remade: Remade
    compilation: Told
    simulation: Told
    build: "Build | None" = None

    @property
    def right(self) -> bool:
        return self.simulation.right and (self.build is None or self.build.right)

    @property
    def wrong(self) -> str:
        return self.build.wrong if self.simulation.right and self.build else self.simulation.wrong

    def words(self) -> tuple[Part, ...]:
        built = () if self.build is None else self.build.words()
        return (*self.remade.words(), "", *self.compilation.words(), "", *self.simulation.words(), "", *built)


def pick(
    place: Place, number: str, board: str | None, data: Sequence[Source], build: bool, progress: Progress
) -> Picked:
    """Remake a point of a study, compile it for a board (None: the study's, by the point's own folding), simulate and build it.

    All of it lies in the study's folder under `picked/NUMBER`. Its figure on the test part is computed at its first pick,
    and kept in the study. Raises UserError if there is no such point.
    """
    check_there(place)
    store = place.store(progress)
    plan = store.join()
    found = found_in(store, plan)
    point = found.point(number)
    known = next((each.evaluation for each in found.tested if each.number == point.number), None)
    out = place.folder / "picked" / point.number
    progress(f"training point {point.number} again")
    remade = remake(record_of(found, point), data, out, place.trained / point.key, known)
    if remade.test is not None and known is None:
        store.note(TESTED + point.number, remade.test.to_json())
    own = board is None or board == plan.board
    how = point.hardware if own else plan.limits
    project = road_in(out).compile(
        out, board or plan.board, plan.clock if own else None, out / (board or plan.board), how, progress
    )
    vectors = out / VECTORS if (out / VECTORS).is_file() else None
    simulation = project.simulate(vectors, progress=progress)
    made = project.build(progress) if build and simulation.right and find_board(board or plan.board).has_part else None
    return Picked(remade, project.compilation(), simulation, made)
