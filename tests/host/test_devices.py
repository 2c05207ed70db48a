"""Which ports have a board behind them: found by greeting each, at each rate, and never an error of one port for all."""

import os
import threading
import time
import tty
from pathlib import Path

import pytest
from host.device_model import BUILD, DIGEST, Device, PtyDevice, identity

from hwflow.host import devices
from hwflow.host.devices import Adapter, find_devices, wait_for_build
from hwflow.words import plain


def test_what_answers_is_told_and_what_does_not_says_why(tmp_path: Path) -> None:
    main, side = os.openpty()  # nobody answers here
    tty.setraw(side)
    with PtyDevice(Device()) as quantised, PtyDevice(Device(hello_payload=identity(2, 96, 12))) as spiking:
        ports = (quantised.port, os.ttyname(side), spiking.port, str(tmp_path / "ttyUSB9"))
        found = find_devices(ports, (1_000_000, 2_000_000), patience=0.2)
    os.close(main)
    os.close(side)
    first, second = found.devices
    assert (first.adapter.port, first.net, first.sizes) == (quantised.port, "quantised net", "3 x UINT8 to 2 x UINT8")
    assert (first.model, first.build, first.clock_hz, first.baud) == (DIGEST[:32], BUILD, 12_000_000, 1_000_000)
    assert (second.adapter.port, second.net, second.sizes) == (spiking.port, "spiking core", "96 to 12")
    assert [silent.adapter.port for silent in found.others] == [ports[1], ports[3]]
    assert "No hwflow board answered" in found.others[0].why and "There is no port" in found.others[1].why
    words = plain(found.words())
    assert BUILD[:12] in words and "There is no port" in words


def test_a_board_of_another_version_is_told() -> None:
    with PtyDevice(Device(hello_payload=identity(version=9))) as pty:
        found = find_devices((pty.port,), patience=0.5)
    assert found.devices == () and "version 9" in found.others[0].why


def test_without_names_those_on_usb_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with PtyDevice(Device()) as pty:
        monkeypatch.setattr(devices, "adapters", lambda: (Adapter(pty.port, "iCEBreaker", "ib4Yx"),))
        found = find_devices()
    assert found.devices[0].adapter == Adapter(pty.port, "iCEBreaker", "ib4Yx") and "ib4Yx" in plain(found.words())
    monkeypatch.setattr(devices, "adapters", lambda: ())
    assert "no serial port" in plain(find_devices().words())


def test_a_build_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port comes back only some time after the board was loaded."""
    with PtyDevice(Device()) as pty:
        there: list[Adapter] = []
        monkeypatch.setattr(devices, "adapters", lambda: tuple(there))
        threading.Timer(0.3, lambda: there.append(Adapter(pty.port))).start()
        found = wait_for_build(BUILD, (), (1_000_000,), 5)
        assert found is not None and found.adapter.port == pty.port
        begun = time.monotonic()
        assert wait_for_build("ff" * 16, (), (1_000_000,), 0.3) is None
        assert time.monotonic() - begun < 3
