"""What a device's refusal or silence means, in words."""

from hwflow.host.errors import Counters, NetStalled, Refused
from hwflow.host.requests import Command, Status

_REASONS = {
    Status.BAD_OPERATION: "has no such operation",
    Status.BAD_ADDRESS: "has no such register, or it cannot be written",
    Status.BAD_LENGTH: "takes no payload of that length",
}


def refusal(name: str, asked: Command, status: int, payload: bytes, counters: Counters) -> Refused:
    """The error for a reply, with this payload and a status other than OK, from the device on the port `name`."""
    if status == Status.STALLED:
        return NetStalled(
            f"The net on {name} gave {len(payload)} of {asked.address} bytes of results and then stood still; build it "
            "again.",
            counters, status, payload,
        )  # fmt: skip
    if status == Status.NOT_LOADED:
        return Refused(
            f"The weights of the net on {name} are not loaded, or not all of them; open the project there with hwflow "
            "(`hwflow run`), which loads them.",
            counters, status,
        )  # fmt: skip
    what = f"{asked.operation.name} at 0x{asked.address:02x} with {len(asked.payload)} bytes"
    known = [each for each in _REASONS if each == status]
    reason = _REASONS[known[0]] if known else f"answers with the unknown status {status}"
    return Refused(f"The device on {name} refused {what}: it {reason}.", counters, status)


def no_board(name: str, baud: int, patience: float, heard: bytes) -> str:
    """HELLO was not answered within so many seconds; heard: the first bytes that came, unless there were frames."""
    if heard:
        return (
            f"What came from {name} at {baud} baud within {patience:g} s is no frame of a hwflow board "
            f"(it begins {heard.hex(' ')}); the likely cause is another baud rate, so give the board's own."
        )
    return (
        f"No hwflow board answered on {name} at {baud} baud within {patience:g} s; check that the board is programmed and "
        "that port and baud rate are its own."
    )


def no_reply(name: str, patience: float, counters: Counters) -> str:
    """A request was not answered within so many seconds."""
    return (
        f"The device on {name} left a request unanswered for {patience:g} s ({counters}); check the cable, or allow more "
        "time with a longer deadline."
    )
