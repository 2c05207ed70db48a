"""The link's fault campaign: the real host against the real RTL over a wire on which everything goes wrong.

At length: `python benchmarks/faults.py`.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from link_campaign import Campaign, Tally, rows
from link_wire import Kind, Wire, build_wire, campaign_sources

from hwflow.host.frame import Reply
from hwflow.host.link import Link
from hwflow.host.port import Port

FAULTS = 10_000


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wire(tmp_path_factory.mktemp("wire"))


@pytest.mark.slow
def test_no_fault_does_harm(program: Path) -> None:
    with Wire(program) as wire:
        tally = Campaign(wire, seed=1).run(FAULTS)
    print(*rows(tally), sep="\n")
    assert not tally.wrong, tally.notes
    assert tally.promised >= FAULTS
    # The campaign has met what it is for: each kind of fault, requests answered again, and each way to end.
    assert all(tally.faults[kind] > FAULTS / 500 for kind in Kind)
    assert all(tally.right[kind] for kind in Kind)
    assert tally.duplicates > FAULTS / 10
    assert tally.requests > FAULTS / 2
    assert set(tally.errors_named) == {"Refused", "LinkTimeout", "DeviceReset"}


BROKEN_DEVICES = {
    "carries out a repeated request again": (
        "hwf_link.sv", "age <= expected - head_data;", "age <= '0;", "done twice"
    ),
    "takes any checksum": (
        "hwf_frame_rx.sv", "assign accept = ends && fits && crc == RESIDUE && room;",
        "assign accept = ends && fits && room;", "wrong write",
    ),
    "takes the cut rest of a frame for the next one's beginning": (
        "hwf_frame_rx.sv", "if (delimiter) left <= '0;", "if (delimiter && left == '0) left <= '0;", "unheard"
    ),
    "works on without HELLO after a reset": ("hwf_link.sv", "end else if (!open) begin", "end else if (0) begin", "done without HELLO"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN_DEVICES)
def test_a_broken_device_is_found(name: str, tmp_path: Path) -> None:
    file, right, broken, symptom = BROKEN_DEVICES[name]
    sources = []
    for source in campaign_sources():
        text = source.read_text()
        if source.name == file:
            assert text.count(right) == 1
            text = text.replace(right, broken)
        sources.append(tmp_path / source.name)
        sources[-1].write_text(text)
    with Wire(build_wire(tmp_path / "build", sources=sources)) as wire:
        tally = Campaign(wire, seed=1).run(5000)
    assert tally.wrong[symptom], tally.wrong


class _Credulous(Link):
    """Takes any reply for the one to its oldest request."""

    def _take(self, reply: Reply) -> None:
        super()._take(replace(reply, sequence=self._waiting[0].request.sequence))


class _Patient(Link):
    """Does not end a call at its deadline."""

    def __init__(self, port: Port, *, deadline: float) -> None:
        super().__init__(port, deadline=deadline + 0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("host", "symptom"), [(_Credulous, "wrong answer"), (_Patient, "late")])
def test_a_broken_host_is_found(program: Path, host: type[Link], symptom: str) -> None:
    with Wire(program) as wire:
        tally = Campaign(wire, 1, lambda port, deadline: host(port, deadline=deadline)).run(5000)
    assert tally.wrong[symptom], tally.wrong


def test_tallies_add_up() -> None:
    one, other = Tally(all_calls=2, notes=["a"]), Tally(all_calls=3, notes=["b"])
    one.faults[Kind.FLIP], other.faults[Kind.FLIP], other.faults[Kind.CUT] = 1, 2, 4
    one.add(other)
    assert (one.all_calls, one.notes, one.promised, one.faults[Kind.CUT]) == (5, ["a", "b"], 3, 4)
