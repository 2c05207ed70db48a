"""`simulate --vcd`: what the waveforms show is what was simulated, for both families."""

from pathlib import Path

import numpy as np
import pytest
from commandline import Hwflow
from spiking.nets import random_network

from hwflow.board import find_board
from hwflow.quantised.report.switching import SwitchingRecord
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.network import Core
from hwflow.tool.switching import changes

CYCLE = 10  # time units


def cycles_high(path: Path, *names: str) -> int:
    """In how many clock cycles all of these signals of the top were 1, seen just before the rising edge."""
    ids: dict[str, str] = {}  # the first signal of a name is the top's
    values: dict[str, str] = {}
    time, high = None, 0
    for line in path.read_text().splitlines():
        words = line.split()
        if words[:1] == ["$var"]:
            ids.setdefault(words[4], words[3])
        elif line.startswith("#"):
            if time is not None and time % CYCLE == 0:
                high += all(values[ids[name]] == "1" for name in names)
            time = int(line[1:])
        elif line.startswith(("0", "1")):
            values[line[1:]] = line[0]
    return high


@pytest.mark.slow
def test_the_waveforms_of_a_quantised_net(hwflow: Hwflow, tiny_model: Path, tmp_path: Path) -> None:
    assert hwflow("compile", tiny_model, "--board", "sim", "--argmax", "--out", "p").status == 0
    done = hwflow("simulate", "p", "--vcd", "waves/net.vcd", "--json")
    assert done.status == 0, done.err
    assert (done.json["vectors"], done.json["mismatches"]) == (20, 0)
    vcd = tmp_path / "waves" / "net.vcd"
    assert cycles_high(vcd, "m_valid", "m_ready") == 20  # a class fits a beat
    counted = SwitchingRecord.from_folder(tmp_path / "p")
    assert counted.vectors == 20 and counted.project == done.json["project"]
    assert counted.changes == changes(vcd)[0].total() >= sum(unit.changes for unit in counted.units) > 0
    assert counted.cycles >= done.json["latency_cycles"]
    assert hwflow("simulate", "p", "--vcd", vcd, "--count", "7", "--json").json["vectors"] == 7
    assert cycles_high(vcd, "m_valid", "m_ready") == 7
    assert [path.name for path in vcd.parent.iterdir()] == ["net.vcd"]

    for words, sentence in (
        (["--vcd", vcd.parent], "is a folder; name a file with --vcd"),
        (["--vcd", "many.vcd", "--count", "1001"], "1,000 vectors or ticks at most, not 1,001"),
    ):
        wrong = hwflow("simulate", "p", *words)
        assert wrong.status == 2 and sentence in wrong.err
    assert not (tmp_path / "many.vcd").exists()


@pytest.mark.slow
def test_the_waveforms_of_a_spiking_net(hwflow: Hwflow, tmp_path: Path) -> None:
    network = random_network(np.random.default_rng(8), Core(8, 8, 2), extreme=False)
    (tmp_path / "p").mkdir()
    compile_spiking(network, find_board("sim"), SpikingOptions(lanes=2)).save(tmp_path / "p")
    for words, ticks in ([], 100), (["--ticks", "30", "--learn"], 30):
        done = hwflow("simulate", "p", "--vcd", "net.vcd", *words, "--json")
        assert done.status == 0, done.err
        assert (done.json["ticks"], done.json["mismatches"]) == (ticks, 0)
        vcd = tmp_path / "net.vcd"
        assert cycles_high(vcd, "busy") == done.json["cycles"] > 0
        assert cycles_high(vcd, "spike_valid") == done.json["spikes"] > 0
