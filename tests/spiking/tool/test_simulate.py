"""The spiking core's RTL against the golden model: every register after every tick, over random nets and cores."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from spiking.campaign import campaign_bench, campaign_cores, cases, run_case
from spiking.nets import random_network, random_stimuli

from hwflow.board import find_board
from hwflow.errors import ToolError, UserError
from hwflow.project import ProjectFolder
from hwflow.spiking.backend import registers
from hwflow.spiking.backend.compiled import Compiled
from hwflow.spiking.backend.core import SpikingOptions, compile_spiking
from hwflow.spiking.blocks import Block, fan_in
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import State
from hwflow.spiking.tool import simulate as simulate_spiking
from hwflow.spiking.tool.simulate import SpikingBench, Stimulus, simulate_core

TICKS = 15_000


@pytest.fixture(scope="module", params=["named", pytest.param("drawn", marks=pytest.mark.long)])
def bench(request: pytest.FixtureRequest) -> SpikingBench:
    """Compiling each core is the cost, so that those that are drawn are for the night."""
    return campaign_bench(campaign_cores(drawn=request.param == "drawn"), optimise=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_register_is_that_of_the_golden_model(bench: SpikingBench) -> None:
    spikes = saturations = learnt = ticks = nets = 0
    for case in cases(list(bench.cores), TICKS):
        done = run_case(bench, case)
        assert (done.mismatches, done.first, done.late) == (0, None, 0), (
            case,
            bench.cores[case.number],
            str(done.first),
        )
        ticks, nets, spikes = ticks + done.ticks, nets + 1, spikes + done.spikes
        saturations += done.state.saturations > 0
        learnt += bool(done.state.x.any())
    assert ticks >= TICKS and nets >= 50
    assert spikes > TICKS // 2 and saturations >= 10 and learnt >= 20  # the nets do something


@pytest.mark.slow
def test_sums_are_as_wide_as_the_fan_in_asks_for(bench: SpikingBench) -> None:
    number = next(
        n for n, core in enumerate(bench.cores) if core.blocks == (Block(16, 8, 8, True), Block(16, 0, 8, True))
    )
    core = bench.cores[number]
    neurons = Neurons.of(core.neurons, threshold=2000)
    lowest = SpikingNetwork(
        "lowest", np.where(core.kept, -128, core.constant), neurons, np.zeros(core.kept.shape, np.bool_)
    )
    done = bench.run(number, lowest, Stimulus.of(np.ones((1, core.axons), np.bool_)))
    assert done.mismatches == 0 and done.state.current.min() == -128 * fan_in(core.blocks, core.sources, core.neurons)


@pytest.mark.slow
def test_of_a_large_core_what_is_stored_is_loaded_and_compared(
    bench: SpikingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "_MANY", 0)
    some = [n for n, core in enumerate(bench.cores) if core.blocks]
    for number in some:
        core = bench.cores[number]
        rng = np.random.default_rng(number)
        network = random_network(rng, core, extreme=False)
        done = bench.run(number, network, Stimulus.of(random_stimuli(rng, network, 100), learn=core.learning))
        assert (done.mismatches, done.late) == (0, 0) and done.spikes > 0, (core, str(done.first))
        registers_each = 7 * core.neurons + core.sources + 2 + int(core.kept.sum())
        assert done.values == 101 * registers_each + 7 * core.neurons + int(core.kept.sum())
    assert len(some) >= 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_numbers_of_fourteen_bits() -> None:
    """Sources and neurons beyond number 4,096 in rows and columns, in draws, which have windows for their upper bits, and among modulators."""
    cores = [
        Core(16376, 8, 8, stochastic=True, modulation=True, graded=True),
        Core(8, 4104, 8, stochastic=True, modulation=True,
             blocks=(Block(8, 0, 4104, True), Block(4096, 4096, 8, True), Block(8, 4088, 16, True))),
    ]  # fmt: skip
    bench = campaign_bench(cores, optimise=False)
    for number, core in enumerate(cores):
        rng = np.random.default_rng(number)
        third = random_network(rng, core, extreme=False)
        rule = Learning(plastic_neurons=True, stochastic=True, potentiation=9000, depression=-9000, pre_step=60, post_step=60,
                        weight_min=-128, seed=5)  # fmt: skip
        stdp = replace(third, modulation=None, learning=rule, plastic=core.may_change)
        for network in (replace(third, learning=replace(third.learning, stochastic=True)), stdp):
            done = bench.run(number, network, Stimulus.of(random_stimuli(rng, network, 6), learn=True))
            assert (done.mismatches, done.late) == (0, 0) and done.spikes > 0, (core, str(done.first))
        changed = (done.state.weight != stdp.weight).nonzero()[number]  # by the source, then by the neuron
        assert np.count_nonzero(changed >= 4096) > 5


@pytest.mark.slow
@pytest.mark.parametrize("value", [1, 255])
def test_sums_hold_the_largest_values_of_all_sources(bench: SpikingBench, value: int) -> None:
    """All axons bring as much as they can, twice, and all neurons, which have fired, a spike the second time."""
    number, core = next((n, core) for n, core in enumerate(bench.cores) if core.graded and core.state_bits == 24)
    low = core.weight.min
    neurons = Neurons.of(core.neurons, threshold=core.state.min, reset=0)
    lowest = SpikingNetwork("lowest", np.full((core.sources, core.neurons), low), neurons,
                            np.zeros((core.sources, core.neurons), np.bool_), graded=True)  # fmt: skip
    done = bench.run(number, lowest, Stimulus.of(np.full((2, core.axons), value, np.uint8)))
    assert done.mismatches == 0 and done.fired.all()
    assert done.state.current.tolist() == [low * (value * core.axons + core.neurons)] * core.neurons


@pytest.mark.slow
def test_a_value_that_is_wrong_in_the_rtl_is_named(bench: SpikingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    core, number = bench.cores[4], 4
    network = random_network(np.random.default_rng(1), core, extreme=False)
    spikes = np.random.default_rng(2).random((50, core.axons)) < 0.2
    right = bench.run(number, network, Stimulus.of(spikes, learn=True))
    assert right.mismatches == 0 and right.spikes > 0
    load = simulate_spiking.load_script

    def load_wrongly(core: Core, network: SpikingNetwork, state: State) -> bytes:
        state = state.copy()
        state.y[3] ^= 1
        return load(core, network, state)

    monkeypatch.setattr(simulate_spiking, "load_script", load_wrongly)
    wrong = bench.run(number, network, Stimulus.of(spikes[:1]))  # seen in the memory, and through the port
    assert wrong.mismatches == 2 and str(wrong.first).startswith("y neuron 3 after tick 0 is ")


@pytest.mark.slow
def test_a_project_is_simulated_and_its_bench_is_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weight = rng.integers(-20, 60, (14, 5))
    learning = Learning(potentiation=30, depression=-20, pre_step=100, post_step=100, pre_decay=9000, post_decay=9000)
    neurons = Neurons.of(5, threshold=150, leak=6000)
    network = SpikingNetwork("small", weight, neurons, np.ones(weight.shape, np.bool_), learning=learning)
    compile_spiking(network, find_board("sim"), SpikingOptions(lanes=1)).save(tmp_path)
    said: list[str] = []
    spikes = rng.random((200, 9)) < 0.2
    done = simulate_core(
        Compiled.of(ProjectFolder.read(tmp_path)),
        Stimulus.of(spikes, learn=True),
        progress=lambda what, share=None: said.append(what),
    )
    assert (done.mismatches, done.late, done.ticks) == (0, 0, 200) and done.spikes > 20
    again = simulate_core(
        Compiled.of(ProjectFolder.read(tmp_path)),
        Stimulus.of(spikes, learn=True),
        progress=lambda what, share=None: said.append(what),
    )
    assert np.array_equal(again.fired, done.fired) and again.cycles == done.cycles
    assert said == ["compiling the simulation", "simulating 200 ticks", "simulating 200 ticks"]


def fake_bench(folder: Path, script: str) -> SpikingBench:
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return SpikingBench(program, (Core(2, 2),))


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'spiking: a tick does not end' >&2; exit 3", "failed with status 3: spiking: a tick does not end"),
        ("head -c 50 /dev/zero; exit 1", "failed with status 1: it said nothing"),
        ("head -c 5000 /dev/zero", "more or fewer records"),
        ("head -c 50 /dev/zero", "more or fewer records"),
    ],
)
def test_a_program_that_fails_is_an_error(tmp_path: Path, script: str, says: str) -> None:
    network = SpikingNetwork("n", np.zeros((4, 2), np.int64), Neurons.of(2, threshold=1), np.ones((4, 2), np.bool_))
    with pytest.raises(ToolError, match=says):
        fake_bench(tmp_path, script).run(0, network, Stimulus.of(np.zeros((3, 2), np.bool_)))


def test_a_folder_that_is_no_spiking_project(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a project"):
        simulate_core(Compiled.of(ProjectFolder.read(tmp_path)), Stimulus.of(np.zeros((1, 1), np.bool_)))
