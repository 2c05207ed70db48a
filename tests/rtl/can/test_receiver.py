"""hwf_can_rx on a small share of the traffic of benchmarks/can_receiver.py, and on a bus of several nodes."""

import subprocess
from pathlib import Path

import pytest
from can_receiver_trial import KINDS, Trouble, build_receiver, on_a_bus, on_a_wire, run, wrong
from helpers.can_bench import expected
from helpers.can_framing import receive

pytestmark = pytest.mark.slow

FRAMES = 2000
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


@pytest.mark.parametrize(("trouble", "mean"), [(Trouble.FLIPS, 2000), (Trouble.NOISE, 500)])
def test_what_a_fault_destroys_is_sent_again(program: Path, trouble: Trouble, mean: float) -> None:
    counts = on_a_bus(program, 500, 2, trouble, mean)
    assert counts["sent"] == 500
    assert counts["retries"] > 5
    assert not counts["invented"] and counts["lost"] <= 2, counts


def test_a_device_that_overwrites_a_frame_makes_its_sender_repeat_it(program: Path) -> None:
    counts = on_a_bus(program, 500, 1, Trouble.STRIKES)
    assert counts["sent"] == 500 and counts["in order"]
    assert counts["strikes"] > 50
    assert counts["strikes"] == counts["bit errors"] == counts["retries"] == counts["told failed"], counts
    assert counts["errors of receivers"] == 3 * counts["strikes"], counts


def test_a_stuck_bus_comes_back(program: Path) -> None:
    counts = on_a_bus(program, 500, 1, Trouble.STUCK, 5000)
    assert counts["stuck"] > 5
    assert counts["sent"] == 500
    assert not counts["invented"] and counts["lost"] <= 1, counts


def test_lines_of_a_candump_log_are_read_and_others_are_passed_over(program: Path) -> None:
    lines = {
        "(1436509052.249713) vcan0 044#2A366C2B": "1436509052.249713 44 0 0 4 2a366c2b",
        "(0.000001) can1 1F334455#1122334455667788": "0.000001 1f334455 1 0 8 1122334455667788",
        "(2.5) can0 7FF#": "2.500000 7ff 0 0 0 ",
        "(2.5) can0 123#R": "2.500000 123 0 1 0 ",
        "(2.5) can0 00000123#R5": "2.500000 123 1 1 5 ",
        "(2.5) can0 123##1112233": "",
        "(2.5) can0 123#123": "",
        "(2.5) can0 123#12zz": "",
        "(2.5) can0 123#112233445566778899": "",
        "(2.5) can0 FFF#00": "",
        "(2.5) can0 20000088#0000000000000000": "",
        "# a comment": "",
        "": "",
    }
    done = subprocess.run([program, "candump", "0", "0", "0"], input="\n".join(lines), capture_output=True, text=True)
    assert done.stdout.splitlines() == [told for told in lines.values() if told]


def test_clocks_that_are_too_far_off_are_seen(program: Path) -> None:
    """The comparison can fail."""
    counts = on_a_wire(program, 400, 1, 0.0, percent=4)
    assert counts["lost"] and counts["different"]
