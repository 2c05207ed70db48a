"""Small logs in ROAD's layout, made here."""

import json
from pathlib import Path

import numpy as np
import pytest
from apps.can_ids.logs import candump_log, traffic

from hwflow.apps.can_ids.contents import labels_of
from hwflow.apps.can_ids.logfile import LogFile
from hwflow.apps.can_ids.readers import read_log
from hwflow.errors import UserError

ATTACK = {
    "elapsed_sec": 1.0,
    "injection_id": "0x316",
    "injection_data_str": "XXXX0XXXXXXXXXXX",
    "injection_interval": [0.2, 0.5],
}


def read(folder: Path, name: str, entry: object) -> LogFile:
    log = folder / f"{name}.log"
    log.write_text("\n".join(candump_log(traffic())) + "\n")
    (folder / "capture_metadata.json").write_text(json.dumps({name: entry, "another": {}}))
    return read_log(log)


def test_interval_identifier_and_data_tell_what_was_injected(tmp_path: Path) -> None:
    file = read(tmp_path, "max_speedometer_attack_1", ATTACK)
    log = file.traces[0].log
    since = log.time - log.time[0]
    wanted = (since > 0.1999) & (since < 0.5001) & (log.identifier == 0x316) & (log.payload[:, 2] < 16)
    assert 0 < wanted.sum() < 60
    assert np.array_equal(log.label == file.class_names.index("max-speedometer"), wanted)
    assert file.labelled and labels_of(file)["normal"] == 1000 - wanted.sum()
    assert file.form == "candump -L, labels from capture_metadata.json"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fuzzing_attack_3", "fuzzy"),
        ("reverse_light_on_attack_2_masquerade", "masquerade"),
        ("correlated_signal_attack_1", "correlated-signal"),
        ("max_engine_coolant_temp_attack", "max-engine-coolant-temp"),
    ],
)
def test_the_name_tells_the_class(tmp_path: Path, name: str, said: str) -> None:
    entry = ATTACK | {"injection_id": "XXX", "injection_data_str": "X" * 16}
    assert labels_of(read(tmp_path, name, entry)) == {"normal": 699, said: 301}


def test_ambient_logs_are_normal_and_attacks_that_nobody_marks_are_not(tmp_path: Path) -> None:
    assert labels_of(read(tmp_path, "ambient_dyno_drive_basic_long", {"on_dyno": True})) == {"normal": 1000}
    nothing = dict.fromkeys(ATTACK)
    assert not read(tmp_path, "accelerator_attack_drive_1", nothing).labelled


def test_a_log_that_is_not_named_stays_as_it_is(tmp_path: Path) -> None:
    read(tmp_path, "fuzzing_attack_1", ATTACK)
    (tmp_path / "mine.log").write_text((tmp_path / "fuzzing_attack_1.log").read_text())
    assert not read_log(tmp_path / "mine.log").labelled


@pytest.mark.parametrize(
    "entry",
    [
        7,
        ATTACK | {"injection_interval": [1]},
        ATTACK | {"injection_interval": [0, 10**400]},
        ATTACK | {"injection_id": None},
        ATTACK | {"injection_data_str": "XYZ"},
    ],
    ids=["number", "interval", "huge", "identifier", "data"],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, entry: object) -> None:
    with pytest.raises(
        UserError,
        match="capture_metadata.json, beside dos_attack.log, does not tell which frames were injected .*; mend it",
    ):
        read(tmp_path, "dos_attack", entry)
