"""The link: each request once, each call ended by its deadline, whatever the wire does."""

import pytest
from host.device_model import MEMORY, Device, Faults, PtyDevice, VirtualPort, identity
from hypothesis import given, settings
from hypothesis import strategies as st

from hwflow.errors import UserError
from hwflow.host.errors import DeviceReset, LinkTimeout, NetStalled, OutOfStep, PortLost, Refused, WrongBoard
from hwflow.host.frame import Request, encode
from hwflow.host.identity import Kind
from hwflow.host.link import DEADLINE, MOST_UNDER_WAY, Link, open_link
from hwflow.host.requests import Command, Operation, Status

RATE = st.sampled_from([0.0, 0.0005, 0.003, 0.01])
FAULTS = st.builds(Faults, RATE, RATE, RATE, st.sampled_from([0.0, 0.1]), st.integers(0, 2**32))


def commands(count: int) -> list[Command]:
    return [Command(Operation.WRITE, MEMORY + i % 200, bytes([i % 256, i // 256])) for i in range(count)]


def test_hello_tells_who_the_device_is() -> None:
    device = Device(inputs=98, outputs=10)
    who = Link(VirtualPort(device)).hello()
    assert (who.kind, who.inputs, who.outputs, who.clock_hz) == (Kind.DATAFLOW, 98, 10, 12_000_000)
    assert who.digest == bytes(range(16))
    assert who.session == device.session


def test_reads_and_writes_of_any_length() -> None:
    link = Link(VirtualPort(Device()))
    data = bytes(range(250))
    link.write(MEMORY + 3, data)
    assert link.read(MEMORY + 3, len(data)) == data
    assert link.read(MEMORY, 0) == b""


@pytest.mark.parametrize(("window", "under_way"), [(1, 1), (2, 2), (8, 8), (100, MOST_UNDER_WAY)])
def test_a_window_of_requests_is_under_way(window: int, under_way: int) -> None:
    """With replies 10 ms later, 160 requests take so many times that, and not 160 times."""

    class Slow(VirtualPort):
        """A wire that is 10 ms long and carries any number of replies at a time."""

        def _arrive(self, reply: bytes) -> None:
            self._arriving.append((self._up_free + 0.010, reply))

    port = Slow(Device(window=window))
    list(Link(port).run(commands(160)))
    assert 160 / under_way <= port.now() / 0.010 < 160 / under_way * 1.3 + 2


@settings(deadline=None)
@given(FAULTS, st.integers(0, 60))
def test_each_write_happens_once_or_the_call_says_why_not(faults: Faults, count: int) -> None:
    device = Device()
    port = VirtualPort(device, faults)
    link = Link(port, deadline=3.0)
    wanted = [(command.address, command.payload) for command in commands(count)]
    done = 0
    try:
        for payload in link.run(commands(count)):
            assert payload == b""
            done += 1
    except LinkTimeout:
        assert device.writes == wanted[: len(device.writes)]
        assert done <= len(device.writes) <= done + device.window
    else:
        assert device.writes == wanted
    assert port.now() <= 3.0 * (done + 2) + 0.1
    assert device.carried_out == len(device.writes)


@settings(deadline=None)
@given(FAULTS, st.integers(1, 400))
def test_a_reset_at_any_moment_is_seen(faults: Faults, after: int) -> None:
    """Each write is twelve bytes or more, so that the reset comes before the last of forty."""
    device = Device()
    link = Link(VirtualPort(device, faults, reset_after=after))
    try:
        link.hello()
    except LinkTimeout:
        return
    if device.session == 1000 + 77:
        with pytest.raises((DeviceReset, LinkTimeout)):
            list(link.run(commands(40)))


@pytest.mark.parametrize("after", range(0, 200, 7))
def test_silence_ends_at_the_deadline(after: int) -> None:
    port = VirtualPort(Device(), deaf_after=after)
    link = Link(port, deadline=1.5)
    with pytest.raises(LinkTimeout) as caught:
        list(link.run(commands(40)))
    answered = caught.value.counters.replies
    assert 1.5 <= port.now() <= 1.5 + 0.01 * (answered + 1)
    assert caught.value.counters.repeated >= 3


@pytest.mark.parametrize("after", range(0, 200, 7))
def test_a_port_that_vanishes_is_an_error(after: int) -> None:
    with pytest.raises(PortLost, match="virtual was lost"):
        list(Link(VirtualPort(Device(), gone_after=after)).run(commands(40)))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 30), max_size=4))
def test_lost_replies_are_fetched_without_waiting(lost: list[int]) -> None:
    """A later reply shows the loss: only the last replies of all can need a timeout."""

    class Lossy(Faults):
        count = -1

        def reply_is_lost(self) -> bool:
            self.count += 1
            return self.count - 1 in lost and self.count < 28

    device = Device()
    port = VirtualPort(device, Lossy())
    link = Link(port)
    link.hello()
    start = port.now()
    list(link.run(commands(30)))
    assert len(device.writes) == 30
    assert port.now() - start < 0.05 or len(lost) > 1


def test_sequence_numbers_wrap() -> None:
    device = Device()
    list(Link(VirtualPort(device, Faults(drop=0.002, seed=3))).run(commands(1000)))
    assert len(device.writes) == 1000


def test_what_the_device_refuses_is_an_error() -> None:
    link = Link(VirtualPort(Device()))
    with pytest.raises(Refused, match=r"READ at 0x30 .* no such register") as caught:
        link.read(0x30, 4)
    assert caught.value.status == Status.BAD_ADDRESS
    assert caught.value.counters.replies == 2
    assert link.read(0, 4) == bytes([10, 0, 0, 0])


def test_a_net_that_gives_too_few_results_is_an_error() -> None:
    link = Link(VirtualPort(Device()))
    with pytest.raises(NetStalled, match="gave 2 of 4 bytes") as caught:
        link.stream(b"abcde", 4)
    assert len(caught.value.results) == 2


def test_hello_forgets_what_was_begun() -> None:
    device = Device()
    link = Link(VirtualPort(device))
    link.stream(b"a", 0)
    link.hello()
    assert link.stream(b"abc", 2) == device.net(b"abc")


def test_an_iteration_that_is_broken_off_starts_a_new_session() -> None:
    device = Device()
    link = Link(VirtualPort(device))
    iteration = link.run(commands(10))
    next(iteration)
    with pytest.raises(RuntimeError, match="one thing at a time"):
        link.read(0, 4)
    iteration.close()
    device.writes.clear()
    list(link.run(commands(10)))
    assert len(device.writes) == 10


def test_a_slow_reader_costs_nothing() -> None:
    port = VirtualPort(Device())
    link = Link(port, deadline=1.0)
    for _ in link.run(commands(6)):
        port.receive(port.now())
        port._time += 5.0
    assert link.counters.requests == 7


def test_another_program_on_the_port_is_noticed() -> None:
    device = Device()
    link = Link(VirtualPort(device))
    who = link.hello()
    device.receive(encode(Request((link._sequence + 100) % 256, Operation.HELLO, 0)))
    assert who.session == device.session
    with pytest.raises(OutOfStep, match="other programs"):
        link.write(MEMORY, b"x")


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (identity(version=3), "version 3 of the link"),
        (identity(version=1)[:36], "version 1 of the link"),
        (identity(kind=9), "net of kind 9"),
        (identity()[:63], "an identity that this hwflow cannot read"),
        (identity()[:5], "an identity that this hwflow cannot read"),
        (identity(window=0), "a window of 0 requests"),
        (identity(types=(65, 0, 8, 0)), "a type of its elements that cannot be"),
        (identity()[:24] + b"\x07" + identity()[25:], "takes 7 bytes, and not 3"),
    ],
)
def test_a_foreign_board_is_refused(payload: bytes, words: str) -> None:
    with pytest.raises(WrongBoard, match=words):
        Link(VirtualPort(Device(hello_payload=payload))).hello()


def test_what_is_no_identity_is_no_answer() -> None:
    port = VirtualPort(Device(hello_payload=identity(magic=b"HWF2")))
    with pytest.raises(LinkTimeout, match="No hwflow board answered"):
        Link(port).hello()


def test_noise_is_told_from_silence() -> None:
    class Noisy(VirtualPort):
        noise = iter([b"\x1c\0", b"\xe0", b"\xfc" * 99])

        def receive(self, until: float) -> bytes:
            return next(self.noise, b"") or super().receive(until)

    port = Noisy(Device(), deaf_after=0)
    with pytest.raises(LinkTimeout, match=f"it begins 1c 00 e0{' fc' * 13}\\); the likely cause is another baud rate"):
        Link(port, deadline=2.0).hello()


@pytest.mark.parametrize("deadline", [0, -1.0, float("nan"), float("inf")])
def test_a_deadline_that_is_none(deadline: float) -> None:
    with pytest.raises(UserError, match="A deadline of"):
        Link(VirtualPort(Device()), deadline=deadline)


@pytest.mark.parametrize(
    ("limit", "given", "patience"),
    [
        (16, None, DEADLINE),  # the limit is shorter
        (28, None, 2 * 5 * 2**28 / 12e6),  # of two vectors in, two vectors out, and one that stands still
        (28, 1.5, 1.5),
        (0, None, DEADLINE),
    ],
)
def test_the_deadline_is_above_what_the_device_says_it_may_take(
    limit: int, given: float | None, patience: float
) -> None:
    port = VirtualPort(Device(hello_payload=identity(limit=limit)), deaf_after=14)
    link = Link(port, deadline=given)
    link.hello()
    begun = port.now()
    with pytest.raises(LinkTimeout, match="left a request unanswered"):
        link.stream(b"a" * 6, 4)
    assert patience <= port.now() - begun <= patience + 0.01


def test_noise_without_end_is_no_reason_to_wait() -> None:
    class Noisy(VirtualPort):
        def receive(self, until: float) -> bytes:
            self._time += 0.001
            return b"\x05noise\0" * 9

    port = Noisy(Device())
    with pytest.raises(LinkTimeout, match="What came from virtual at 1000000 baud within 2 s is no frame"):
        Link(port, deadline=2.0).hello()
    assert 2.0 <= port.now() < 2.2


def test_replies_to_nobody_do_not_hold_up_a_timeout() -> None:
    stray = Device()
    stray.receive(encode(Request(0, Operation.HELLO, 0)))

    class Stray(VirtualPort):
        def receive(self, until: float) -> bytes:
            self._time += 0.001
            self._sequence = (getattr(self, "_sequence", 0) + 1) % 256
            return stray.receive(encode(Request(self._sequence, Operation.READ, 0, b"\x04")))[0]

    port = Stray(Device())
    with pytest.raises(LinkTimeout):
        Link(port, deadline=2.0).hello()
    assert 2.0 <= port.now() < 2.2


def test_over_a_pseudo_terminal() -> None:
    device = Device()
    with (
        PtyDevice(device, Faults(flip=0.001, drop=0.001, duplicate=0.001)) as pty,
        open_link(pty.port, deadline=30) as link,
    ):
        list(link.run(commands(300)))
    assert [payload for _, payload in device.writes] == [command.payload for command in commands(300)]


def test_a_pseudo_terminal_that_is_unplugged() -> None:
    with PtyDevice(Device()) as pty, open_link(pty.port, deadline=1.0) as link:
        link.hello()
        pty.unplug()
        with pytest.raises(PortLost, match=f"The port {pty.port} was lost"):
            link.read(0, 4)
