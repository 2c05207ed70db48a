"""Spiking boards: what comes back over the link is what the golden model gives, whatever the wire and the host do."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from host.device_model import Device, Faults, PtyDevice, VirtualPort
from hypothesis import given, settings
from hypothesis import strategies as st
from spiking.host.device import SpikingDevice
from spiking.nets import random_core, random_network, random_spikes, random_state, random_stimuli

from hwflow.errors import ToolError, UserError
from hwflow.host.errors import DeviceReset, LinkTimeout, PortLost, WrongBoard
from hwflow.host.link import Link, open_link
from hwflow.spiking.blocks import Block
from hwflow.spiking.host.board import SpikingBoard
from hwflow.spiking.host.golden import GoldenModel
from hwflow.spiking.host.target import SpikingTarget
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import State

CORE = Core(8, 8, 2)
SEEDS = st.integers(0, 2**32 - 1)


def assert_equal(one: State, other: State) -> None:
    for part in fields(State):
        assert np.array_equal(getattr(one, part.name), getattr(other, part.name)), part.name


def board_of(core: Core, faults: Faults | None = None, **options: Any) -> tuple[SpikingBoard, SpikingDevice, Link]:
    device = SpikingDevice(core=core, **options)
    link = Link(VirtualPort(device, faults))
    return SpikingBoard(link, core), device, link


def lively(core: Core = CORE) -> SpikingNetwork:
    """Each axon makes the neuron of its number fire."""
    weight = np.zeros((core.sources, core.neurons), np.int64)
    weight[: core.axons] = 100 * np.eye(core.axons, core.neurons, dtype=np.int64)
    return SpikingNetwork(
        "lively", weight, Neurons.of(core.neurons, threshold=50, leak=65535), np.zeros(weight.shape, np.bool_)
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(SEEDS, st.sampled_from([0.0, 0.0, 0.0003]))
def test_a_board_is_the_golden_model(seed: int, rate: float) -> None:
    """A random life: nets that fill the core or less, runs, normalisation, states written, read back each time."""
    rng = np.random.default_rng(seed)
    core = random_core(rng, most=16)
    least = core.neurons + 58
    board, _, link = board_of(core, Faults(rate, rate, rate, seed=seed), log=int(rng.integers(least, 2 * least)))
    model = GoldenModel(core)
    network = random_network(rng, core)
    targets: list[SpikingTarget] = [board, model]
    for target in targets:
        target.load(network)
    try:
        for _ in range(4):
            spikes = random_stimuli(rng, network, int(rng.integers(0, 60)))
            learn = bool(rng.integers(2))
            assert np.array_equal(*[target.run(spikes, learn=learn) for target in targets])
            assert_equal(board.state(), model.state())
            some, ticks, rest = int(rng.integers(0, 5)), int(rng.integers(0, 12)), bool(rng.integers(2))
            shown = random_stimuli(rng, network, some * ticks).reshape(some, ticks, network.axons)
            learns = rng.random(some) < 0.5
            assert np.array_equal(*[target.present(shown, learn=learns, rest=rest) for target in targets])
            assert_equal(board.state(), model.state())
            act = rng.choice(["normalise", "rest", "write", "configure"])
            few = None if rng.random() < 0.5 else rng.choice(network.size, min(network.size, 3), replace=False).tolist()
            state, other = random_state(rng, core), replace(random_network(rng, core), plastic=network.plastic)
            for target in targets:
                if act == "normalise":
                    target.normalise(few)
                elif act == "rest":
                    target.rest()
                elif act == "write":
                    target.write_state(state)
                else:
                    target.configure(other)
            network = other if act == "configure" else network
            assert_equal(board.state(), model.state())
    except LinkTimeout:
        assert rate
    assert link.counters.requests


def test_what_a_core_does_not_store_is_neither_written_nor_read() -> None:
    """Two layers, and neurons that hold back each other; weights of a state that is written come back too."""
    core = Core(40, 90, 2, synapse_mask=False,
                blocks=(Block(40, 0, 60, False), Block(60, 60, 20, True), Block(30, 60, 30, False, -5)))  # fmt: skip
    rng = np.random.default_rng(8)
    weight = np.where(core.kept, rng.integers(-20, 40, core.kept.shape), core.constant)
    learning = Learning(False, plastic_neurons=True, potentiation=300, pre_step=50)
    network = SpikingNetwork("layers", weight, Neurons.of(90, threshold=60), core.may_change, learning=learning)
    board, device, link = board_of(core, log=256)
    before = link.counters.requests
    board.load(network)
    assert np.array_equal(device.weight, weight)
    written = 90 * 4 * 15 // 240 + 40 + 60 + 40  # fields, two rows of blocks, and the rest
    assert 100 < link.counters.requests - before < written < core.sources * core.neurons // 60
    model = GoldenModel(core)
    model.load(network)
    stimuli = random_spikes(rng, 40, 40)
    assert np.array_equal(board.run(stimuli, learn=True), model.run(stimuli, learn=True))
    assert_equal(board.state(), model.state())
    assert (board.state().weight != weight).any()
    board.write_state(model.state())
    assert_equal(board.state(), model.state())


@pytest.mark.parametrize(("lanes", "entries"), [(1, 900), (2, 700), (8, 256)])
def test_rows_of_entries_are_written_and_read(lanes: int, entries: int) -> None:
    """Nets that differ in where they lead to, one behind the other in one core; weights of a state that is written come back too."""
    core = Core(40, 56, lanes, learning=False, synapse_mask=False, normalisation=False, entries=entries)
    board, device, _ = board_of(core, log=256)
    model = GoldenModel(core)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        smaller = replace(core, entries=entries // 2, axons=32)
        network = random_network(rng, smaller, extreme=False)
        network = replace(network, weight=network.weight[:, : 56 - seed][: 88 - seed], plastic=network.plastic[:, : 56 - seed][: 88 - seed],
                          neurons=Neurons.of(56 - seed, threshold=60), start=None, told=0)  # fmt: skip
        stimuli = random_spikes(rng, 40, 32)
        for target in (board, model):
            target.load(network)
        assert np.array_equal(board.run(stimuli), model.run(stimuli))
        assert np.array_equal(device.weight[:32, : network.size], network.weight[:32])
        assert_equal(board.state(), model.state())
        state = model.state()
        state.weight[::3] = 0
        state.weight[1, 1] = 17
        for target in (board, model):
            target.write_state(state)
        assert_equal(board.state(), state)
    dense = np.ones_like(network.weight)
    with pytest.raises(UserError, match=f"entries of {entries}; compile it for a core of its own"):
        board.load(replace(network, weight=dense))
    state.weight = dense
    with pytest.raises(UserError, match=f"entries of {entries} in the core; compile the net for a core of its own"):
        board.write_state(state)
    device.targets[:] &= 0x3FFF
    with pytest.raises(ToolError, match="has rows of entries that do not end; load the net again"):
        board.state()


def test_a_net_smaller_than_its_core() -> None:
    rng, core = np.random.default_rng(3), Core(12, 16, 4)
    network = random_network(rng, replace(core, axons=5, neurons=9, lanes=1), extreme=False)
    network = replace(network, learning=replace(network.learning, weight_min=-128, weight_max=127))
    board, _, _ = board_of(core)
    model = GoldenModel(core)
    stimuli = random_spikes(rng, 80, 5)
    for target in (board, model):
        target.load(network)
    assert np.array_equal(board.run(stimuli, learn=True), model.run(stimuli, learn=True))
    assert_equal(board.state(), model.state())
    assert board.state().weight.shape == (14, 9)


def test_more_spikes_than_stimuli() -> None:
    """Every neuron fires in every tick: replies fill up, requests are taken in part, and nothing is lost."""
    core = Core(8, 40, 8)
    weight = np.zeros((48, 40), np.int64)
    network = SpikingNetwork("loud", weight, Neurons.of(40, threshold=1, bias=9), np.zeros(weight.shape, np.bool_))
    board, device, link = board_of(core)
    board.load(network)
    before = link.counters.requests
    assert board.run(np.zeros((600, 8), np.bool_)).all()
    assert link.counters.requests - before < 1.15 * 600 * 40 / 58
    assert device.fetched == 600 * 40


def graded(core: Core) -> SpikingNetwork:
    """Axon j makes neuron j fire, and others by a value of 51 and more."""
    net = lively(core)
    net.weight[: core.axons] += net.weight[: core.axons] == 0
    return replace(net, graded=True)


def test_values_make_neurons_fire_that_spikes_do_not() -> None:
    core = replace(CORE, graded=True)
    board, device, _ = board_of(core)
    model = GoldenModel(core)
    stimuli = np.array([[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 50, 0, 0, 0, 0, 0], [0, 0, 0, 51, 0, 0, 0, 0]], np.uint8)
    for target in (board, model):
        target.load(graded(core))
        fired = target.run(stimuli)
        assert fired.sum(axis=1).tolist() == [1, 1, 8]
    assert device.position == 2 + 6 + 7  # a list, and values as far as there are any
    assert_equal(board.state(), model.state())


@pytest.mark.parametrize("told", [0, 5, 8])
def test_only_neurons_that_are_told_come_over_the_wire(told: int) -> None:
    board, device, _ = board_of(CORE)
    model, stimuli = GoldenModel(CORE), random_spikes(np.random.default_rng(1), 200, 8)
    for target in (board, model):
        target.load(replace(lively(), told=told))
        assert np.array_equal(target.run(stimuli), stimuli & (np.arange(8) >= told))
    assert device.fetched == np.count_nonzero(stimuli[:, told:])
    assert model.fired is not None and np.array_equal(model.fired, stimuli)
    assert board.state().spikes == model.state().spikes == np.count_nonzero(stimuli)


@pytest.mark.parametrize(
    ("net", "value", "says"),
    [
        (lively(), 2, "The stimuli of lively are 0 and 1, a spike or none, and not 2 at [2, 3]."),
        (graded(CORE), 256, "The stimuli of lively are whole numbers of 0 … 255, and not 256 at [2, 3]."),
        (graded(CORE), -1, "The stimuli of lively are whole numbers of 0 … 255, and not -1 at [2, 3]."),
    ],
)
def test_a_value_that_the_net_does_not_take_is_refused_before_anything_runs(
    net: SpikingNetwork, value: int, says: str
) -> None:
    core = replace(CORE, graded=True)
    board, device, _ = board_of(core)
    stimuli = np.zeros((3, 8), np.int64)
    stimuli[2, 3] = value
    for target in (board, GoldenModel(core)):
        target.load(net)
        with pytest.raises(UserError) as error:
            target.run(stimuli)
        assert str(error.value) == says
    assert device.position == 0


def test_graded_input_needs_a_core_with_it() -> None:
    for target in (board_of(CORE)[0], GoldenModel(CORE)):
        with pytest.raises(
            UserError, match="lively does not fit the core: it needs graded input, which it is built without"
        ):
            target.load(graded(CORE))


def test_the_tick_count_wraps_in_the_log() -> None:
    board, _, _ = board_of(CORE)
    board.load(lively())
    state = board.state()
    state.ticks = 2**32 - 20
    board.write_state(state)
    stimuli = random_spikes(np.random.default_rng(1), 40, 8)
    assert np.array_equal(board.run(stimuli), stimuli)
    assert board.state().ticks == 20


def test_long_runs_go_out_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwflow.spiking.host.board._STRETCH", 50)
    board, _, _ = board_of(CORE)
    board.load(lively())
    stimuli = random_spikes(np.random.default_rng(1), 333, 8)
    told: list[tuple[int, int]] = []
    assert np.array_equal(board.run(stimuli, progress=lambda done, total: told.append((done, total))), stimuli)
    assert told[-1] == (333, 333)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_run_that_is_broken_off_spoils_nothing() -> None:
    board, _, _ = board_of(CORE)
    board.load(lively())
    stimuli = random_spikes(np.random.default_rng(1), 900, 8)

    def interrupt(done: int, total: int) -> None:
        if done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        board.run(stimuli, progress=interrupt)
    assert np.array_equal(board.run(stimuli), stimuli)


@pytest.mark.parametrize("after", range(2000, 6000, 500))
def test_a_reset_is_seen(after: int) -> None:
    device = SpikingDevice(core=CORE)
    board = SpikingBoard(Link(VirtualPort(device, reset_after=after)), CORE)

    def work() -> None:
        for _ in range(3):
            board.load(lively())
            board.run(np.ones((100, 8), np.bool_))

    with pytest.raises(DeviceReset, match="was reset"):
        work()


def test_a_reset_between_two_calls_is_seen() -> None:
    board, device, link = board_of(CORE)
    board.load(lively())
    device.reset()
    link.hello()
    with pytest.raises(DeviceReset, match="load the net again"):
        board.run(np.ones((3, 8), np.bool_))


def test_a_cable_pulled_while_running() -> None:
    with PtyDevice(SpikingDevice(core=CORE)) as pty, open_link(pty.port, deadline=1.0) as link:
        board = SpikingBoard(link, CORE)
        board.load(lively())
        with pytest.raises(PortLost, match="was lost"):
            board.run(np.ones((5000, 8), np.bool_), progress=lambda done, total: pty.unplug() if done > 9 else None)


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (Device(8, 8), "holds a dataflow net and not a spiking net"),
        (SpikingDevice(core=Core(8, 16, 2)), "a core of 8 axons and 16 neurons, and the project's has 8 and 8"),
        (SpikingDevice(core=Core(8, 8, 2, trace_bits=9)), "other widths or features"),
        (SpikingDevice(core=CORE), r"holds another build \(101112131415, with a clock of 12 MHz\)"),
    ],
)
def test_the_wrong_board(device: Device, words: str) -> None:
    with pytest.raises(WrongBoard, match=words):
        SpikingBoard(Link(VirtualPort(device)), CORE, build="ab" * 16)


@pytest.mark.parametrize("kind", [SpikingBoard, GoldenModel])
def test_stimuli_that_are_none(kind: type) -> None:
    target: SpikingTarget = board_of(CORE)[0] if kind is SpikingBoard else GoldenModel(CORE)
    with pytest.raises(RuntimeError, match="load a net first"):
        target.run(np.zeros((1, 8)))
    target.load(lively())
    for wrong, words in (
        (np.zeros((3, 7)), r"takes spikes of 8 axons in each tick, not an array of shape \(3, 7\)"),
        (np.zeros(8), "not an array of shape"),
        (np.full((3, 8), 2), r"and not 2 at \[0, 0\]"),
        (np.full((3, 8), np.nan), r"and not nan at \[0, 0\]"),
    ):
        with pytest.raises(UserError, match=words):
            target.run(wrong)
    assert target.run(np.zeros((0, 8))).shape == (0, 8)
    with pytest.raises(UserError, match="other sizes"):
        target.configure(lively(Core(6, 8)))
    with pytest.raises(UserError, match="needs"):
        target.load(lively(Core(8, 9)))


def test_a_state_outside_the_core_is_refused() -> None:
    board, _, _ = board_of(CORE)
    board.load(lively())
    state = board.state()
    state.membrane[2] = 1 << 15
    with pytest.raises(UserError, match="The membrane to be written is not within INT16"):
        board.write_state(state)


class Confused(SpikingDevice):
    """Its position jumps."""

    def _ticks(self, request):  # type: ignore[no-untyped-def]
        self.position += 3 * (self.settings[0] > 20)
        return super()._ticks(request)


class Stuck(SpikingDevice):
    """Does no tick."""

    def _ticks(self, request):  # type: ignore[no-untyped-def]
        self.waiting, self.log = 1, -1
        return super()._ticks(request)


@pytest.mark.parametrize(("kind", "words"), [(Confused, "stimuli do not explain"), (Stuck, "neither takes stimuli")])
def test_a_device_that_is_out_of_order(kind: type[SpikingDevice], words: str) -> None:
    board = SpikingBoard(Link(VirtualPort(kind(core=CORE))), CORE)
    board.load(lively())
    with pytest.raises(ToolError, match=words):
        board.run(np.ones((2000, 8), np.bool_))
