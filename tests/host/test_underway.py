"""What a reply shows of the requests around it: each loss is met once, and at once."""

import pytest
from host.device_model import MEMORY, Device, VirtualPort

from hwflow.host.frame import Reply, Request, encode
from hwflow.host.link import Link
from hwflow.host.requests import Command, Operation
from hwflow.host.underway import Waiting, lost_before, lost_with


def waiting(*copies: list[int]) -> list[Waiting]:
    """Requests 10, 11, … whose copies were sent in these places."""
    requests = [Request(10 + i, Operation.WRITE, 0) for i in range(len(copies))]
    return [Waiting(r, encode(r), list(c), sent=0.0, since=0.0) for r, c in zip(requests, copies, strict=True)]


def answer(entry: Waiting) -> None:
    entry.reply = Reply(entry.request.sequence, 0, 0)


def test_replies_of_older_requests_are_lost_when_a_later_one_is_answered() -> None:
    entries = waiting([1], [2], [3], [4])
    answer(entries[1])
    answer(entries[3])
    assert lost_before(entries[3], entries[:3]) == [entries[0], entries[2]]


def test_what_was_sent_again_since_is_not_taken_for_lost() -> None:
    entries = waiting([1, 5], [2], [3], [4])
    assert lost_before(entries[3], entries[:3]) == entries[1:3]


def test_a_rejection_brings_back_everything_once() -> None:
    entries = waiting([1], [2], [3])
    answer(entries[0])
    assert lost_with(entries[2], 11, entries) == entries[1:]
    for place, entry in enumerate(entries[1:], 4):
        entry.copies.append(place)
    assert lost_with(entries[2], 11, entries) == entries[1:]  # its second copy was rejected: 11 was lost again
    assert entries[2].rejected == 2


def test_a_rejection_of_what_was_sent_before_the_repetition_is_stale() -> None:
    entries = waiting([1], [2], [3])
    assert lost_with(entries[1], 10, entries) == entries
    for place, entry in enumerate(entries, 4):
        entry.copies.append(place)
    assert lost_with(entries[2], 10, entries) == []


@pytest.mark.parametrize("expected", [12, 13, 200])
def test_a_number_that_is_no_older_requests_is_another_programs(expected: int) -> None:
    entries = waiting([1], [2], [3])
    assert lost_with(entries[2], expected, entries) is None


@pytest.mark.parametrize("lost", range(1, 31))
def test_a_lost_request_costs_one_window_and_no_timeout(lost: int) -> None:
    class Lossy(VirtualPort):
        sent = -1

        def send(self, data: bytes) -> None:
            self.sent += 1
            if self.sent == lost:
                self._up_free = max(self._up_free, self._time) + self.seconds(len(data))
            else:
                super().send(data)

    device = Device()
    link = Link(Lossy(device))
    list(link.run(Command(Operation.WRITE, MEMORY + i, bytes([i])) for i in range(40)))
    assert [payload[0] for _, payload in device.writes] == list(range(40))
    assert 1 <= link.counters.repeated <= device.window
    assert link.counters.rejected < device.window
