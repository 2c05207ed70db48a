import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from apps.can_ids import logs
from apps.can_ids.logs import Frame, attack_log

from hwflow.apps.can_ids import dataset
from hwflow.apps.can_ids.dataset import can_dataset
from hwflow.apps.can_ids.frame import CLASS_NAMES, CanLog
from hwflow.apps.can_ids.recording import read_recordings
from hwflow.errors import UserError
from hwflow.sources import Source


def frames_of(log: CanLog, bus: int = 0, shift: float = 0.0) -> list[Frame]:
    rows = zip(log.time + shift, log.identifier, log.dlc, log.payload, log.label, strict=True)
    return [Frame(float(time), int(key), data[:dlc].tobytes(), bus, CLASS_NAMES[label] if label else "")
            for time, key, dlc, data, label in rows]  # fmt: skip


def candump(path: Path, *parts: Sequence[Frame]) -> Path:
    path.write_text("\n".join(logs.candump_log([frame for part in parts for frame in part])) + "\n")
    return path


def hcrl(path: Path, log: CanLog, *labels: int) -> Path:
    path.write_text("\n".join(logs.hcrl(frames_of(log.take(np.isin(log.label, (0, *labels)))))) + "\n")
    return path


def test_a_benign_log_gets_attacks_and_is_split_by_time(benign: CanLog, tmp_path: Path) -> None:
    data = can_dataset([Source(candump(tmp_path / "benign.log", frames_of(benign)), "normal")], seed=0)
    assert data.input_bits == 1
    assert data.class_names == CLASS_NAMES
    for labels in (data.y_train, data.y_test):
        assert set(labels) == {0, 1, 2, 3, 4}
    total = len(data.y_train) + len(data.y_validation) + len(data.y_test)
    assert total > len(benign)
    assert (
        f"{len(benign)} frames read from benign.log (candump -L): {len(benign):,} on bus can0. 1 session"
        in data.notes[0]
    )
    profile = dict(data.sidecars)["profile.json"]
    assert len(json.loads(profile)) > 40


def test_equal_seeds_give_equal_data(benign: CanLog, tmp_path: Path) -> None:
    sources = [Source(candump(tmp_path / "benign.log", frames_of(benign)), "normal")]
    one, two = can_dataset(sources, 3), can_dataset(sources, 3)
    assert np.array_equal(one.x_train, two.x_train)
    assert np.array_equal(one.y_test, two.y_test)


def test_a_log_without_labels_is_not_taken_as_benign(benign: CanLog, tmp_path: Path) -> None:
    path = candump(tmp_path / "dos.log", frames_of(benign))
    with pytest.raises(UserError, match=f"does not say which .*--data normal={path}"):
        can_dataset([Source(path)], 0)


def test_a_labelled_log_keeps_its_labels(benign: CanLog, tmp_path: Path) -> None:
    path = hcrl(tmp_path / "log.csv", attack_log(benign, 0).log, 1)
    data = can_dataset([Source(path)], 0)
    assert data.class_names == ("normal", "dos")
    assert set(data.y_train) == set(data.y_test) == {0, 1}
    assert "attacks are those of the logs" in data.notes[1]


def test_a_log_that_marks_all_as_normal_is_benign(benign: CanLog, tmp_path: Path) -> None:
    assert can_dataset([Source(hcrl(tmp_path / "log.csv", benign))], 0).class_names == CLASS_NAMES


@pytest.mark.slow
def test_several_logs_with_a_label_each(benign: CanLog, tmp_path: Path) -> None:
    sources = [
        Source(candump(tmp_path / "a.log", frames_of(benign)), "normal"),
        Source(candump(tmp_path / "b.log", frames_of(benign)), "Replay"),
        Source(hcrl(tmp_path / "c.csv", attack_log(benign, 0).log, 2), "DoS"),  # what it marks, whatever that would be
    ]
    data = can_dataset(sources, 0)
    assert data.class_names == ("normal", "dos", "replay")
    counts = np.bincount(np.concatenate([data.y_train, data.y_validation, data.y_test]))
    assert counts[2] == len(benign) and counts[0] > 1.9 * len(benign) and counts[1] > 400
    assert [f"{len(benign):,} replay" in note for note in data.notes[:3]] == [False, True, False]


def labels(path: Path, label: str) -> tuple[CanLog, tuple[str, ...]]:
    made = read_recordings([Source(path, label)], 0)
    return made.parts[0].log, made.class_names


def test_a_label_for_some_identifiers(benign: CanLog, tmp_path: Path) -> None:
    path = candump(tmp_path / "a.log", frames_of(benign))
    log, names = labels(path, "Replay@316,43f")
    assert np.array_equal(log.label == names.index("replay"), np.isin(log.identifier, (0x316, 0x43F)))
    assert set(log.label) == {0, names.index("replay")}


def test_a_label_for_marked_frames_of_some_identifiers(benign: CanLog, tmp_path: Path) -> None:
    attacked = attack_log(benign, 0).log
    log, names = labels(hcrl(tmp_path / "log.csv", attacked, 1, 3, 4), "replay@316")
    kept = attacked.label[np.isin(attacked.label, (0, 1, 3, 4))]
    assert np.array_equal(log.label, np.where(kept == 4, names.index("replay"), kept))


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("normal@316", "need no name"),
        ("dos@xyz", "'xyz' is no identifier"),
        ("dos@7FE", "has no frame under 7FE"),
        ("dos@", "'' is no"),
    ],
)
def test_identifiers_that_mean_nothing(benign: CanLog, tmp_path: Path, label: str, said: str) -> None:
    path = candump(tmp_path / "a.log", frames_of(benign))
    with pytest.raises(UserError, match=f"{said}.*--data dos@000={path}"):
        labels(path, label)


def test_a_log_with_attacks_is_not_normal(benign: CanLog, tmp_path: Path) -> None:
    path = hcrl(tmp_path / "log.csv", attack_log(benign, 0).log, 1)
    with pytest.raises(UserError, match="marks frames as attacks"):
        can_dataset([Source(path, "normal")], 0)


def test_some_frames_without_a_label(benign: CanLog, tmp_path: Path) -> None:
    path = hcrl(tmp_path / "log.csv", attack_log(benign, 0).log, 1)
    rows = path.read_text().splitlines()
    path.write_text("\n".join([*rows[:-3], *(row.rsplit(",", 1)[0] for row in rows[-3:])]) + "\n")
    with pytest.raises(UserError, match="of 3 it does not"):
        can_dataset([Source(path)], 0)


@pytest.mark.slow
def test_nothing_is_injected_or_timed_across_a_pause(benign: CanLog, tmp_path: Path) -> None:
    first, second = frames_of(benign), frames_of(benign, shift=86_400.0)
    path = candump(tmp_path / "two.log", first, second)
    parts = read_recordings([Source(path, "normal")], 0).parts
    assert len(parts) == 2
    for part, frames in zip(parts, (first, second), strict=True):
        start, stop = frames[0].time, frames[-1].time
        assert part.log.time[0] >= start - 0.01 and part.log.time[-1] <= stop + 0.1
        assert set(part.log.label) == {0, 1, 2, 3, 4}
        assert np.diff(part.log.time).max() < 0.1
    data = can_dataset([Source(path, "normal")], 0)
    assert "2 sessions" in data.notes[0] and "within 2 sessions" in data.notes[1]
    for period in (habit["period_us"] for habit in json.loads(dict(data.sidecars)["profile.json"]).values()):
        assert period < 2_000_000


@pytest.mark.slow
def test_each_session_is_seen_as_if_it_were_alone(benign: CanLog, tmp_path: Path) -> None:
    """Two sessions a day apart, and in the other order: the same samples, in another order."""
    log = attack_log(benign, 0).log
    half = len(log) // 2
    early, late = log.take(slice(0, half)), log.take(slice(half, None))
    made = []
    for shift in (86_400.0, -86_400.0):
        frames = frames_of(early) + frames_of(late, shift=shift)
        path = tmp_path / "log.csv"
        path.write_text("\n".join(logs.hcrl([f._replace(time=f.time + 1e5) for f in frames])) + "\n")
        made.append(can_dataset([Source(path)], 0))
    assert np.array_equal(made[0].x_train, made[1].x_train)
    assert np.array_equal(made[0].x_test, made[1].x_test)


def test_two_buses_have_their_own_habits_and_attacks_go_into_one(benign: CanLog, tmp_path: Path) -> None:
    few = benign.take(benign.identifier < 0x300)
    both = sorted(frames_of(benign) + frames_of(few, bus=1), key=lambda frame: frame.time)
    path = candump(tmp_path / "two.log", both)
    parts = read_recordings([Source(path, "normal")], 0).parts
    assert [(part.bus, len(set(part.log.label))) for part in parts] == [("can0", 5), ("can1", 1)]
    assert len(parts[1].log) == len(few)
    data = can_dataset([Source(path, "normal")], 0)
    assert "of bus can0" in data.notes[1]
    profile = json.loads(dict(data.sidecars)["profile.json"])
    assert set(profile) == {"can0", "can1"} and len(profile["can1"]) < len(profile["can0"])


def test_too_few_frames(benign: CanLog, tmp_path: Path) -> None:
    path = candump(tmp_path / "short.log", frames_of(benign.take(slice(0, 200))))
    with pytest.raises(UserError, match="too few"):
        can_dataset([Source(path, "normal")], 0)


def test_no_times(tmp_path: Path) -> None:
    path = tmp_path / "iov.csv"
    path.write_text("\n".join(logs.iov(logs.traffic(300))))
    with pytest.raises(UserError, match="has no times"):
        can_dataset([Source(path)], 0)


def test_a_labelled_log_of_one_class_in_its_first_part(tmp_path: Path) -> None:
    rows = [f"{i * 0.01:.2f},0316,1,00,{'T' if i > 1900 else 'R'}\n" for i in range(2000)]
    path = tmp_path / "late.csv"
    path.write_text("".join(rows))
    with pytest.raises(UserError, match="one class"):
        can_dataset([Source(path)], 0)


@pytest.mark.slow
def test_the_generator_has_enough_of_every_attack() -> None:
    (part,) = dataset.generated(0).parts
    assert (np.bincount(part.log.label[part.log.time >= part.cut], minlength=5) >= 3000).all()


@pytest.mark.slow
def test_a_real_log(shared: Path) -> None:
    data = can_dataset([Source(shared / "data/can/savvycan_candump.log", "normal")], 0)
    assert "12974 frames" in data.notes[0]
    assert (np.bincount(data.y_test, minlength=5) >= 200).all()
