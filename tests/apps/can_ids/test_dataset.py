import json
from pathlib import Path

import numpy as np
import pytest

from hwflow.apps.can_ids import dataset
from hwflow.apps.can_ids.dataset import attack_log, can_dataset
from hwflow.apps.can_ids.frame import CanLog
from hwflow.apps.can_ids.vehicle import generate
from hwflow.errors import UserError

REAL_LOG = Path(__file__).resolve().parents[4] / "shared/data/can/savvycan_candump.log"


def write_candump(log: CanLog, path: Path) -> Path:
    rows = zip(log.time, log.identifier, log.dlc, log.payload, strict=True)
    lines = [f"({time:.6f}) can0 {key:03X}#{data[:dlc].tobytes().hex()}\n" for time, key, dlc, data in rows]
    path.write_text("".join(lines))
    return path


def test_a_benign_log_gets_attacks_and_is_split_by_time(benign: CanLog, tmp_path: Path) -> None:
    data = can_dataset(write_candump(benign, tmp_path / "benign.log"), seed=0)
    assert data.input_bits == 1
    for labels in (data.y_train, data.y_test):
        assert set(labels) == {0, 1, 2, 3, 4}
    total = len(data.y_train) + len(data.y_validation) + len(data.y_test)
    assert total > len(benign)
    assert "benign.log, 0 broken lines skipped" in data.notes[0]
    profile = dict(data.sidecars)["profile.json"]
    assert len(json.loads(profile)) > 40


def test_equal_seeds_give_equal_data(benign: CanLog, tmp_path: Path) -> None:
    path = write_candump(benign, tmp_path / "benign.log")
    one, two = can_dataset(path, 3), can_dataset(path, 3)
    assert np.array_equal(one.x_train, two.x_train)
    assert np.array_equal(one.y_test, two.y_test)


def test_a_labelled_log_keeps_its_labels(benign: CanLog, tmp_path: Path) -> None:
    log = attack_log(benign, 0).log
    rows = zip(log.time, log.identifier, log.dlc, log.payload, log.label, strict=True)
    lines = []
    for time, key, dlc, payload, label in rows:
        if label in (0, 1):
            cells = [f"{time:.6f}", f"{key:04x}", str(dlc), *(f"{byte:02x}" for byte in payload[:dlc])]
            lines.append(",".join([*cells, "T" if label else "R"]) + "\n")
    path = tmp_path / "DoS_dataset.csv"
    path.write_text("".join(lines))
    data = can_dataset(path, 0)
    assert set(data.y_train) | set(data.y_test) == {0, 1}
    assert "as the file marks them" in data.notes[0]


def test_too_few_frames(benign: CanLog, tmp_path: Path) -> None:
    path = write_candump(benign.take(slice(0, 200)), tmp_path / "short.log")
    with pytest.raises(UserError, match="too few"):
        can_dataset(path, 0)


def test_a_labelled_log_of_one_class_in_its_first_part(tmp_path: Path) -> None:
    rows = [f"{i * 0.01:.2f},0316,1,00,{'T' if i > 1900 else 'R'}\n" for i in range(2000)]
    path = tmp_path / "late.csv"
    path.write_text("".join(rows))
    with pytest.raises(UserError, match="one class"):
        can_dataset(path, 0)


@pytest.mark.slow
def test_the_generator_has_enough_of_every_attack() -> None:
    recording = attack_log(generate(0, dataset.GENERATED_SECONDS), 0)
    test = recording.log.label[recording.log.time >= recording.cut]
    assert (np.bincount(test, minlength=5) >= 3000).all()


@pytest.mark.skipif(not REAL_LOG.exists(), reason=f"{REAL_LOG} is not here")
def test_a_real_log() -> None:
    data = can_dataset(REAL_LOG, 0)
    assert "12974 frames" in data.notes[0]
    assert (np.bincount(data.y_test, minlength=5) >= 200).all()
