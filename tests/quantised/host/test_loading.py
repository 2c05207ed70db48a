"""Weights into a board over the link: another net into the same one, others refused, loads that break off."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from quantised.backend.test_loads import loaded, of_shape

from hwflow.errors import ToolError
from hwflow.host.errors import Refused, WrongBoard
from hwflow.host.link import Link, open_link
from hwflow.host.requests import Command, Operation, Status
from hwflow.project import ProjectFolder, put
from hwflow.quantised.backend.compiled import Compiled
from hwflow.quantised.backend.loading import Loading, loading_of
from hwflow.quantised.host import loading as host
from hwflow.quantised.project import QuantisedProject

pytestmark = pytest.mark.slow


def project(folder: Path, seed: int, **shape: bool) -> QuantisedProject:
    made, _ = put(loaded(of_shape(seed, **shape)), folder / f"{seed}{len(shape)}")
    return QuantisedProject.of(ProjectFolder.read(made.path, trust=True))


def content(of: QuantisedProject) -> Loading:
    loading = loading_of(of.compiled)
    assert isinstance(of.compiled, Compiled) and loading is not None
    return loading


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loading")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[QuantisedProject, str]]:
    first = project(folder, 0)
    with first.serve() as board:
        yield first, board.port


@pytest.fixture
def link(served: tuple[QuantisedProject, str]) -> Iterator[Link]:
    with open_link(served[1], baud=served[0].baud, deadline=60) as opened:
        yield opened


def unloaded(link: Link, first: QuantisedProject) -> bool:
    with pytest.raises(Refused, match="not loaded.*hwflow run") as refused:
        link.stream(bytes(first.compiled.design.input_bytes), 1)
    return refused.value.status == Status.NOT_LOADED and host.loaded_digest(link) is None


def test_nets_of_the_same_shapes_take_turns_on_a_board(served: tuple[QuantisedProject, str], folder: Path) -> None:
    first, port = served
    with open_link(port, baud=first.baud, deadline=60) as link:
        assert unloaded(link, first)
    for one in (first, project(folder, 1), project(folder, 2), first):
        record = one.run(port, count=30)
        assert record.mismatches == 0 and record.latency_cycles == record.predicted_latency_cycles
        with one.open(port) as board:
            assert board.run([[0.0] * 10]).shape == (1, 1)
        with open_link(port, baud=one.baud, deadline=60) as link:
            assert not host.load(link, content(one).content)  # HELLO leaves it there
    with pytest.raises(WrongBoard, match="built for nets of the shapes"):
        project(folder, 3, outputs=True).run(port, count=1)


def test_a_load_that_breaks_off_leaves_nothing_to_run(served: tuple[QuantisedProject, str], link: Link) -> None:
    first, port = served
    loading = content(first)
    writes = [Command(Operation.WRITE, host.MEMORIES + 2 * at, data) for at, data in loading.content.runs(4)]
    for some in (1, len(writes) // 2, len(writes)):
        host.load(link, loading.content)
        broken_off = link.run(writes)
        assert len(list(islice(broken_off, some))) == some
        broken_off.close()
        assert unloaded(link, first)
    link.close()
    assert first.run(port, count=5).mismatches == 0


def test_what_reads_back_otherwise_is_refused(
    served: tuple[QuantisedProject, str], link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = served
    loading = content(first)
    link.write(host.MEMORIES, b"\0\0")

    def flipped(commands: list[Command]) -> Iterator[bytes]:
        at = next(i for i, command in enumerate(commands) if command.operation == Operation.READ)
        for number, reply in enumerate(run(commands)):
            yield bytes([reply[0] ^ 1, *reply[1:]]) if number == at else reply

    run = link.run
    monkeypatch.setattr(link, "run", flipped)
    monkeypatch.setattr(host, "loaded_digest", lambda link: None)
    with pytest.raises(ToolError, match="1 read back otherwise"):
        host.load(link, loading.content)
    monkeypatch.undo()
    assert unloaded(link, first)
