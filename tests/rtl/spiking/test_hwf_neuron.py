"""hwf_neuron: sweeps over the neurons of a unit, every register after each of them, against the golden model."""

import random
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.triggers import ClockCycles
from harness import check, check_assertion_fires
from helpers.cycles import begin, cycle, to_signed
from helpers.reset import check_resets
from spiking.nets import random_network, random_state

from hwflow.spiking.arithmetic import fade
from hwflow.spiking.network import Core, SpikingNetwork
from hwflow.spiking.reference import Rules, State, tick, to_rest

pytestmark = pytest.mark.slow
AXONS, SUM_BITS = 40, 14  # the weights of all axons, 8 bits each
NAMES = ("WORDS", "STATE_BITS", "ADAPTATION", "MODULATION")
STAGES = 6
IDLE = {"step": 0, "place0": 0, "place2": 0, "place6": 0, "sum2": 0, "weight_shift": 0, "adaptation_decay": 0,
        "adaptation_step": 0, "closes": 0, "resting": 0, "near_shift": 0, "host_write": 0, "host_field": 0, "host_data": 0}  # fmt: skip
FIELDS = {"membrane": 0, "current": 1, "adaptation": 2, "refractory": 3}


async def at(dut: Any, place: int, *see: str, **inputs: int) -> list[int]:
    return await cycle(dut, *see, place0=place, place2=place, place6=place, **inputs)


async def load(dut: Any, network: SpikingNetwork, state: State) -> None:
    neurons = network.neurons
    values = {number: getattr(state, name) for name, number in FIELDS.items()}
    values |= {8: neurons.threshold, 9: neurons.leak, 10: neurons.decay, 11: neurons.bias, 12: neurons.reset,
               13: neurons.refractory, 14: neurons.subtract}  # fmt: skip
    for number, of_neurons in values.items():
        for place, value in enumerate(of_neurons):
            data = int(value) & 0xFFFFFF
            assert await at(dut, place, "saturated", host_write=1, host_field=number, host_data=data) == [0]
    dut.host_write.value = 0
    dut.weight_shift.value = network.weight_shift
    dut.adaptation_decay.value = network.learning.adaptation_decay
    dut.adaptation_step.value = network.learning.adaptation_step


async def check_fields(dut: Any, state: State) -> None:
    for name, number in FIELDS.items():
        for place, value in enumerate(getattr(state, name)):
            for _ in range(4):
                await at(dut, place, host_field=number)
            (seen,) = await at(dut, place, "host_read")
            assert to_signed(seen, 32) == value, (name, place)


async def sweep(dut: Any, sums: Any, rng: random.Random) -> tuple[list[int], list[int], int]:
    """A step of each neuron, in each cycle or later, none within 7 cycles; who fires, who is near, and how many sums were clipped."""
    count, pause = len(sums), rng.choice([0.0, 0.5])
    named: list[int | None] = []
    fires, near, clipped, place = [], [], 0, 0
    while len(fires) < count:
        goes = place < count and rng.random() >= pause
        named.append(place if goes else None)
        place += goes
        stage = [named[-1 - k] if len(named) > k else None for k in range(STAGES + 1)]
        arrives = stage[2]
        saturated, fires6, near6 = await cycle(
            dut, "saturated", "fires6", "near6", step=goes, place0=stage[0] or 0, place2=arrives or 0, place6=stage[6] or 0,
            sum2=0 if arrives is None else int(sums[arrives]),
        )  # fmt: skip
        clipped += (saturated & 1) + (saturated >> 1)
        if stage[6] is not None:
            fires.append(fires6)
            near.append(near6)
    dut.step.value = 0
    await ClockCycles(dut.clk, 2)
    return fires, near, clipped


def near(network: SpikingNetwork, core: Core, state: State, sums: Any) -> Any:
    """Whose membrane will be above its threshold / 2^near_shift, as docs/neuron.md has it."""
    neurons, (low, high) = network.neurons, (core.state.min, core.state.max)
    current = np.clip(fade(state.current, 65536 - neurons.decay) + (sums << network.weight_shift), low, high)
    membrane = np.clip(fade(state.membrane, 65536 - neurons.leak) + current + neurons.bias, low, high)
    assert network.modulation
    level = (neurons.threshold + state.adaptation) // 2**network.modulation.near_shift
    return (state.refractory == 0) & (membrane > level)


async def ticks(dut: Any, rng: random.Random, count: int, *, extreme: bool) -> tuple[int, int]:
    """Some ticks of a random net; how many spikes there were, and how many sums were clipped."""
    neurons, state_bits, adapts, modulates = (int(getattr(dut, name).value) for name in NAMES)
    core = Core(AXONS, neurons, state_bits=state_bits, adaptation=bool(adapts), modulation=bool(modulates))
    dice, fired = np.random.default_rng(rng.getrandbits(32)), 0
    network = random_network(dice, core, extreme=extreme)
    rules, state = Rules(network, core), random_state(dice, core)
    await load(dut, network, state)
    for _ in range(count):
        axons = np.flatnonzero(dice.random(AXONS) < rng.choice([0.0, 0.1, 1.0]))
        state.fired[:] = False  # what arrives is that of the axons
        sums, before = state.weight[axons[~network.modulators[axons]]].sum(axis=0), state.saturations
        third = network.modulation
        dut.near_shift.value, dut.closes.value = (
            third.near_shift if third else 0,
            third is not None and third.closing in axons,
        )
        close = near(network, core, state, sums) if third else None
        expected = tick(rules, state, axons)
        fires, near6, clipped = await sweep(dut, sums, rng)
        assert (fires, clipped) == (expected.tolist(), state.saturations - before)
        assert close is None or near6 == close.tolist()
        fired += int(expected.sum())
        if rng.random() < 0.2:
            dut.closes.value = dut.resting.value = 1
            await sweep(dut, np.zeros_like(sums), rng)
            dut.closes.value = dut.resting.value = 0
            to_rest(state)
    await check_fields(dut, state)
    return fired, state.saturations


@cocotb.test()
async def follows_the_golden_model(dut: Any) -> None:
    rng = random.Random(14)
    await begin(dut, **IDLE)
    fired, saturated = np.sum([await ticks(dut, rng, 12, extreme=net % 2 == 1) for net in range(16)], axis=0)
    assert fired > 4 and saturated > 4


@cocotb.test()
async def follows_it_after_a_reset(dut: Any) -> None:
    """Of a step that was under way nothing is seen: neither a sum that is clipped nor a field that is written."""
    await begin(dut, **IDLE)

    async def work(rng: random.Random) -> None:
        await ticks(dut, rng, 8, extreme=True)

    await check_resets(dut, work, idle=IDLE)


@cocotb.test()
async def comes_back_too_early(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, step=1)
    for _ in range(STAGES - 1):
        await cycle(dut, step=0)
    await cycle(dut, step=1)
    await cycle(dut)


@cocotb.test()
async def forgets_its_place(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, step=1, place0=1)
    for _ in range(4):
        await cycle(dut, step=0)


@cocotb.test()
async def fires_while_it_is_held(dut: Any) -> None:
    await begin(dut, **IDLE)
    await cycle(dut, step=1)
    for _ in range(STAGES + 1):
        dut.inner.held6.value = 1
        dut.inner.fires6.value = 1
        await cycle(dut, step=0)


@pytest.mark.parametrize(
    ("words", "state_bits", "adapts", "modulates", "shifter"),
    [(1, 16, 1, 0, 1), (9, 24, 1, 1, 0), (8, 8, 1, 1, 1), (7, 16, 0, 0, 0)],
)
def test_neuron(words: int, state_bits: int, adapts: int, modulates: int, shifter: int) -> None:
    parameters = dict(zip(NAMES, (words, state_bits, adapts, modulates), strict=True))
    parameters |= {"SUM_BITS": SUM_BITS, "SHIFTER": shifter}
    check(__file__, "hwf_neuron", parameters, tests=[follows_the_golden_model.name, follows_it_after_a_reset.name])


@pytest.mark.parametrize(
    ("assertion", "case"),
    [
        ("a_neuron_rests_until_it_is_written", comes_back_too_early.name),
        ("a_step_keeps_its_place", forgets_its_place.name),
        ("a_neuron_that_is_held_does_not_fire", fires_while_it_is_held.name),
    ],
)
def test_assertion_fires(assertion: str, case: str) -> None:
    check_assertion_fires(__file__, "hwf_neuron", assertion, tests=[case])
