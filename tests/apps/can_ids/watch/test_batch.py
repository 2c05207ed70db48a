from hwflow.apps.can_ids.watch.batch import Sessions


def test_a_pause_or_a_clock_that_goes_back_begins_another_session() -> None:
    times = (1000.0, 1000.9, 1001.9, 1001.85, 1003.0, 1003.1, 5.0, 5.5)
    sessions = Sessions()
    assert [sessions.of(time) for time in times] == [0, 0, 0, 0, 1, 1, 2, 2]
