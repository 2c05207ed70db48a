"""hwf_can_rx on a small share of the traffic of benchmarks/can_receiver.py, and on a bus of several nodes."""

from pathlib import Path

import pytest
from can_receiver import KINDS, build_receiver, on_a_bus, on_a_wire, receiver_sources, run, wrong
from helpers.can_bench import expected
from helpers.can_framing import receive

pytestmark = pytest.mark.slow

FRAMES = 4000
NAMES = {"identifier": "id_valid", "byte": "byte_valid", "payload end": "payload_end", "passed over": "passed_over"}
VALUES = {"id_valid": 2, "byte_valid": 3, "accepted": 3, "failed": 1}


@pytest.fixture(scope="module")
def program() -> Path:
    return build_receiver()


@pytest.mark.parametrize("flips", [0.0, 0.01])
def test_no_frame_is_lost_or_invented_and_every_error_is_told_as_it_is(program: Path, flips: float) -> None:
    counts = on_a_wire(program, FRAMES, 1, flips)
    assert not any(wrong(counts).values()), counts
    # The traffic has all that it is for.
    assert all(counts[kind] > FRAMES / 50 for kind in KINDS), counts
    assert all(counts[f"failed {kind}"] > FRAMES / 200 for kind in (1, 2, 3)), counts
    assert (counts["frames hit"] > FRAMES / 3) == (flips > 0)
    assert counts["intact"] > FRAMES / 5


def test_the_rules_are_those_of_the_framing_model(program: Path) -> None:
    """The C++ that the volume is compared with says of every bit what the Python model says."""
    for line in run(program, "bits", 400, 2, 0.01).splitlines():
        bits, *events = line.split(";")
        told: list[tuple[object, ...]] = []
        for event in events:
            name, *numbers = event.rsplit(maxsplit=3)
            name = NAMES.get(name, name)
            told.append((name, *map(int, numbers[: VALUES.get(name, 0)])))
        assert told == expected(*receive([int(bit) for bit in bits], 0))


def test_nodes_that_contend_for_a_bus_are_heard_in_order(program: Path) -> None:
    counts = on_a_bus(program, 500, 1)
    assert counts["sent"] == 500
    assert counts["in order"], counts
    assert counts["arbitrations lost"] > 100
    assert not counts["bit errors"] and not counts["errors of receivers"] and not counts["ack errors"], counts


def test_what_a_fault_destroys_is_sent_again(program: Path) -> None:
    counts = on_a_bus(program, 500, 2, 2000)
    assert counts["sent"] == 500
    assert counts["retries"] > 5
    assert not counts["invented"] and counts["lost"] <= 2, counts


BROKEN = {
    "never synchronises within a frame": ("hwf_can_timing.sv", "if (edge_seen && (hard ||", "if (edge_seen && hard && (hard ||"),
    "is late by a bit after a frame": ("hwf_can_rx.sv", "high <= 4'd7;", "high <= 4'd6;"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_receiver_is_found(name: str, tmp_path: Path) -> None:
    file, right, broken = BROKEN[name]
    sources = []
    for source in receiver_sources():
        if source.name == file:
            text = source.read_text()
            assert text.count(right) == 1
            source = tmp_path / file
            source.write_text(text.replace(right, broken))
        sources.append(source)
    assert any(wrong(on_a_wire(build_receiver(sources), 400, 1, 0.01)).values())
