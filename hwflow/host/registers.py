"""The counters that every device has."""

import struct
from dataclasses import dataclass

from hwflow.host.link import Link

_REGISTERS = struct.Struct("<9I")


@dataclass(frozen=True)
class Registers:
    """What a device counted since its reset, modulo 2^32, all of one moment; the fields in the order of docs/link.md.

    latency_cycles: clock cycles from the last input beat of the latest vector to its last output beat; cycles: those
    since power-up.
    """

    frames_good: int
    frames_crc: int
    frames_length: int
    uart_framing: int
    overruns: int
    duplicates: int
    vectors: int
    latency_cycles: int
    cycles: int


def read_registers(link: Link) -> Registers:
    """The counters that every device has."""
    return Registers(*_REGISTERS.unpack(link.read(0, _REGISTERS.size)))
