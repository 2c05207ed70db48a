"""The third factor beside the published rules in floats, and what a net and a core say of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.spiking.fit import core_for, misfits
from hwflow.spiking.frontend.builder import SpikingBuilder
from hwflow.spiking.learning import Learning, Modulation
from hwflow.spiking.network import Core, Neurons, SpikingNetwork
from hwflow.spiking.reference import Rules, initial, run, step

PIXELS, HIDDEN, CLASSES, TICKS = 12, 9, 3, 6
RATE, FREE_RATE, NEAR = 700, 6000, 2
LEARN = Learning(plastic_neurons=True, pre_step=1, post_step=1, weight_min=-128, stochastic=True)


def layered(rng: np.random.Generator) -> SpikingNetwork:
    """Pixels, hidden neurons and outputs; teachers and outputs bring errors to both layers, by fixed random weights."""
    net = SpikingBuilder("layered")
    pixels, end, teachers = net.axons(PIXELS), net.axons(1), net.axons(CLASSES)
    hidden = net.neurons(HIDDEN, threshold=60, subtract=True)
    outputs = net.neurons(CLASSES, threshold=40, subtract=True)
    feedback = rng.integers(-7, 8, (CLASSES, HIDDEN))
    net.connect(pixels, hidden, rng.integers(-20, 40, (PIXELS, HIDDEN)), plastic=True)
    net.connect(hidden, outputs, rng.integers(-20, 40, (HIDDEN, CLASSES)), plastic=True)
    net.connect(teachers, outputs, TICKS * np.eye(CLASSES, dtype=int))
    net.connect(teachers, hidden, TICKS * feedback)
    net.connect(outputs, outputs, -np.eye(CLASSES, dtype=int))
    net.connect(outputs, hidden, -feedback)
    net.third_factor(closing=end, modulators=[teachers, outputs], free=[outputs], rate=RATE, free_rate=FREE_RATE,
                     near_shift=NEAR, least=1, most=TICKS - 1)  # fmt: skip
    return net.build(outputs=[outputs], learning=LEARN)


def presentation(images: NDArray[np.bool_], label: int) -> NDArray[np.bool_]:
    """The spikes of the axons, [TICKS + 2, axons]; the teacher speaks in the last tick, which ends it."""
    spikes = np.zeros((TICKS + 2, PIXELS + 1 + CLASSES), np.bool_)
    spikes[:TICKS, :PIXELS] = images
    spikes[-1, [PIXELS, PIXELS + 1 + label]] = True
    return spikes


def in_floats(network: SpikingNetwork, images: NDArray[np.bool_], label: int) -> NDArray[np.float64]:
    """Changes of the weights by direct feedback alignment in its own words, [M, N], without a unit of the core's in it."""
    teachers = slice(PIXELS + 1, PIXELS + 1 + CLASSES)
    rows = network.axons
    first = network.weight[:PIXELS, :HIDDEN].astype(float)
    second = network.weight[rows : rows + HIDDEN, HIDDEN:].astype(float)
    feedback = network.weight[teachers, :HIDDEN] / TICKS
    v, u, h, o = np.zeros(HIDDEN), np.zeros(CLASSES), np.zeros(HIDDEN), np.zeros(CLASSES)
    count_h, heard, near = np.zeros(HIDDEN), np.zeros(HIDDEN), np.zeros(HIDDEN, bool)
    count_o = np.zeros(CLASSES)
    for t in range(TICKS + 2):
        if t == TICKS + 1:  # the sources' traces are read in the last tick, which has not changed them yet
            trace_h, trace_gate, trace_o = heard.copy(), count_h.copy(), count_o + o
        u = u + h @ second
        count_o += o
        heard += h
        v = v + (images[t].astype(float) @ first if t < TICKS else 0.0)
        near = v > 60 / 2**NEAR
        h, o = (v > 60).astype(float), (u > 40).astype(float)
        v, u = v - 60 * h, u - 40 * o
        count_h += h
    error = TICKS * (np.arange(CLASSES) == label) - trace_o
    gate = (trace_gate <= TICKS - 1) & (near | (trace_gate >= 1))
    change = np.zeros(network.weight.shape)
    change[:PIXELS, :HIDDEN] = RATE / 65536 * images.sum(axis=0)[:, None] * (error @ feedback * gate)
    change[rows : rows + HIDDEN, HIDDEN:] = FREE_RATE / 65536 * trace_h[:, None] * error
    return change


def test_one_presentation_changes_weights_as_direct_feedback_alignment_does() -> None:
    """Each weight by the next integer above or below the change in floats, and by that change in the mean."""
    rounded = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        network = layered(rng)
        images, label = rng.random((TICKS, PIXELS)) < rng.random(PIXELS), seed % CLASSES
        after = run(Rules(network, core_for(network)), initial(network), presentation(images, label), learn=True)
        changed, wanted = after.state.weight - network.weight, in_floats(network, images, label)
        assert not changed[wanted == 0].any()
        inside = np.abs(network.weight + wanted) < 126
        assert (np.abs(changed - wanted) < 1)[inside].all()
        rounded.append((changed - wanted)[inside & (wanted != 0)])
    errors = np.concatenate(rounded)
    assert len(errors) > 1000 and abs(errors.mean()) < 4 * errors.std() / np.sqrt(len(errors))


def test_a_presentation_ends_at_rest_and_what_follows_is_as_if_nothing_had_been() -> None:
    rng = np.random.default_rng(3)
    network = layered(rng)
    rules = Rules(network, core_for(network))
    one, other = (presentation(rng.random((TICKS, PIXELS)) < 0.5, label) for label in (0, 1))
    alone = run(rules, initial(network), other).spikes
    assert alone.any()
    assert np.array_equal(run(rules, run(rules, initial(network), one).state, other).spikes, alone)
    state = run(rules, initial(network), one, learn=True).state
    for name in ("membrane", "current", "refractory", "fired", "factor", "x", "y"):
        assert not getattr(state, name).any(), name


def test_the_outputs_learn_what_they_are_taught() -> None:
    """Three images, fifty presentations of each."""
    images = np.zeros((CLASSES, TICKS, PIXELS), np.bool_)
    for label in range(CLASSES):
        images[label, :, 4 * label : 4 * label + 4] = True
    network = layered(np.random.default_rng(5))
    rules, state = Rules(network, core_for(network)), initial(network)

    def right() -> int:
        counts = [run(rules, state, presentation(images[k], 0)).spikes[:, HIDDEN:].sum(axis=0) for k in range(CLASSES)]
        return sum(int(count.argmax() == k and count[k] > 2) for k, count in enumerate(counts))

    assert right() < CLASSES
    for turn in range(150):
        label = turn % CLASSES
        for row in presentation(images[label], label):
            step(rules, state, row.nonzero()[0], True)
    assert right() == CLASSES


def test_a_core_without_it_refuses_such_a_net() -> None:
    network = layered(np.random.default_rng(0))
    core = core_for(network)
    assert core.modulation and core.stochastic and not misfits(network, core)
    without = Core(core.axons, core.neurons, stochastic=True)
    assert misfits(network, without) == ("third factor, which it is built without",)
    assert core.digest != without.digest


def test_a_net_with_it_comes_back_from_its_files(tmp_path: Path) -> None:
    network = layered(np.random.default_rng(0))
    for name, content in network.to_files().items():
        (tmp_path / name).write_bytes(content)
    back = SpikingNetwork.from_folder(tmp_path)
    assert back.modulation == network.modulation and back.digest == network.digest
    assert back.digest != replace(network, modulation=None).digest


def test_nets_and_cores_without_it_keep_their_names() -> None:
    """Features that a core is built without leave its digest alone, so that boards that were built before there were any are still
    known; those of cores whose numbers had fewer bits are not, since their weights had other addresses."""
    weight = np.ones((12, 4), np.int64)
    network = SpikingNetwork("n", weight, Neurons.of(4, threshold=3), np.ones(weight.shape, np.bool_))
    assert network.digest.startswith("0fe45612820153f3")
    assert (
        Core(8, 8, 4).digest.startswith("aa16aa4d8f3b85e9")
        and Core(8, 8, 4, graded=True).digest != Core(8, 8, 4).digest
    )
    assert Core(8, 8, 4, stochastic=True).digest.startswith("0288094df1abff58")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"closing": 3}, "the axon that closes a presentation is one of 3, and 3 is not"),
        ({"modulating_axons": 4}, "modulating_axons is at most 3, and 4 is more"),
        ({"gated": 3}, "gated is at most 2, and 3 is more"),
    ],
)
def test_numbers_beyond_the_net_are_refused(change: dict[str, int], sentence: str) -> None:
    numbers = {"modulating_axons": 3, "modulating_neurons": 2, "closing": 0, "gated": 2} | change
    with pytest.raises(ValueError, match=sentence):
        SpikingNetwork("small", np.zeros((5, 2), np.int64), Neurons.of(2, threshold=1), np.zeros((5, 2), np.bool_),
                       modulation=Modulation(**numbers))  # fmt: skip


def test_modulators_are_the_last_of_a_net() -> None:
    net = SpikingBuilder("late")
    end, teacher, _ = net.axons(1), net.axons(1), net.axons(1)
    net.neurons(2, threshold=5)
    net.third_factor(closing=end, modulators=[teacher])
    with pytest.raises(
        UserError, match="The net 'late' cannot be made: the modulators are the last axons and the last neurons"
    ):
        net.build()
