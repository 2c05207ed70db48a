"""Requests to a device, and what carries them out: a link over a serial port (hwflow.host.link), or a DMA (hwflow.host.dma)."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from enum import IntEnum

from hwflow.host.errors import Counters
from hwflow.host.identity import Identity

PAYLOAD_LIMIT = 240  # bytes of payload of a request, and of a reply


class Operation(IntEnum):
    """What a request asks for."""

    HELLO = 1
    READ = 2
    WRITE = 3
    STREAM = 4


class Status(IntEnum):
    """How a request ended."""

    OK = 0
    BAD_OPERATION = 1
    BAD_ADDRESS = 2
    BAD_LENGTH = 3
    BAD_SEQUENCE = 4
    NO_SESSION = 5
    STALLED = 6
    NOT_LOADED = 7


@dataclass(frozen=True)
class Command:
    """What a request asks for: operation, address (STREAM: bytes of results to reply with), payload."""

    operation: Operation
    address: int
    payload: bytes = b""


class Requests(ABC):
    """A conversation with a device. Not for several threads at once; all methods raise the errors of `hwflow.host.errors`."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Where the device is, for messages."""

    @property
    @abstractmethod
    def counters(self) -> Counters:
        """What has passed so far."""

    @abstractmethod
    def hello(self) -> Identity:
        """Begin anew and ask the device who it is. Raises WrongBoard if it is none that hwflow can drive."""

    @abstractmethod
    def identity(self) -> Identity:
        """Who the device is; asks it if it has not been asked in this session."""

    @abstractmethod
    def run(self, commands: Iterable[Command]) -> Generator[bytes, None, None]:
        """The payloads of the replies to `commands`, in order, with several requests under way."""

    def read(self, address: int, count: int) -> bytes:
        """`count` bytes of the registers from `address` on."""
        pieces = [(at, min(PAYLOAD_LIMIT, count - at)) for at in range(0, count, PAYLOAD_LIMIT)]
        return b"".join(self.run(Command(Operation.READ, address + at, bytes([size])) for at, size in pieces))

    def write(self, address: int, data: bytes) -> None:
        """Write the bytes to the registers from `address` on, each exactly once."""
        pieces = range(0, len(data), PAYLOAD_LIMIT)
        for _ in self.run(Command(Operation.WRITE, address + at, data[at : at + PAYLOAD_LIMIT]) for at in pieces):
            pass

    def stream(self, payload: bytes, results: int) -> bytes:
        """Append `payload` to the input stream and fetch `results` bytes of the output; at most 240 bytes each."""
        return b"".join(self.run([Command(Operation.STREAM, results, payload)]))
