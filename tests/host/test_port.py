"""Ports that are not there, in use or slow are typed errors, and nothing waits for longer than it is told."""

import os
import socket
import time
from pathlib import Path

import pytest
from host.device_model import Device, PtyDevice

from hwflow.errors import UserError
from hwflow.host.errors import LinkTimeout, PortBusy, PortLost, PortMissing
from hwflow.host.link import open_link
from hwflow.host.port import open_port


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PortMissing, match=f"There is no port {tmp_path / 'ttyUSB9'}"):
        open_port(str(tmp_path / "ttyUSB9"), 115200)


def test_a_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(PortMissing, match="cannot be opened as a serial port"):
        open_port(str(tmp_path / "notes.txt"), 115200)


def test_a_port_that_nobody_listens_at() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    with pytest.raises(PortMissing, match=r"Nothing listens at socket://127\.0\.0\.1"):
        open_port(f"socket://127.0.0.1:{number}", 115200)


@pytest.mark.parametrize(
    ("name", "baud"),
    [
        ("nonsense://x", 115200),
        ("socket://nowhere", 115200),
        ("/dev/null", -1),
        ("/dev/null", 0),
        ("socket://127.0.0.1:9", 0),
    ],
)
def test_a_name_or_rate_that_makes_no_sense(name: str, baud: int) -> None:
    with pytest.raises(UserError) as caught:
        open_port(name, baud)
    assert caught.value.exit_status == 2
    assert name in str(caught.value)


def test_a_port_in_use() -> None:
    with PtyDevice(Device()) as pty, open_link(pty.port), pytest.raises(PortBusy, match="in use by another program"):
        open_link(pty.port)


def test_receive_ends_in_time() -> None:
    with PtyDevice(Device()) as pty:
        port = open_port(pty.port, 115200)
        start = time.monotonic()
        assert port.receive(start + 0.1) == b""
        assert 0.1 <= time.monotonic() - start < 2.0
        port.close()


def test_a_reader_that_stands_still_does_not_hold_up_the_host() -> None:
    """A pseudo-terminal that nobody reads fills up; the deadline holds all the same."""
    main, side = os.openpty()
    port = open_port(os.ttyname(side), 115200)
    start = time.monotonic()
    for _ in range(4):
        port.send(bytes(65536))
    assert time.monotonic() - start < 5.0
    port.close()
    with open_link(os.ttyname(side), deadline=0.3) as link, pytest.raises(LinkTimeout):
        link.hello()
    os.close(main)
    os.close(side)


def test_a_socket_that_is_closed() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        open_link(f"socket://127.0.0.1:{server.getsockname()[1]}", deadline=1.0) as link,
    ):
        server.accept()[0].close()
        with pytest.raises((PortLost, LinkTimeout)):
            link.hello()


def test_a_closed_port() -> None:
    with PtyDevice(Device()) as pty:
        link = open_link(pty.port)
        link.close()
        link.close()
        with pytest.raises(PortLost):
            link.hello()
