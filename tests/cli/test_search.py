"""What `hwflow search` and `train` of a point refuse before anything is done."""

import json
from pathlib import Path

import pytest

from hwflow.cli import app, perform


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("digits",), "give --board"),
        (("digits", "--board", "nowhere"), "nowhere"),
        (("digits", "--resume", "--show"), "exclude each other"),
        (("digits", "--show"), "is not there; begin a search"),
        (("digits", "--board", "sim", "--space", "depth=4"), "depth may be 1,2,3"),
        (("digits", "--board", "sim", "--objective", "luts"), "No objective is of accuracy"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], says: str) -> None:
    status = perform(app, ["search", *words, "--out", str(tmp_path / "study"), "--json"])
    error = json.loads(capfd.readouterr().out)["error"]
    assert status == 2 and says in error
    assert not (tmp_path / "study").exists()


def test_a_point_that_is_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    point, out = tmp_path / "point.json", str(tmp_path / "model.onnx")
    point.write_text("{}")
    for more, says in (([], "name a point.json that `hwflow search` wrote"), (["--bits", "2"], "--bits means nothing")):
        assert perform(app, ["train", str(point), "--out", out, "--json", *more]) == 2
        assert says in json.loads(capfd.readouterr().out)["error"]
