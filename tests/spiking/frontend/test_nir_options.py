"""What the user says of a NIR model beside its tick: its reset, the error allowed; and a beta of 1."""

from pathlib import Path
from typing import Any

import nir
import numpy as np
import pytest
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend import load
from hwflow.spiking.frontend import nir as frontend
from hwflow.spiking.frontend.fidelity import with_trial
from hwflow.spiking.frontend.model import SpikingModel
from hwflow.spiking.reference import Rules, initial, run

Array = NDArray[Any]


def model_of(*nodes: Any, dt: float = 1.0, **options: Any) -> SpikingModel:
    return frontend.from_dict(nir.NIRGraph.from_list(*nodes).to_dict(), dt, "net", **options)


def spikes(model: SpikingModel, x: Array) -> Array:
    return run(Rules(model.network, core_for(model.network)), initial(model.network), x).spikes


def leaky(beta: float, count: int = 1, dt: float = 1e-4) -> Any:
    """As snnTorch exports a Leaky: R makes up for the leak, and a beta of 1 gives an infinite tau and R."""
    with np.errstate(divide="ignore"):
        tau = dt / (1 - np.full(count, beta))
    return nir.LIF(tau=tau, r=tau / dt, v_leak=np.zeros(count), v_threshold=np.ones(count))


@pytest.mark.parametrize(("reset", "expected"), [("zero", 25), ("subtract", 32)])
def test_reset_by_subtraction(reset: str, expected: int) -> None:
    model = model_of(nir.Linear(np.array([[0.7]])), leaky(0.9), dt=1e-4, reset=reset)
    assert model.network.neurons.subtract.tolist() == [reset == "subtract"]
    assert spikes(model, np.ones((50, 1), np.bool_)).sum() == expected
    trial = with_trial(model).info.fidelity
    assert trial is not None and trial.spikes_float > 20 and trial.differing_share < 0.05
    (told,) = model.info.assumptions
    assert ("as --reset subtract says" in told) == (reset == "subtract") and told.endswith(".")
    assert ("give --reset subtract for one that was" in told) == (reset == "zero")


def test_only_neurons_that_have_a_reset_subtract() -> None:
    nodes = [nir.Linear(np.eye(2)), nir.Threshold(np.full(2, 0.5)), nir.Linear(np.eye(2)), leaky(0.5, 2),
             nir.Linear(np.eye(2)), nir.LI(np.full(2, 1.0), np.ones(2), np.zeros(2))]  # fmt: skip
    model = model_of(*nodes, dt=1e-4, reset="subtract")
    assert model.network.neurons.subtract.tolist() == [False, False, True, True, False, False]
    assert model_of(*nodes[:2], reset="subtract").info.assumptions == ()


def test_other_resets_and_shares_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="A neuron is not reset by 'half'; give --reset zero or subtract"):
        model_of(nir.Linear(np.eye(1)), leaky(0.5), dt=1e-4, reset="half")
    with pytest.raises(UserError, match="--allow-error -1 is no share; give 0 or more"):
        model_of(nir.Linear(np.eye(1)), leaky(0.5), dt=1e-4, allow_error=-1.0)
    with pytest.raises(UserError, match="says how its neurons are reset; leave out --reset"):
        load(tmp_path, reset="zero")


def test_a_beta_of_one_is_an_integrator() -> None:
    model = model_of(nir.Linear(np.array([[0.25], [-0.25]])), leaky(1.0, 2), dt=1e-4)
    assert model.network.neurons.leak.tolist() == [0, 0] and model.info.rounding is not None
    assert model.info.rounding.time_constant == model.info.rounding.weight == 0
    fired = spikes(model, np.ones((20, 1), np.bool_))
    assert np.flatnonzero(fired[:, 0]).tolist() == [4, 9, 14, 19] and not fired[:, 1].any()


def test_an_infinite_time_constant_of_a_current() -> None:
    endless = {"tau_syn": np.full(1, np.inf), "w_in": np.full(1, np.inf), "tau_mem": np.full(1, 2.0), "r": np.full(1, 2.0),
               "v_leak": np.zeros(1), "v_threshold": np.ones(1)}  # fmt: skip
    model = model_of(nir.Linear(np.array([[0.1]])), nir.CubaLIF(**endless))
    assert model.network.neurons.decay.tolist() == [0]
    trial = with_trial(model).info.fidelity
    assert trial is not None and trial.spikes_float > 100 and trial.differing_share < 0.1
    with pytest.raises(
        UserError, match=r"Node 'cubalif' .* its current never decays \(tau_syn is infinite\) and a bias"
    ):
        model_of(nir.Affine(np.array([[0.1]]), np.ones(1)), nir.CubaLIF(**endless))


@pytest.mark.parametrize(
    ("tau", "r", "sentence"),
    [(1.0, np.inf, "its r is infinite and its tau is not"), (-np.inf, 1.0, "which is no time constant"),
     (np.nan, 1.0, "holds infinities or NaN as tau"), (np.inf, -np.inf, "its r is infinite and its tau is not")],
)  # fmt: skip
def test_other_infinities_are_refused(tau: float, r: float, sentence: str) -> None:
    lif = nir.LIF(np.full(1, tau), np.full(1, r), np.zeros(1), np.ones(1))
    with pytest.raises(UserError, match=sentence):
        model_of(nir.Linear(np.eye(1)), lif)
    with pytest.raises(UserError, match="its r is infinite"):
        model_of(nir.Linear(np.eye(1)), nir.IF(np.full(1, np.inf), np.ones(1)))


def test_an_infinite_tau_alone_lets_no_input_in() -> None:
    model = model_of(nir.Linear(np.eye(1)), nir.LIF(np.full(1, np.inf), np.ones(1), np.zeros(1), np.ones(1)))
    assert "No input moves 'lif': tau is infinite and R is not" in model.info.assumptions[0]
    assert not spikes(model, np.ones((50, 1), np.bool_)).any()


def sinabs(dt: float, **options: Any) -> SpikingModel:
    """An IF that counts spikes, R = 1, in the ticks of another model."""
    weight = np.random.default_rng(0).normal(0.3, 0.4, (4, 6))
    return model_of(nir.Linear(weight), nir.IF(np.ones(4), np.ones(4)), dt=dt, **options)


def test_errors_that_make_another_net_are_refused_unless_allowed() -> None:
    sentence = (
        r"weights of neuron \d of node 'if' \(IF\) by \d+%, more than 25%, .* --dt \(1 where neurons count spikes"
    )
    with pytest.raises(UserError, match=sentence) as caught:
        sinabs(1e-4)
    share = float(str(caught.value).split("--allow-error ")[1].rstrip("."))
    assert 0.25 < share <= 1
    allowed = with_trial(sinabs(1e-4, allow_error=share))
    assert allowed.info.rounding is not None and 0.25 < allowed.info.rounding.weight <= share
    fine = with_trial(sinabs(1.0)).info
    assert fine.rounding is not None and fine.rounding.weight < 0.01
    assert fine.fidelity is not None and fine.fidelity.output_spikes_integer > 500  # type: ignore[operator]
    wide = sinabs(1e-4, state_bits=24).info.rounding
    assert wide is not None and wide.weight < 0.01


def test_a_rate_that_rounding_changes_is_refused() -> None:
    with pytest.raises(UserError, match="time constants of neuron 0 .* by 33%, more than 25%, .* --allow-error 0.34"):
        model_of(
            nir.Linear(np.full((1, 1), 100.0)), nir.LIF(*(np.full(1, v) for v in (65536 / 1.5, 65536.0, 0.0, 1.0)))
        )
