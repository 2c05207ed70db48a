import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwflow.errors import UserError
from hwflow.evaluation import Evaluation, evaluate
from hwflow.records import read_record


def test_figures_of_a_small_matrix() -> None:
    evaluation = Evaluation("net", ("normal", "attack", "never"), ((8, 2, 0), (1, 4, 0), (0, 0, 0)))
    assert (evaluation.samples, evaluation.correct, evaluation.accuracy) == (15, 12, 0.8)
    assert evaluation.precision == (8 / 9, 4 / 6, None)
    assert evaluation.recall == (0.8, 0.8, None)
    assert evaluation.false_negative_rate == (0.2, 0.2, None)
    assert evaluation.f1 == (16 / 19, 8 / 11, None)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=100))
def test_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    true, said = np.array(pairs).T
    evaluation = evaluate("net", "abcd", true, said)
    assert np.array_equal(evaluation.confusion, confusion_matrix(true, said, labels=range(4)))
    assert evaluation.accuracy == pytest.approx(accuracy_score(true, said))
    scores = precision_recall_fscore_support(true, said, labels=range(4), zero_division=0.0)
    for ours, theirs in zip((evaluation.precision, evaluation.recall, evaluation.f1), scores[:3], strict=True):
        assert [rate or 0.0 for rate in ours] == pytest.approx(theirs.tolist())


def test_json_round_trip() -> None:
    evaluation = evaluate("net", ("a", "b"), np.array([0, 1, 1]), np.array([0, 1, 0]))
    assert Evaluation.from_json(json.loads(json.dumps(evaluation.to_json()))) == evaluation


@pytest.mark.parametrize("confusion", [(), ((1, 2),), ((1, 2), (3,)), ((1, 2, 3), (1, 2, 3)), ((1, -2), (3, 4))])
def test_what_is_no_confusion_of_its_classes(confusion: tuple[tuple[int, ...], ...], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="confusion of 2 classes|below 0"):
        Evaluation("net", ("normal", "attack"), confusion)
    record = {"name": "net", "class_names": ["normal", "attack"], "confusion": confusion}
    (tmp_path / "e.json").write_text(json.dumps(record))
    with pytest.raises(UserError, match="does not hold a readable Evaluation"):
        read_record(Evaluation, tmp_path / "e.json", "make it again.")
