from pathlib import Path

import numpy as np
import pytest
from apps.can_ids import watching as made

from hwflow.apps.can_ids.watch.feeds import feed_of
from hwflow.apps.can_ids.watch.replay import LogFeed, PacedFeed, _due, recorded
from hwflow.errors import UserError


def test_the_speed_is_behind_the_last_at_unless_a_file_has_that_name(tmp_path: Path) -> None:
    log = made.candump(tmp_path / "a@2", made.benign(20))
    assert isinstance(feed_of(f"log:{log}"), LogFeed)
    assert isinstance(feed_of(f"log:{log}@2.5"), PacedFeed)
    for speed in ("0", "-1", "inf", "nan", "fast", ""):
        with pytest.raises(UserError, match="is no speed; give log:.*@1 for"):
            feed_of(f"log:{log}@{speed}")


@pytest.mark.parametrize("text", ["", "log", "log:", ":can0", "socketcan:"])
def test_what_names_no_bus(text: str) -> None:
    with pytest.raises(UserError, match="names no bus; give --bus socketcan:can0"):
        feed_of(text)


def test_a_log_without_times(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("ID,DATA_0,label\n" + "123,4,BENIGN\n" * 30)
    with pytest.raises(UserError, match="has no times"):
        feed_of(f"log:{tmp_path / 'a.csv'}")


def test_pauses_between_sessions_are_not_waited_for(tmp_path: Path) -> None:
    lines = (
        made.candump(tmp_path / "a", made.benign(20)).read_text()
        + made.candump(tmp_path / "b", made.benign(20, start=9000.0)).read_text()
    )
    (tmp_path / "both").write_text(lines)
    due = _due(recorded(tmp_path / "both"), 2.0)
    assert np.all(np.diff(due) >= 0)
    assert due[-1] == pytest.approx(2 * 19 * made.PERIOD / 2 / 2)
