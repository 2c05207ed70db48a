"""A simulated CAN bus for one listener, in time: bits of a sender whose clock is a little off, and what the receiver tells."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cocotb
from cocotb.triggers import ReadOnly, RisingEdge, Timer
from cocotb.utils import get_sim_time

from helpers.can_framing import INTERMISSION, Frame, Heard, fd_bits, frame_bits

CLOCK_PS = 10_000
ENDS = ("accepted", "failed", "passed_over")
PULSES = ("started", "id_valid", "byte_valid", "payload_end", *ENDS, "overload")


@dataclass(frozen=True)
class Timing:
    """The settings of hwf_can_timing."""

    prescaler: int = 1
    seg1: int = 6
    seg2: int = 3
    sjw: int = 3

    @property
    def bit_ps(self) -> int:
        return self.prescaler * (1 + self.seg1 + self.seg2) * CLOCK_PS

    @property
    def sample_ps(self) -> int:
        """From the bit's beginning to its sample."""
        return self.prescaler * (1 + self.seg1) * CLOCK_PS

    def apply(self, dut: Any) -> None:
        for name in ("prescaler", "seg1", "seg2", "sjw"):
            getattr(dut, name).value = getattr(self, name)


async def send(pin: Any, bits: Sequence[int], bit_ps: int) -> None:
    """Drive the bits; the pin stays as the last of them."""
    last = None
    wait = 0
    for bit in bits:
        if bit != last:
            if wait:
                await Timer(wait, unit="ps")
            pin.value = bit
            last, wait = bit, 0
        wait += bit_ps
    await Timer(wait, unit="ps")


class Told:
    """What a receiver tells: the moment in ps of each pulse, and the pulse's name and what holds with it."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self._told: list[tuple[int, int, tuple[object, ...]]] = []
        for name in PULSES:
            cocotb.start_soon(self._watch(name))

    @property
    def log(self) -> list[tuple[object, ...]]:
        """The pulses in order; those of one cycle in the order of PULSES."""
        return [entry for _, _, entry in sorted(self._told)]

    def moments(self, name: str) -> list[int]:
        """When the pulses of this name came."""
        return [moment for moment, _, entry in self._told if entry[0] == name]

    async def _watch(self, name: str) -> None:
        dut, signal = self.dut, getattr(self.dut, name)
        while True:
            await RisingEdge(signal)
            moment = int(get_sim_time("ps"))
            await ReadOnly()
            more: tuple[int, ...] = ()
            if name == "id_valid":
                more = (int(dut.extended.value), int(dut.identifier.value))
            elif name == "byte_valid":
                more = (int(dut.byte_index.value), int(dut.byte_data.value), int(dut.dlc.value))
            elif name == "failed":
                more = (int(dut.failure.value),)
            elif name == "accepted":
                more = (int(dut.extended.value), int(dut.identifier.value), int(dut.dlc.value))
            self._told.append((moment, PULSES.index(name), (name, *more)))

    def clear(self) -> None:
        self._told.clear()


def expected(frames: Sequence[Heard], overloads: Sequence[int]) -> list[tuple[object, ...]]:
    """The entries of `Told` that frames and overload flags make."""
    placed: list[tuple[int, list[tuple[object, ...]]]] = [(place, [("overload",)]) for place in overloads]
    for frame in frames:
        entries: list[tuple[object, ...]] = [("started",)]
        if frame.identifier is not None:
            entries.append(("id_valid", int(frame.extended), frame.identifier))
        entries += [("byte_valid", index, byte, frame.dlc) for index, byte in enumerate(frame.data)]
        if frame.payload_end is not None:
            entries.append(("payload_end",))
        if frame.end == "failed":
            entries.append(("failed", frame.failure))
        elif frame.end == "accepted":
            entries.append(("accepted", int(frame.extended), frame.identifier, frame.dlc))
        elif frame.end == "passed_over":
            entries.append(("passed_over",))
        placed.append((frame.start, entries))
    return [entry for _, entries in sorted(placed) for entry in entries]


def random_frame(rng: random.Random) -> Frame:
    """Any data or remote frame; identifiers and bytes often of equal bits, so that there are stuff bits."""
    extended = rng.random() < 0.5
    width = 29 if extended else 11
    identifier = rng.choice((rng.getrandbits(width), 0, (1 << width) - 1, 0x1F << rng.randrange(width - 4)))
    data = rng.choice((rng.randbytes(rng.randrange(9)), b"\0" * 8, b"\xff" * 8, b"\x0f\x83\xe0\xf8"))
    if rng.random() < 0.2:
        return Frame(identifier, extended, b"", rng.randrange(16), True)
    return Frame(identifier, extended, data, rng.randrange(8, 16) if len(data) == 8 else None)


def random_traffic(rng: random.Random, count: int, wrong: float = 0.0) -> list[int]:
    """The bits of so many frames and, with probability `wrong` each, of what is none: errors, overload, FD, noise."""
    bits: list[int] = []
    for _ in range(count):
        frame = frame_bits(random_frame(rng), ack=int(rng.random() < 0.1))
        pause = [1] * rng.choice((INTERMISSION, INTERMISSION, INTERMISSION - 1, INTERMISSION + rng.randrange(20)))
        if rng.random() >= wrong:
            bits += [*frame, *pause]
            continue
        kind = rng.randrange(6)
        if kind == 0:  # broken off by an error flag, on which others' flags follow
            bits += frame[: rng.randrange(1, len(frame))] + [0] * rng.randrange(6, 13) + [1] * 8
        elif kind == 1:  # a flipped bit that nobody minds
            place = rng.randrange(len(frame))
            frame[place] ^= 1
            bits += frame
        elif kind == 2:  # overload frames
            flag = [*[0] * rng.randrange(6, 13), *[1] * 8]
            bits += [*frame, *[1] * rng.randrange(2), *flag, *[1] * rng.randrange(2), *flag]
        elif kind == 3:
            bits += fd_bits(rng.getrandbits(11), rng.random() < 0.5, rng.randrange(10, 80))
        elif kind == 4:  # a wrong checksum, after which a flag follows
            bits += frame_bits(random_frame(rng), crc_change=rng.randrange(1, 1 << 15))[:-7] + [0] * 6 + [1] * 8
        else:
            bits += [rng.getrandbits(1) for _ in range(rng.randrange(60))] + [1] * 8
        bits += pause
    return bits
