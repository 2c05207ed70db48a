"""Which net watches, and whose profile it is given."""

import json
from pathlib import Path

import pytest
from apps.can_ids import watching as made

from hwflow.apps.can_ids.frame import CLASS_NAMES
from hwflow.apps.can_ids.profile import learn_profile
from hwflow.apps.can_ids.watch.net import detecting
from hwflow.errors import UserError
from hwflow.project import Project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.project(tmp_path_factory.mktemp("net"))


def training(folder: Path, names: tuple[str, ...], model: str = "model.onnx") -> Path:
    """A profile with the record of a training beside it, of a net with so many classes."""
    evaluation = {"name": "net", "class_names": names, "confusion": [[1] * len(names)] * len(names)}
    document = {"recipe": "can-ids", "bits": 2, "seed": 0, "model": model, "sizes": [128, len(names)], "weights": 9, "quantised": evaluation,
                "float": evaluation, "baselines": [], "samples": {}, "notes": [], "versions": {}, "seconds": 1}  # fmt: skip
    (folder / "training.json").write_text(json.dumps(document))
    (folder / "profile.json").write_text(json.dumps({"123": learn_profile(made.benign()).to_json()["123"]}))
    return folder / "profile.json"


def test_a_profile_alone_and_one_with_names(project: Path, tmp_path: Path) -> None:
    assert detecting(project, None, False).class_names == CLASS_NAMES
    names = ("normal", "a", "b", "c", "d")
    found = detecting(project, training(tmp_path, names), False)
    assert found.class_names == names and list(found.profiles[""].habits) == [0x123]


def test_a_profile_of_another_net_is_refused(project: Path, tmp_path: Path, tiny_model: Path) -> None:
    said = "was left by the training of another net than that in .*; name its own with --profile"
    with pytest.raises(UserError, match=said):
        detecting(project, training(tmp_path, ("normal", "attack")), False)
    (tmp_path / "model.onnx").write_bytes(tiny_model.read_bytes())
    with pytest.raises(UserError, match=said):
        detecting(project, training(tmp_path, CLASS_NAMES), False)


def test_a_net_of_another_family(tmp_path: Path) -> None:
    Project({"network.json": b'{"family": "spiking"}'}, "top", "sim").save(tmp_path)
    with pytest.raises(UserError, match="is spiking and gives no class for each frame; compile one that"):
        detecting(tmp_path, None, False)
