"""Requests by a DMA, against a device that reads the stream word by word as docs/how-to/zynq.md writes it. With RTL: tests/rtl/axi."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from host.device_model import identity
from hypothesis import given
from hypothesis import strategies as st

from hwflow.host.dma import REPLY_BYTES, REQUEST_BYTES, DmaRequests, packed
from hwflow.host.errors import Refused, WrongBoard
from hwflow.host.requests import PAYLOAD_LIMIT, Command, Operation, Status

ADDRESSES = st.integers(0, 2**32 - 1)
COMMANDS = st.builds(
    Command,
    st.sampled_from([Operation.READ, Operation.WRITE, Operation.STREAM]),
    ADDRESSES,
    st.binary(max_size=PAYLOAD_LIMIT),
)


class Channel:
    """Of a DMA; what is sent is answered at once, into what was armed before."""

    def __init__(self, taken: Any) -> None:
        self._taken = taken

    def transfer(self, buffer: np.ndarray, nbytes: int = 0) -> None:
        self._taken(buffer, nbytes)

    def wait(self) -> None:
        pass

    start = wait


class Device:
    """An echo: each reply is the request's payload backwards, with the status that its address names, if there is one."""

    def __init__(self, told: bytes) -> None:
        self.asked: list[Command] = []
        self.packets = self.resets = 0
        core = SimpleNamespace(
            read=lambda at: int.from_bytes(told[at : at + 4], "little") if at < 64 else 0, write=self._reset
        )
        dma = SimpleNamespace(
            sendchannel=Channel(self._answer),
            recvchannel=Channel(self._arm),
            read=lambda at: 0,
            write=lambda at, value: None,
        )
        self.overlay = SimpleNamespace(core=core, dma=dma)

    def _reset(self, at: int, value: int) -> None:
        assert (at, value) == (0x40, 1)
        self.resets += 1

    def _arm(self, buffer: np.ndarray, nbytes: int) -> None:
        self._back, self._room = buffer, nbytes

    def _answer(self, buffer: np.ndarray, nbytes: int) -> None:
        words = [int.from_bytes(buffer[at : at + 4].tobytes(), "little") for at in range(0, nbytes, 4)]
        assert nbytes % 4 == 0
        answer = b""
        while words:
            operation, length, address = words[0] & 255, words[0] >> 8 & 255, words[1]
            body = b"".join(word.to_bytes(4, "little") for word in words[2 : 2 + -(-length // 4)])
            words = words[2 + -(-length // 4) :]
            self.asked.append(Command(Operation(operation), address, body[:length]))
            status = address if address in set(Status) else 0
            reply = bytes([status, length, 0, 0]) + body[:length][::-1]
            answer += reply + bytes(-len(reply) % 4)
        assert len(answer) <= self._room
        self._back[: len(answer)] = np.frombuffer(answer, np.uint8)
        self.packets += 1


def opened(device: Device) -> DmaRequests:
    return DmaRequests(device.overlay, lambda shape, dtype: np.full(shape, 0xA5, dtype), "hwf_top.bit")


@given(st.lists(COMMANDS, max_size=40))
def test_each_request_is_sent_once_and_its_reply_is_its_own(commands: list[Command]) -> None:
    commands = [Command(each.operation, each.address | 8, each.payload) for each in commands]  # no status is named
    device = Device(identity())
    requests = opened(device)
    assert list(requests.run(iter(commands))) == [each.payload[::-1] for each in commands]
    assert device.asked == commands
    assert device.packets == -(-len(commands) // 16)
    counters = requests.counters
    assert (counters.requests, counters.replies, counters.repeated) == (len(commands), len(commands), 0)


@given(COMMANDS)
def test_a_request_is_whole_words_and_no_longer_than_a_buffer_holds(command: Command) -> None:
    assert len(packed(command)) == 8 + -(-len(command.payload) // 4) * 4 <= REQUEST_BYTES
    assert REPLY_BYTES == 4 + PAYLOAD_LIMIT


def test_what_the_device_refuses_is_told_with_the_request() -> None:
    requests = opened(Device(identity()))
    with pytest.raises(Refused, match=r"hwf_top.bit refused WRITE at 0x02 with 3 bytes: it has no such register"):
        requests.write(Status.BAD_ADDRESS, b"abc")


def test_hello_resets_and_a_core_of_another_kind_is_none() -> None:
    device = Device(identity())
    requests = opened(device)
    first, second = requests.hello(), requests.hello()
    assert (first.session, second.session) == (1, 2)
    assert device.resets == 4
    other = Device(bytes(64))
    with pytest.raises(WrongBoard, match="cannot read"):
        opened(other).hello()
    assert other.resets == 0  # nothing is written to what nobody knows
