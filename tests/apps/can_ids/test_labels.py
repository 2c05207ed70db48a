from pathlib import Path

import pytest
from apps.can_ids import logs
from apps.can_ids.logs import Frame, attacked, traffic

from hwflow.apps.can_ids.contents import labels_of
from hwflow.apps.can_ids.labels import class_of, told_by_name
from hwflow.apps.can_ids.readers import read_log

UNKNOWN_CARS = [0x100 + 3 * k for k in range(60)]


@pytest.mark.parametrize(("words", "name"), [
    (["R"], "normal"), (["0"], "normal"), (["BENIGN", "BENIGN", "BENIGN"], "normal"), (["attack-free"], "normal"),
    (["T"], "attack"), (["1"], "attack"), (["Attack", ""], "attack"), ([""], "unknown"),
    (["Attack", "Flooding"], "dos"), (["DoS"], "dos"), (["ATTACK", "DoS", "DoS"], "dos"), (["Fuzzing"], "fuzzy"),
    (["Attack", "Spoofing"], "spoof"), (["Attack", "Replay"], "replay"), (["ATTACK", "SPOOFING", "RPM"], "spoof-rpm"),
    (["ATTACK", "SPOOFING", "STEERING_WHEEL"], "spoof-steering-wheel"), (["gear spoofing"], "spoof-gear"),
    (["spoof-speed"], "spoof-speed"), (["3"], "class-3"),
])  # fmt: skip
def test_what_logs_call_their_frames(words: list[str], name: str) -> None:
    assert class_of(words) == name


@pytest.mark.parametrize(("file", "name"), [
    ("DoS_dataset.csv", "dos"), ("Fuzzy_dataset.csv", "fuzzy"), ("gear-1.csv", "spoof-gear"), ("dosage.csv", ""),
    ("dos_and_fuzzy.csv", ""), ("window.csv", ""), ("dosage_rpm.csv", "spoof-rpm"),
])  # fmt: skip
def test_whole_words_of_the_name(file: str, name: str) -> None:
    assert told_by_name(Path(file)) == name


def labels(path: Path, frames: list[Frame]) -> dict[str, int]:
    path.write_text("\n".join(logs.hcrl(frames)) + "\n")
    return labels_of(read_log(path))


def fuzzed(frames: list[Frame]) -> list[Frame]:
    return [f._replace(identifier=UNKNOWN_CARS[i % 60]) if f.attack else f for i, f in enumerate(frames)]


@pytest.mark.parametrize(("name", "identifier", "attack"), [
    ("mine.csv", 0x000, "dos"), ("mine.csv", 0x43F, "spoof-gear"), ("mine.csv", 0x316, "spoof-rpm"),
    ("mine.csv", 0x1B4, "spoof"), ("mine.csv", 0x001, "dos"), ("mine.csv", 0x555, "attack"),
    ("dosage_spoof_gear.csv", 0x43F, "spoof-gear"), ("dosage.csv", 0x316, "spoof-rpm"), ("gear.csv", 0x1B4, "spoof-gear"),
    ("rpm_or_so.csv", 0x43F, "spoof-gear"), ("Fuzzy_dataset.csv", 0x316, "fuzzy"),
])  # fmt: skip
def test_one_attack_by_its_identifier(name: str, identifier: int, attack: str, tmp_path: Path) -> None:
    assert labels(tmp_path / name, attacked(traffic(300), identifier, "T")) == {"normal": 300, attack: 100}


def test_several_attacks_in_one_file_by_their_identifiers(tmp_path: Path) -> None:
    parts = [
        attacked(traffic(300, start=1000.0), 0x000, "T"),
        fuzzed(attacked(traffic(300, start=2000.0), 0x001, "T")),
        attacked(traffic(300, start=3000.0), 0x43F, "T"),
        attacked(traffic(300, start=4000.0), 0x316, "T"),
    ]
    found = labels(tmp_path / "all_attacks.csv", [frame for part in parts for frame in part])
    assert found == {"normal": 1200, "dos": 100, "fuzzy": 100, "spoof-gear": 100, "spoof-rpm": 100}


def test_numbered_classes(tmp_path: Path) -> None:
    frames = attacked(traffic(300), 0x001, "1", 2) + attacked(traffic(300, start=1.8e9), 0x002, "2", 2)
    path = tmp_path / "log.csv"
    rows = ["timestamp,id,data,label"]
    path.write_text("\n".join(rows + [f"{f.time},{f.identifier:x},{f.data.hex()},{f.attack or 0}" for f in frames]))
    assert labels_of(read_log(path)) == {"normal": 600, "class-1": 150, "class-2": 150}
