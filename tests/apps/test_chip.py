"""The applications from end to end on the golden model; on the simulated board in the slowest test."""

from pathlib import Path

import pytest

from hwflow.apps import find_application
from hwflow.apps.demo import DemoRecord, Plan
from hwflow.apps.packets.headers import write_traffic
from hwflow.apps.stages import Stage
from hwflow.errors import UserError
from hwflow.progress import silent
from hwflow.sources import Source
from hwflow.spiking.report.applications import PatternsRecord


def demo(name: str, plan: Plan, out: Path) -> tuple[DemoRecord, list[Stage]]:
    told: list[Stage] = []
    return find_application(name).demo(plan, out, silent, told.append), told


def test_digits_have_their_own_images(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="own images"):
        demo("spiking-digits", Plan(0, (Source(tmp_path / "x.npz"),), port="model"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_users_packets_are_detected_and_nothing_is_done_twice(tmp_path: Path) -> None:
    pytest.importorskip("scapy", reason="no scapy, which `pip install 'hwflow[packets]'` brings")
    capture = tmp_path / "my.pcap"
    write_traffic(capture, 150, 2)
    plan = Plan(1, (Source(capture),), port="model")
    record, _ = demo("packets", plan, tmp_path / "out")
    assert record.right and record.checks == 5
    assert record.open == ("simulate sim", "run sim") and "3 of 5 checks passed, 2 steps not done" in str(
        record.words()
    )
    found = PatternsRecord.from_folder(tmp_path / "out/sim")
    assert found.right and found.file == "my.pcap" and found.packets == 150 and found.proof.kind == "golden model"
    assert "TCP 443" in (tmp_path / "out/report.html").read_text()
    again, told = demo("packets", plan, tmp_path / "out")
    assert again.right and [stage.name for stage in told if not stage.kept] == ["compile sim"]
