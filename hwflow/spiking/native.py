"""The golden model compiled (native.cpp), where there is a C++ compiler: equal to hwflow/spiking/reference.py, and faster."""

import ctypes
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import HwflowError
from hwflow.ints import IntType
from hwflow.spiking.draws import STATE as DRAWS
from hwflow.spiking.inputs import AxonSpikes
from hwflow.spiking.learning import STATE_BITS, Modulation
from hwflow.spiking.presentations import Presentations, Presented
from hwflow.spiking.reference import Run, State
from hwflow.spiking.rules import Rules
from hwflow.tool.cache import cache_folder, digest_of, kept, processor, state_of
from hwflow.tool.process import run_tool

_SOURCE, *_HEADERS = (Path(__file__).with_name(f"native{part}") for part in (".cpp", "_net.h", "_draws.h", "_due.h"))
_LIBRARY, _COMPILER, _LOG = "golden.so", "g++", "golden.log"
# All of this processor's instructions, as for what Verilator makes; the library is kept for this processor alone.
_OPTIONS = ("-O3", "-march=native", "-std=c++17", "-Wall", "-shared", "-fPIC")
_NUMBERS = (
    "axons", "neurons", "low", "high", "adapted_max", "trace_max", "adapts", "counts", "draws", "third", "graded",
    "rectangular", "nearest", "plastic_axons", "plastic_neurons", "weight_shift", "potentiation", "depression",
    "pre_decay", "post_decay", "pre_step", "post_step", "weight_min", "weight_max", "adaptation_decay",
    "adaptation_step", "modulating_axons", "modulating_neurons", "closing", "gated", "rate", "free_rate",
    "near_shift", "least", "most",
)  # fmt: skip
_ARRAYS = (
    "threshold", "keep_membrane", "keep_current", "bias", "reset", "refractory", "subtract", "plastic", "membrane",
    "current", "adaptation", "held", "y", "factor", "x", "fired", "weight",
)  # fmt: skip
_COUNTS = ("random", "ticks", "spikes", "events", "saturations", "columns")
_STATE = {name: name for name in _ARRAYS[8:]} | {"held": "refractory"}  # by the name there, that of the state here
_WEIGHT, _STATE_OF = IntType(8, signed=True), IntType(STATE_BITS[1], signed=True)
_ADAPTED = IntType(STATE_BITS[1] - 1, signed=False)
_VISITED = 1 << 28  # synapses until an interruption is heard, if all sources have spikes


Library = ctypes.CDLL


class _Net(ctypes.Structure):
    """`Net` of native.cpp: the same names in the same order."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in _NUMBERS),
        *((name, ctypes.c_void_p) for name in _ARRAYS),
        *((name, ctypes.c_int64) for name in _COUNTS),
    ]


@cache
def library() -> Library | None:
    """The compiled model, made now or, for this processor, earlier; None where it cannot be made."""
    compiler = shutil.which(_COMPILER)
    if compiler is None:
        return None
    digest = digest_of(
        [state_of(compiler), processor(), *_OPTIONS, *(path.read_bytes() for path in (_SOURCE, *_HEADERS))]
    )

    def make(out: Path) -> None:
        run_tool([compiler, *_OPTIONS, "-o", str(out / _LIBRARY), str(_SOURCE)], cache_folder() / _LOG)

    # A compiler without its library, a cache that cannot be written: numpy does the same.
    try:
        found = ctypes.CDLL(str(kept(digest, make) / _LIBRARY))
    except (HwflowError, OSError):
        return None
    found.hwf_size.restype = ctypes.c_int64
    assert found.hwf_size() == ctypes.sizeof(_Net)
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    found.hwf_run.argtypes = [pointer, number, number, pointer, pointer, pointer, pointer]
    found.hwf_present.argtypes = [pointer, number, number, pointer, number, *[pointer] * 3]
    found.hwf_normalise.argtypes = [number] * 7 + [pointer] * 2
    found.hwf_run.restype = found.hwf_present.restype = found.hwf_normalise.restype = None
    return found


def holds(rules: Rules, state: State) -> bool:
    """Whether a state, and the rule, lie in the widths of the core, which the compiled model takes for granted."""
    core, rule = rules.core, rules.learning
    kinds = {
        "weight": _WEIGHT,
        "x": core.trace,
        "y": core.trace,
        "adaptation": _ADAPTED,
        "random": DRAWS,
    } | dict.fromkeys(("membrane", "current", "refractory", "factor"), _STATE_OF)
    inside = all(kind.holds(np.asarray(getattr(state, name))) for name, kind in kinds.items())
    return inside and max(rule.pre_step, rule.post_step) <= core.trace.max


def run(
    library: Library,
    rules: Rules,
    state: State,
    axon_spikes: AxonSpikes,
    *,
    learn: bool,
    keep_membranes: bool,
    told: Callable[[int], None],
) -> Run:
    """As `reference.run`, of a state that `holds`."""
    arrays, given = _arrays(rules, state), _given(rules, axon_spikes)
    net = _net(rules, state, arrays)
    count, size = len(given), rules.network.size
    spikes, clipped = (np.zeros((count, size), np.bool_) for _ in range(2))
    membranes = np.zeros((count, size), np.int64) if keep_membranes else None
    stretch = max(1, _VISITED // state.weight.size)
    for first in range(0, count, stretch):
        ticks = min(stretch, count - first)
        library.hwf_run(
            ctypes.byref(net),
            ticks,
            learn and rules.core.learning,
            *(part[first:].ctypes.data for part in (given, spikes, clipped)),
            None if membranes is None else membranes[first:].ctypes.data,
        )
        told(first + ticks)
    return Run(spikes, _after(state, net, arrays), clipped, membranes, net.columns if rules.third else None)


def present(
    library: Library, rules: Rules, state: State, shown: Presentations, told: Callable[[int], None]
) -> Presented:
    """As `golden.present`, of a state that `holds`."""
    arrays, given = _arrays(rules, state), _given(rules, shown.axon_spikes)
    net = _net(rules, state, arrays)
    learns = np.ascontiguousarray(shown.learn & rules.core.learning)
    spikes, events = np.zeros((len(shown), rules.network.size), np.int64), np.zeros(len(shown), np.int64)
    stretch = max(1, _VISITED // (state.weight.size * max(1, shown.ticks)))
    for first in range(0, len(shown), stretch):
        number = min(stretch, len(shown) - first)
        library.hwf_present(ctypes.byref(net), number, shown.ticks, learns[first:].ctypes.data, shown.rest,
                            *(part[first:].ctypes.data for part in (given, spikes, events)))  # fmt: skip
        told(first + number)
    return Presented(spikes, events, _after(state, net, arrays), net.columns if rules.third else None)


def normalise(library: Library, rules: Rules, state: State, only: int | None = None) -> None:
    """As `reference.normalise`, in place, of a core with normalisation."""
    learning, plastic = rules.learning, rules.network.can_change
    state.weight = weight = np.ascontiguousarray(state.weight, np.int64)
    first, last = (0, len(state.y)) if only is None else (only, only + 1)
    library.hwf_normalise(rules.axons, len(state.y), first, last, learning.target, learning.weight_min, learning.weight_max,
                          plastic.ctypes.data, weight.ctypes.data)  # fmt: skip


def _given(rules: Rules, axon_spikes: AxonSpikes) -> AxonSpikes:
    return np.ascontiguousarray(axon_spikes, dtype=np.uint8 if rules.graded else np.bool_)


def _net(rules: Rules, state: State, arrays: "dict[str, NDArray[np.generic] | None]") -> _Net:
    """`Net`, which points to the arrays."""
    return _Net(**_numbers(rules), **{name: array.ctypes.data for name, array in arrays.items() if array is not None},
                **{name: int(getattr(state, name)) for name in _COUNTS[:-1]})  # fmt: skip


def _after(state: State, net: _Net, arrays: "dict[str, NDArray[np.generic] | None]") -> State:
    """What ticks have made of a state."""
    parts: dict[str, Any] = {
        name: np.asarray(arrays[here], getattr(state, name).dtype) for here, name in _STATE.items()
    }
    return replace(state, **parts | {name: getattr(net, name) for name in _COUNTS[:-1]})


def _numbers(rules: Rules) -> dict[str, int]:
    """What `Net` has by number, but for what ticks count."""
    core, rule, network, third = rules.core, rules.learning, rules.network, rules.third
    own = {name: int(getattr(rule, name)) for name in _NUMBERS if hasattr(rule, name)}
    own |= {name: int(getattr(third or Modulation(0, 0, 0, 0), name)) for name in _NUMBERS[-9:]}
    plastic_axons, plastic_neurons = rules.plastic_rows
    return own | {
        "axons": rules.axons,
        "neurons": network.size,
        "low": rules.bounds[0],
        "high": rules.bounds[1],
        "adapted_max": rules.adapted_max,
        "trace_max": rules.trace_max,
        "adapts": core.adaptation,
        "counts": core.counters,
        "draws": rules.draws,
        "third": third is not None,
        "graded": rules.graded,
        "plastic_axons": plastic_axons,
        "plastic_neurons": plastic_neurons,
        "weight_shift": network.weight_shift,
    }


def _arrays(rules: Rules, state: State) -> dict[str, NDArray[np.generic] | None]:
    """What `Net` points to: parameters as they are, and the state copied, weights as bytes."""
    neurons = rules.network.neurons
    found: dict[str, NDArray[np.generic]] = {
        name: getattr(neurons, name) for name in ("threshold", "bias", "reset", "refractory")
    }
    found |= {"keep_membrane": rules.keep[0], "keep_current": rules.keep[1]}
    found = {name: np.ascontiguousarray(array, np.int32) for name, array in found.items()}
    kinds = {"fired": np.bool_, "weight": np.int8}
    own: dict[str, NDArray[np.generic]] = {
        here: np.array(getattr(state, name), kinds.get(here, np.int32), order="C") for here, name in _STATE.items()
    }
    plastic = None if rules.fixed is None else np.ascontiguousarray(rules.network.can_change)
    return found | own | {"subtract": np.ascontiguousarray(neurons.subtract), "plastic": plastic}
