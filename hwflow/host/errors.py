"""How a conversation with a board fails. Each is one sentence, and those of the link carry its counters."""

from dataclasses import dataclass

from hwflow.errors import ToolError, UserError


@dataclass(frozen=True)
class Counters:
    """What passed over a link since it was opened.

    requests: different requests sent; repeated: requests sent again; replies: replies to a waiting request;
    stale: replies to nothing that was waiting; rejected: replies that asked for a repetition (BAD_SEQUENCE);
    crc_errors, length_errors: replies dropped as damaged; bytes_sent, bytes_received: on the wire, frames and all.
    """

    requests: int
    repeated: int
    replies: int
    stale: int
    rejected: int
    crc_errors: int
    length_errors: int
    bytes_sent: int
    bytes_received: int

    def __str__(self) -> str:
        damaged = self.crc_errors + self.length_errors
        return (
            f"{self.requests} requests sent, {self.repeated} repetitions, {self.replies} replies, {damaged} damaged, "
            f"{self.bytes_received} bytes received"
        )


class PortMissing(UserError):
    """There is no such port, or it cannot be opened."""


class PortBusy(UserError):
    """Another program holds the port."""


class WrongBoard(UserError):
    """What answers is no hwflow board, or was built for something else."""


class LinkError(ToolError):
    """The conversation failed; `counters` tells what had passed by then."""

    def __init__(self, message: str, counters: Counters) -> None:
        super().__init__(message)
        self.counters = counters


class LinkTimeout(LinkError):
    """A request was not answered by its deadline."""


class PortLost(LinkError):
    """The port vanished while it was in use."""


class DeviceReset(LinkError):
    """The device was reset since HELLO and has lost its state."""


class OutOfStep(LinkError):
    """The device expects a sequence number that this host cannot have used: another program talks to it."""


class Refused(LinkError):
    """The device carried out the request with this status other than OK."""

    def __init__(self, message: str, counters: Counters, status: int) -> None:
        super().__init__(message, counters)
        self.status = status


class NetStalled(Refused):
    """The net gave fewer results than were asked for; `results` are the bytes it gave."""

    def __init__(self, message: str, counters: Counters, status: int, results: bytes) -> None:
        super().__init__(message, counters, status)
        self.results = results
