"""Headers of network packets as words of bits, from a pcap file of the user's or one made here."""

import struct
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from hwflow.apps.packets.patterns import Words
from hwflow.errors import UserError, missing
from hwflow.paths import whole_file

BITS = 32  # protocol 8, destination port 16, TCP flags 8: each lowest bit first
LIMIT = 20_000  # packets read of a file
_SYN, _ACK, _PUSH_ACK = 0x02, 0x10, 0x18
_SERVICES = ((443, 17), (80, 8), (22, 3))  # TCP port, how many of its packets
_KINDS: tuple[tuple[int, int, int, int], ...] = (  # protocol, port, flags, how many
    *((6, port, flags, part * share) for port, share in _SERVICES for flags, part in ((_SYN, 2), (_ACK, 5), (_PUSH_ACK, 3))),
    (17, 53, 0, 150), (17, 443, 0, 90), (17, 123, 0, 20), (17, 5353, 0, 20), (1, 0, 0, 20), (6, 25, _SYN, 10),
    (6, 23, _SYN, 25), (6, 2323, _SYN, 15),  # a scan for open telnet ports, as botnets do it
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Header:
    """protocol: of IP; port: destination, 0 without one; flags: of TCP, else 0."""

    protocol: int
    port: int
    flags: int

    def __str__(self) -> str:
        name = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}.get(self.protocol, f"IP {self.protocol}")
        flags = "".join(letter for bit, letter in enumerate("FSRPAUEC") if self.flags >> bit & 1)
        return f"{name} {self.port} {flags}".strip() if self.protocol in (6, 17) else name


def header_words(headers: list[Header]) -> Words:
    """bool [n, BITS]."""
    packed = b"".join(struct.pack("<BHB", header.protocol, header.port, header.flags) for header in headers)
    return np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little").reshape(-1, BITS).astype(np.bool_)


def most_frequent(headers: list[Header], count: int) -> list[Header]:
    """The `count` most frequent different headers, the most frequent first, equals in order."""
    return [header for header, _ in sorted(Counter(headers).items(), key=lambda item: (-item[1], item[0]))[:count]]


def read_headers(path: Path) -> tuple[list[Header], int]:
    """Headers of the IP packets among the first LIMIT packets of a pcap or pcapng file, and how many were not IP.

    Raises UserError if the file cannot be read or holds no IP packet, MissingTool without scapy.
    """
    utils = _scapy("scapy.utils")
    for layers in ("l2", "inet", "inet6"):  # what scapy has not loaded it does not recognise
        _scapy(f"scapy.layers.{layers}")
    headers, others = [], 0
    try:
        with path.open("rb") as handle, utils.PcapReader(handle) as packets:
            for _, packet in zip(range(LIMIT), packets, strict=False):
                header = _header(packet)
                others += header is None
                headers += [header] if header else []
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); give a pcap or pcapng file.") from None
    except (ValueError, EOFError, struct.error, utils.Scapy_Exception) as error:
        raise UserError(f"{path} does not hold packets ({error}); give a pcap or pcapng file.") from None
    if not headers:
        raise UserError(f"{path} holds no IP packet; give a capture of a network.")
    return headers, others


def write_traffic(path: Path, packets: int, seed: int) -> None:
    """A capture of made-up traffic: web, DNS, mail and time, a scan for telnet, and a tenth to ports at random.

    Raises MissingTool without scapy.
    """
    inet, l2, utils = _scapy("scapy.layers.inet"), _scapy("scapy.layers.l2"), _scapy("scapy.utils")
    random = np.random.default_rng(seed)
    shares = np.array([kind[3] for kind in _KINDS], float)
    chosen = random.choice(len(_KINDS), packets, p=shares / shares.sum())
    with whole_file(path) as draft, utils.PcapWriter(str(draft), linktype=1) as writer:
        for number, kind in enumerate(chosen):
            protocol, port, flags, _ = _KINDS[kind]
            if random.random() < 0.1:
                protocol, port, flags = int(random.choice([6, 17])), int(random.integers(1024, 65536)), _ACK
            source, target = (f"10.0.{random.integers(4)}.{random.integers(1, 255)}" for _ in range(2))
            ip = inet.IP(src=source, dst=target, id=number & 0xFFFF)
            match protocol:
                case 6:
                    above = inet.TCP(sport=int(random.integers(1024, 65536)), dport=port, flags=flags)
                case 17:
                    above = inet.UDP(sport=int(random.integers(1024, 65536)), dport=port)
                case _:
                    above = inet.ICMP()
            packet = l2.Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ip / above
            packet.time = 1e9 + number / 1000
            writer.write(packet)


def _header(packet: Any) -> Header | None:
    inet = _scapy("scapy.layers.inet")
    inet6 = _scapy("scapy.layers.inet6")
    if packet.haslayer(inet.IP):
        protocol = int(packet[inet.IP].proto)
    elif packet.haslayer(inet6.IPv6):
        protocol = int(packet[inet6.IPv6].nh)
    else:
        return None
    if packet.haslayer(inet.TCP):
        return Header(6, int(packet[inet.TCP].dport), int(packet[inet.TCP].flags) & 0xFF)
    if packet.haslayer(inet.UDP):
        return Header(17, int(packet[inet.UDP].dport), 0)
    return Header(protocol & 0xFF, 0, 0)


def check_scapy() -> None:
    """Raises MissingTool without scapy."""
    if find_spec("scapy") is None:
        raise missing("Reading packets", "scapy", "packets")


def _scapy(module: str) -> Any:
    check_scapy()
    return import_module(module)
