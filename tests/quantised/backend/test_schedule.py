"""Cycles and depths as equations: what they say of small nets that one can follow by hand, and of themselves."""

import numpy as np
import pytest
from quantised.networks import random_folding, random_graph, random_network

from hwflow.ints import IntType
from hwflow.quantised.backend.folding import Fold, Folding
from hwflow.quantised.backend.model import run
from hwflow.quantised.backend.schedule import Schedule, schedule
from hwflow.quantised.backend.units import units_of
from hwflow.quantised.network import INPUT, Add, Concat, Dense, Network, Node, Slice


def residual() -> Network:
    """y = W1 (W0 x) + 3 x, of 8 elements."""
    kind = IntType(2, True)
    return Network(
        "residual",
        8,
        kind,
        (
            Node("dense0", Dense(np.ones((8, 8), dtype=np.int64), kind), (INPUT,)),
            Node("dense1", Dense(np.ones((8, 8), dtype=np.int64), kind), ("dense0",)),
            Node("add0", Add(np.array([[1] * 8, [3] * 8])), ("dense1", INPUT)),
        ),
    )


def depths(planned: Schedule) -> dict[str, int]:
    return {link.name: link.depth for stream in planned.streams for link in stream.links if link.joins}


def planned(pe: int) -> Schedule:
    return schedule(units_of(residual(), Folding({"dense0": Fold(pe, 8), "dense1": Fold(pe, 8)})))


def test_a_skip_holds_what_the_other_branch_is_behind() -> None:
    """At a vector a cycle the skip holds one for each register on the way through both matrices."""
    fast = planned(8)
    assert fast.prediction.initiation_interval == 1
    # Pushed in cycle 0. The other way: out of the FIFO in 1, of the matrix in 4; of the next ones in 5 and 8; added in 9. Room
    # from cycle 10 on.
    assert depths(fast) == {"dense1": 2, "input_1": 10}
    assert fast.tight == ("input_1",)
    slow = planned(1)
    assert slow.prediction.initiation_interval == 8


@pytest.mark.parametrize("pe", [1, 2, 8])
def test_one_word_less_loses_a_cycle(pe: int) -> None:
    made = planned(pe)
    best = run(made.streams, {}, 30)
    assert np.all(np.diff(best.ends) == made.prediction.initiation_interval)
    for name in made.tight:
        less = {name: depths(made)[name] - 1}
        alone, many = run(made.streams, less, 1), run(made.streams, less, 30)
        late = not alone.ends or alone.ends[0] > made.prediction.fill
        assert late or len(many.ends) < 30 or many.ends[-1] - many.ends[15] > 14 * made.prediction.initiation_interval


def test_a_skip_too_short_locks_the_net_up() -> None:
    """A matrix of eight folds takes the whole vector before it gives anything; the skip must hold it."""
    network = residual()
    folding = Folding({"dense0": Fold(1, 1), "dense1": Fold(8, 8)})
    made = schedule(units_of(network, folding))
    assert depths(made)["input_1"] > 2 and "input_1" in made.tight
    assert len(run(made.streams, {"input_1": 2}, 4).ends) == 0


@pytest.mark.parametrize("seed", range(8))
def test_deeper_fifos_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_graph(rng, largest=8, nodes=7)
    made = schedule(units_of(network, random_folding(rng, network)))
    course = run(made.streams, dict.fromkeys(depths(made)), 1)
    assert course.ends[0] - course.firsts[0] == made.prediction.fill


def test_chains_have_no_computed_depths() -> None:
    rng = np.random.default_rng(0)
    network = random_network(rng)
    assert schedule(units_of(network, random_folding(rng, network))).tight == ()


def test_depths_hold_whatever_stalls_come() -> None:
    """The sums wait until all of the input has passed; at full speed some wait in the adder's registers, but not after gaps."""
    kind = IntType(2, True)
    nodes = (
        Node("add0", Add(np.ones((2, 9), dtype=np.int64)), (INPUT, INPUT)),
        Node("concat0", Concat((9, 9)), (INPUT, "add0")),
        Node("dense0", Dense(np.ones((4, 18), dtype=np.int64), kind), ("concat0",)),
    )
    made = schedule(units_of(Network("gaps", 9, kind, nodes), Folding({"dense0": Fold(1, 1)})))
    assert depths(made)["add0"] == 5 and made.tight == ()
    assert len(run(made.streams, {"add0": 4}, 30).ends) == 30
    assert len(run(made.streams, {"add0": 4}, 30, empty=True).ends) == 0
    assert len(run(made.streams, {}, 30, empty=True).ends) == 30


def test_the_slowest_unit_may_be_hidden_by_a_longer_way_for_many_vectors() -> None:
    """Twelve matrices of 5 cycles, and beside them five of one cycle and one of 6, which is not waited for until it is far behind."""
    kind = IntType(2, True)

    def dense(name: str, rows: int, columns: int, before: str) -> Node:
        return Node(name, Dense(np.ones((rows, columns), dtype=np.int64), kind), (before,))

    parts = [Node("left", Slice(0, 4, 10), (INPUT,)), Node("right", Slice(4, 6, 10), (INPUT,))]
    long = [dense("long0", 5, 4, "left"), *(dense(f"long{i}", 5, 5, f"long{i - 1}") for i in range(1, 11))]
    short = [dense("short0", 6, 6, "right"), *(dense(f"short{i}", 6, 6, f"short{i - 1}") for i in range(1, 5))]
    ends = [dense("long11", 10, 5, "long10"), dense("slow", 10, 6, "short4")]
    add = Node("add", Add(np.ones((2, 10), dtype=np.int64)), ("long11", "slow"))
    folds = {f"long{i}": Fold(1, 5) for i in range(1, 11)} | {f"short{i}": Fold(6, 6) for i in range(5)}
    folds |= {"long0": Fold(1, 4), "long11": Fold(10, 1), "slow": Fold(5, 2)}
    made = schedule(units_of(Network("two", 10, kind, (*parts, *long, *short, *ends, add)), Folding(folds)))
    assert made.prediction.initiation_interval == 6
    endless = np.diff(run(made.streams, dict.fromkeys(depths(made)), 160).ends).tolist()
    assert endless[:24] == [5] * 24 and endless[-24:] == [6] * 24
    assert np.diff(run(made.streams, {}, 160).ends).tolist()[-24:] == [6] * 24
