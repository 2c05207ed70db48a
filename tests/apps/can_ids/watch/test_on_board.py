"""The classes from a board on a port: a model of the device behind a pseudo-terminal."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from apps.can_ids import watching as made
from host.device_model import Device, PtyDevice, identity

from hwflow.apps.can_ids.watch.found import Alarm
from hwflow.apps.can_ids.watch.watching import open_watch
from hwflow.errors import UserError
from hwflow.ints import pack_vectors, unpack_vectors
from hwflow.project import ProjectFolder
from hwflow.quantised import reference
from hwflow.shell.build_digest import build_of


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.project(tmp_path_factory.mktemp("ids"))


@pytest.fixture
def board(project: Path) -> Iterator[PtyDevice]:
    network = made.net()
    kind = network.output_type

    def infer(vector: bytes) -> bytes:
        x = unpack_vectors(np.frombuffer(vector, np.uint8)[None], network.input_size, network.input_type)
        return pack_vectors(reference.run(network, x), kind).tobytes()

    build = build_of(ProjectFolder.read(project).project)
    types = (1, 0, kind.bits, int(kind.signed))
    hello = identity(inputs=16, outputs=1, sizes=(128, 1), types=types, digest=network.digest, build=build)
    with PtyDevice(Device(16, 1, infer, hello_payload=hello)) as device:
        yield device


def test_a_board_says_what_the_reference_says(project: Path, board: PtyDevice, tmp_path: Path) -> None:
    log = made.labelled(tmp_path / "a.csv", made.attacked())
    told: list[list[Alarm]] = []
    for port in (None, board.port):
        told.append([])
        with open_watch(project, f"log:{log}", port=port) as watching:
            record = watching.run(told[-1].extend)
        assert record.right and record.by == (port or "reference")
    assert told[0] == told[1] and len(told[0]) == 12


def test_a_board_that_is_unplugged(project: Path, board: PtyDevice, tmp_path: Path) -> None:
    log = made.candump(tmp_path / "a.log", made.attacked())

    def unplug(alarms: object) -> None:
        board.unplug()

    with open_watch(project, f"log:{log}@5", port=board.port) as watching:
        record = watching.run(unplug)
    assert 80 < record.frames < 212 and record.ended == "fault" and record.classes["normal"] > 80
    assert record.wrong.startswith(f"The port {board.port} was lost") and record.wrong.endswith(
        "what was seen until then is told above."
    )


def test_a_rate_without_a_board(project: Path, tmp_path: Path) -> None:
    log = made.candump(tmp_path / "a.log", made.benign())
    with (
        pytest.raises(UserError, match="--baud means nothing without --port"),
        open_watch(project, f"log:{log}", baud=9600),
    ):
        pass
