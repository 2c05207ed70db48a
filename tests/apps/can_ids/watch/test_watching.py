"""From a feed to the record, in this process."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import can
import numpy as np
import pytest
from apps.can_ids import watching as made

from hwflow.apps.can_ids.features import features
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.profile import read_profiles
from hwflow.apps.can_ids.watch.found import Alarm, Watched
from hwflow.apps.can_ids.watch.watching import Watching, open_watch
from hwflow.errors import UserError
from hwflow.quantised import reference


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.project(tmp_path_factory.mktemp("ids"))


def watched(project: Path, bus: str, **options: object) -> tuple[Watched, list[Alarm]]:
    alarms: list[Alarm] = []
    with open_watch(project, bus, **options) as watching:  # type: ignore[arg-type]
        return watching.run(alarms.extend), alarms


def test_a_log_with_labels(project: Path, tmp_path: Path) -> None:
    record, alarms = watched(project, f"log:{made.labelled(tmp_path / 'a.csv', made.attacked())}")
    assert record.frames == 212 and record.ended == "end" and record.right
    assert record.classes == {"normal": 200, "dos": 4, "fuzzy": 4, "spoof-gear": 0, "spoof-rpm": 4}
    assert record.evaluation is not None and record.evaluation.accuracy == 1
    assert (record.unknown_frames, record.unknown_identifiers, record.dropped) == (8, 2, 0)
    assert sum(count for _, count in record.latency.histogram) == 212
    assert [(alarm.identifier, alarm.said) for alarm in alarms[::4]] == [
        ("000", "dos"),
        ("7AB", "fuzzy"),
        ("123", "spoof-rpm"),
    ]
    why = [[(spoke.measure, spoke.value) for spoke in alarm.why] for alarm in alarms[::4]]
    assert why == [[("known", 0)], [("known", 0)], [("gap/period", 8)]]


def test_what_is_said_is_what_the_reference_says_of_the_whole_log(project: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    log = made.attacked(3000)
    log.payload[:] = rng.integers(0, 256, log.payload.shape)
    path = made.candump(tmp_path / "a.log", log)
    alarms: list[Alarm] = []
    with open_watch(project, f"log:{path}") as watching:
        record = watching.run(alarms.extend)
    x = features(log, read_profiles(project.parent / "profile.json")[""])
    said = reference.run(made.net(), x.astype(np.int64))[:, 0]
    assert list(record.classes.values()) == np.bincount(said, minlength=5).tolist()
    assert [alarm.time for alarm in alarms] == pytest.approx(log.time[said != 0])
    assert record.evaluation is None  # candump says nothing of attacks


def test_sessions_begin_anew(project: Path, tmp_path: Path) -> None:
    """The first frames after a pause are nobody's successors: neither late nor early."""
    first, second = made.benign(100), made.benign(100, start=500.0)
    both = CanLog(
        *(np.concatenate([getattr(one, name) for one in (first, second)]) for name in CanLog.__dataclass_fields__)
    )
    record, alarms = watched(project, f"log:{made.candump(tmp_path / 'a.log', both)}")
    assert record.frames == 200 and not alarms


def test_two_buses_each_with_its_profile(project: Path, tmp_path: Path) -> None:
    one, other = made.candump(tmp_path / "one", made.benign()), made.candump(tmp_path / "two", made.benign(), "can1")
    lines = sorted(one.read_text().splitlines() + other.read_text().splitlines())
    (tmp_path / "both").write_text("\n".join(lines) + "\n")
    text = (project.parent / "profile.json").read_text()
    (tmp_path / "two.json").write_text(f'{{"can0": {text}, "can1": {{}}}}')
    record, alarms = watched(project, f"log:{tmp_path / 'both'}", profile=tmp_path / "two.json")
    assert record.classes["normal"] == 200 and record.classes["fuzzy"] == 200
    assert {alarm.bus for alarm in alarms} == {"can1"}
    (tmp_path / "one.json").write_text(f'{{"can0": {text}, "can2": {{}}}}')
    with pytest.raises(UserError, match="The profile is of the buses can0, can2, and .* is bus can1; name a bus"):
        watched(project, f"log:{tmp_path / 'both'}", profile=tmp_path / "one.json")


def test_a_paced_log_keeps_its_pace(project: Path, tmp_path: Path) -> None:
    path = made.candump(tmp_path / "a.log", made.attacked())
    start = time.monotonic()
    record, _ = watched(project, f"log:{path}@4")
    assert 0.24 < time.monotonic() - start < 5
    assert record.frames == 212 and record.dropped == 0


@pytest.fixture
def bus(request: pytest.FixtureRequest) -> Iterator[tuple[str, can.BusABC]]:
    name = request.node.name
    with can.Bus(name, interface="virtual") as sender:
        yield f"virtual:{name}", sender


def sent(sender: can.BusABC, log: CanLog, *others: can.Message) -> None:
    for message in others:
        sender.send(message)
    for identifier, data in zip(log.identifier.tolist(), log.payload, strict=True):
        sender.send(can.Message(arbitration_id=identifier, data=bytes(data), is_extended_id=identifier > 0x7FF))


def in_a_thread(watching: Watching, seconds: float) -> Callable[[], Watched]:
    found: list[Watched] = []
    thread = threading.Thread(target=lambda: found.append(watching.run(lambda alarms: None, seconds)))
    thread.start()

    def result() -> Watched:
        thread.join()
        return found[0]

    return result


def test_a_bus(project: Path, bus: tuple[str, can.BusABC]) -> None:
    name, sender = bus
    log = made.benign(20)
    log.identifier[::2] = 0x12345678
    with open_watch(project, name) as watching:
        result = in_a_thread(watching, 0.5)
        sent(sender, log, can.Message(is_fd=True), can.Message(is_error_frame=True))
        record = result()
    assert (record.frames, record.ended) == (20, "seconds")
    assert record.passed_over == {"a CAN FD frame": 1, "an error frame": 1}
    assert (record.unknown_frames, record.unknown_identifiers) == (10, 1)
    assert record.classes["fuzzy"] == 10


def test_an_interface_that_goes_away(
    project: Path, bus: tuple[str, can.BusABC], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, sender = bus
    opened: list[can.BusABC] = []
    make = can.Bus
    monkeypatch.setattr(can, "Bus", lambda *words, **more: opened.append(make(*words, **more)) or opened[-1])
    with open_watch(project, name) as watching:
        result = in_a_thread(watching, 20)
        sent(sender, made.benign(20))
        while watching.seen.frames < 20:
            time.sleep(0.01)
        opened[0].shutdown()
        record = result()
    assert record.frames == 20 and record.ended == "fault" and not record.right
    assert record.wrong == (f"{name} went away (Cannot operate on a closed bus); look at the interface, and start again; what was "
                            "seen until then is told above.")  # fmt: skip
