from pathlib import Path

import numpy as np
import pytest

from hwflow.apps.packets.headers import BITS, Header, header_words, most_frequent, read_headers, write_traffic
from hwflow.errors import UserError


def test_words_tell_headers_apart() -> None:
    words = header_words([Header(6, 443, 0x12), Header(6, 443, 0x02), Header(17, 53, 0)])
    assert words.shape == (3, BITS)
    assert np.flatnonzero(words[0] != words[1]).tolist() == [28]
    assert np.packbits(words[2], bitorder="little").tolist() == [17, 53, 0, 0]


def test_headers_in_words() -> None:
    assert str(Header(6, 23, 0x02)) == "TCP 23 S" and str(Header(17, 53, 0)) == "UDP 53"
    assert str(Header(1, 0, 0)) == "ICMP" and str(Header(89, 0, 0)) == "IP 89"


def test_the_most_frequent_come_first_and_equals_in_order() -> None:
    a, b, c = Header(6, 1, 0), Header(6, 2, 0), Header(6, 3, 0)
    assert most_frequent([c, b, b, a, a, c, c], 2) == [c, a]


@pytest.mark.slow
def test_traffic_is_written_and_read(tmp_path: Path) -> None:
    pytest.importorskip("scapy", reason="no scapy, which `pip install 'hwflow[packets]'` brings")
    for name in ("one.pcap", "two.pcap"):
        write_traffic(tmp_path / name, 300, 5)
    assert (tmp_path / "one.pcap").read_bytes() == (tmp_path / "two.pcap").read_bytes()
    headers, others = read_headers(tmp_path / "one.pcap")
    assert (len(headers), others) == (300, 0)
    assert {Header(17, 53, 0), Header(6, 23, 2)} <= set(headers)


@pytest.mark.slow
def test_files_that_hold_no_packets(tmp_path: Path) -> None:
    pytest.importorskip("scapy", reason="no scapy, which `pip install 'hwflow[packets]'` brings")
    path = tmp_path / "x.pcap"
    with pytest.raises(UserError, match="cannot be read"):
        read_headers(path)
    path.write_bytes(b"no packets, only words, as long as a header of pcap")
    with pytest.raises(UserError, match="does not hold packets"):
        read_headers(path)
