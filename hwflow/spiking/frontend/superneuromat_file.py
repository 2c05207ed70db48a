"""SuperNeuroMAT's JSON, read strictly: `python -m hwflow.spiking.frontend.superneuromat_file FILE` says whether it is sound.

That process, which has little memory and time, reads a file first; one that it can read does no harm here. Source:
superneuromat 3.5, `SNN.from_json_network`.
"""

import json
import sys
from base64 import b64decode, b85decode
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from hwflow.errors import placed
from hwflow.spiking.frontend.float_net import within_float32
from hwflow.spiking.frontend.limited import ask, limit
from hwflow.spiking.network import LARGEST

MAX_FILE_BYTES = 32 << 20
MAX_SYNAPSES = 1 << 20


def _decoded(value: Any) -> Any:
    """An array that was written as base64 or base85, as a list."""
    if not isinstance(value, dict):
        return value
    for key, decode in (("base85", b85decode), ("base64", b64decode)):
        if isinstance(value.get(key), str) and isinstance(value.get("dtype"), str):
            kind = np.dtype(value["dtype"])
            if kind.kind in "fiub":
                return np.frombuffer(decode(value[key]), dtype=kind).tolist()
    raise ValueError("it is no array")


Floats = Annotated[list[float], BeforeValidator(_decoded)]
Wholes = Annotated[list[int], BeforeValidator(_decoded)]
Flags = Annotated[list[bool], BeforeValidator(_decoded)]


class Spikes(BaseModel):
    model_config = ConfigDict(extra="forbid")
    nids: list[int]
    values: list[float]


class Data(BaseModel):
    """The net. What only concerns the simulator (its backend, its record of spikes) is read over."""

    model_config = ConfigDict(extra="ignore")
    neuron_thresholds: Floats
    neuron_leaks: Floats
    neuron_reset_states: Floats
    neuron_refractory_periods: Floats
    neuron_states: Floats = Field(default_factory=list)
    neuron_refractory_periods_state: Floats = Field(default_factory=list)
    pre_synaptic_neuron_ids: Wholes
    post_synaptic_neuron_ids: Wholes
    synaptic_weights: Floats
    synaptic_delays: Wholes
    enable_stdp: Flags = Field(default_factory=list)
    input_spikes: dict[int, Spikes] = Field(default_factory=dict)
    stdp: bool = False
    apos: Floats = Field(default_factory=list)
    aneg: Floats = Field(default_factory=list)
    stdp_positive_update: bool = True
    stdp_negative_update: bool = True
    num_neurons: int | None = None
    num_synapses: int | None = None

    @model_validator(mode="after")
    def _whole(self) -> "Data":
        count, synapses = len(self.neuron_thresholds), len(self.synaptic_weights)
        self.neuron_states = self.neuron_states or [0.0] * count
        self.neuron_refractory_periods_state = self.neuron_refractory_periods_state or [0.0] * count
        self.enable_stdp = self.enable_stdp or [False] * synapses
        for name in ("neuron_leaks", "neuron_reset_states", "neuron_refractory_periods", "neuron_states",
                     "neuron_refractory_periods_state"):  # fmt: skip
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} numbers for {count} neurons")
        for name in ("pre_synaptic_neuron_ids", "post_synaptic_neuron_ids", "synaptic_delays", "enable_stdp"):
            if len(getattr(self, name)) != synapses:
                raise ValueError(f"{name} has {len(getattr(self, name))} numbers for {synapses} synapses")
        if self.num_neurons not in (None, count) or self.num_synapses not in (None, synapses):
            raise ValueError(f"num_neurons or num_synapses is not that of {count} neurons and {synapses} synapses")
        if not 1 <= count <= LARGEST or synapses > MAX_SYNAPSES:
            raise ValueError(f"it has {count} neurons and {synapses} synapses; a core has 1 to {LARGEST} neurons")
        ids = [*self.pre_synaptic_neuron_ids, *self.post_synaptic_neuron_ids]
        ids += [i for spikes in self.input_spikes.values() for i in spikes.nids]
        if ids and not 0 <= min(ids) <= max(ids) < count:
            raise ValueError(
                f"a synapse or an input spike is of neuron {min(ids) if min(ids) < 0 else max(ids)} of {count}"
            )
        if any(len(spikes.nids) != len(spikes.values) for spikes in self.input_spikes.values()):
            raise ValueError("input spikes have other numbers of neurons than of values")
        finite = [*self.neuron_thresholds, *self.neuron_reset_states, *self.neuron_states, *self.synaptic_weights]
        if not np.isfinite(finite).all() or np.isnan(self.neuron_leaks).any():
            raise ValueError("a threshold, state or weight is infinite, or a leak is NaN")
        values = [value for spikes in self.input_spikes.values() for value in spikes.values]
        if not np.isfinite(values).all() or not within_float32(np.array([*finite, *self.neuron_leaks, *values])).all():
            raise ValueError("it holds numbers that float32 does not")
        return self


class Meta(BaseModel):
    model_config = ConfigDict(extra="ignore")
    format: Literal["snm"]
    type: Literal["SNN"]


class Net(BaseModel):
    model_config = ConfigDict(extra="ignore")
    meta: Meta
    data: Data
    name: str | None = None


class Extra(BaseModel):
    model_config = ConfigDict(extra="ignore")
    input_indices: list[int] | None = None
    output_indices: list[int] | None = None


class File(BaseModel):
    model_config = ConfigDict(extra="ignore")
    networks: Annotated[list[Net], Field(min_length=1, max_length=1)]
    extra: Extra = Extra()

    @model_validator(mode="after")
    def _indices(self) -> "File":
        count = len(self.networks[0].data.neuron_thresholds)
        for name in ("input_indices", "output_indices"):
            chosen = getattr(self.extra, name) or []
            if any(not 0 <= i < count for i in chosen) or len(set(chosen)) < len(chosen):
                raise ValueError(f"extra.{name} are not different neurons of {count}")
        return self


def read(path: Path) -> File:
    """The net in a file. Raises UserError if it is no SuperNeuroMAT file, or not a whole one."""
    ask("hwflow.spiking.frontend.superneuromat_file", path, most_bytes=MAX_FILE_BYTES, what="SuperNeuroMAT")
    return File.model_validate_json(path.read_bytes())


def main(path: Path) -> None:
    """Read a file under limits, and say on standard output what is wrong with it."""
    limit()
    try:
        File.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        print(json.dumps({"error": "", "reason": " ".join(placed(first).split())[:200]}))
    except (MemoryError, RecursionError, ValueError, OSError) as error:
        print(json.dumps({"error": "", "reason": f"{type(error).__name__}: {error}".splitlines()[0][:200]}))
    else:
        print("{}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
