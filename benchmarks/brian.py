"""`python benchmarks/brian.py`: the compiled golden model against Brian2, the same net to the last integer, ticks a second.

--python names the interpreter of an environment of its own (`pip install brian2==2.9.0 'numpy<2'`: hwflow's numpy is newer).
Brian2 runs as C++ standalone, the fastest of its targets, compiled with its own flags (-O3 -ffast-math -march=native) and on one thread,
with weights in single precision, which is faster here than in double (by a fifth) and as exact; its time is what it tells of the run
itself, without compiling or loading. Ours is that of `native.run`, on one thread. Both by the clock, one after the other, the better
of three. The net: all axons and neurons onto all neurons, LIF, exponential all-pairs STDP on every synapse with one trace a source and one
a neuron. Brian2's equations are those of docs/neuron.md in whole numbers and in that order, so how often each neuron fires must be the
same. What a trace changes a weight by is found once a tick for each neuron, on both sides, and not for each synapse.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from run import Row

from hwflow.ints import WeightArray
from hwflow.spiking import native, reference
from hwflow.spiking.fit import core_for
from hwflow.spiking.frontend.builder import SpikingBuilder
from hwflow.spiking.learning import Learning
from hwflow.spiking.network import SpikingNetwork
from hwflow.spiking.rules import Rules

TIMES = 20  # that much faster
SHARE = 0.1  # of the axons have a spike in a tick
MOST = 127  # of a weight, either way
CELL = {"threshold": 3000, "leak": 6554}  # the leak in 1/65536 a tick
TRACE = {"step": 25, "decay": 6554}  # likewise
GAIN = {"up": 20, "down": 22}  # of a trace, in 1/256, that a pair changes a weight by

THEIRS = """
import json
from brian2 import *
set_device("cpp_standalone", directory="standalone")
given = json.load(open("given.json"))
defaultclock.dt = 1*ms
names = given | {f"keep_{name}": 1 - given[name] / 65536 for name in ("leak", "decay")}
spikes = np.load("spikes.npy").astype(float)  # those of a step arrive at its end, for the tick of the next: one step more
stimulus = TimedArray(np.vstack([spikes, np.zeros_like(spikes[:1])]), dt=1*ms)
x = "x = floor(keep_decay*x) + step*fired; up_by = floor((up*x + 128) / 256); fired = 0"
y = "y = floor(keep_decay*y); down_by = floor((down*y + 128) / 256)"
axons = NeuronGroup(given["axons"], "x : 1\\nup_by : 1\\nfired : 1", threshold="stimulus(t, i) > 0.5", reset="fired = 1",
                    namespace=names | {"stimulus": stimulus})
cells = NeuronGroup(given["neurons"], "x : 1\\nup_by : 1\\nfired : 1\\nv : 1\\ny : 1\\ndown_by : 1", threshold="v > threshold",
                    reset="v = 0; fired = 1; y += step; down_by = floor((down*y + 128) / 256)", namespace=names)
axons.run_regularly(x, when="before_resets")
cells.run_regularly(f"{x}; {y}; v = sign(v)*floor(keep_leak*abs(v))", when="before_resets")
rule = {"on_pre": "v_post += w; w = clip(w - down_by_post, -most, most)", "on_post": "w = clip(w + up_by_pre, -most, most)"}
synapses = [Synapses(source, cells, "w : 1", dtype={"w": float32}, namespace=names, **rule) for source in (axons, cells)]
for each, begin in zip(synapses, np.split(np.load("weights.npy"), [given["axons"]])):
    each.connect()
    each.w = begin.ravel()
    each.pre.when = "end"
told = SpikeMonitor(cells, record=False)
Network(axons, cells, synapses, told).run((given["ticks"] + 1)*ms)
print(json.dumps({"seconds": device._last_run_time, "spikes": told.count[:].tolist()}))
"""


def stimulus(axons: int, ticks: int) -> NDArray[np.bool_]:
    return np.random.default_rng(1).random((ticks, axons)) < SHARE


def net(axons: int, neurons: int) -> SpikingNetwork:
    rng, builder = np.random.default_rng(2), SpikingBuilder("brian")
    outside, cells = builder.axons(axons), builder.neurons(neurons, **CELL)
    for source in (outside, cells):
        builder.connect(source, cells, rng.integers(-40, 81, (source.size, neurons)), plastic=True)
    rule = Learning(
        plastic_neurons=True, potentiation=GAIN["up"], depression=-GAIN["down"], pre_step=TRACE["step"],
        post_step=TRACE["step"], pre_decay=TRACE["decay"], post_decay=TRACE["decay"], weight_min=-MOST, weight_max=MOST,
    )  # fmt: skip
    return builder.build(outputs=[cells], learning=rule)


def ours(network: SpikingNetwork, spikes: NDArray[np.bool_]) -> tuple[float, list[int]]:
    """Seconds, and how often each neuron fires."""
    library = native.library()
    if library is None:
        raise SystemExit("The compiled golden model needs a C++ compiler, g++.")
    rules = Rules(network, core_for(network))
    start = time.perf_counter()
    ran = native.run(
        library, rules, reference.initial(network), spikes, learn=True, keep_membranes=False, told=lambda _: None
    )
    return time.perf_counter() - start, ran.spikes.sum(axis=0).tolist()


def theirs(python: str, weights: WeightArray, spikes: NDArray[np.bool_], folder: Path) -> tuple[float, list[int]]:
    """The same of Brian2. It compiles each time it is asked."""
    given = {
        "axons": spikes.shape[1],
        "neurons": weights.shape[1],
        "ticks": len(spikes),
        "most": MOST,
        **CELL,
        **TRACE,
        **GAIN,
    }
    (folder / "given.json").write_text(json.dumps(given))
    (folder / "net.py").write_text(THEIRS)
    np.save(folder / "weights.npy", weights)
    np.save(folder / "spikes.npy", spikes)
    done = subprocess.run([python, "net.py"], cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["seconds"], told["spikes"]


def compared(python: str, axons: int, neurons: int, ticks: int, folder: Path) -> Iterator[Row]:
    network, spikes = net(axons, neurons), stimulus(axons, ticks)
    pairs = [(ours(network, spikes), theirs(python, network.weight, spikes, folder)) for _ in range(3)]
    (mine, fired), (other, fired_there) = (min(side) for side in zip(*pairs, strict=True))
    what = f"N={neurons} A={axons}, {ticks:,} ticks of {SHARE:.0%}, all plastic"
    yield Row(f"{what}: ms, Brian2; hwflow", f"{other * 1e3:,.0f}; {mine * 1e3:,.0f}", "-", True)
    differ = sum(one != there for one, there in zip(fired, fired_there, strict=True))
    yield Row(f"  neurons that do not fire as often, of {sum(fired):,} spikes", f"{differ}", "0", not differ)
    yield Row("  compiled golden model against Brian2", f"{other / mine:.1f} x", f">= {TIMES} x", other >= TIMES * mine)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has Brian2")
    parser.add_argument("--sizes", default="256x256,784x256", help="axons x neurons, with commas between them")
    parser.add_argument("--ticks", type=int, default=30_000)
    options = parser.parse_args()
    missed = 0
    for size in options.sizes.split(","):
        axons, neurons = map(int, size.split("x"))
        with tempfile.TemporaryDirectory() as scratch:
            for row in compared(options.python, axons, neurons, options.ticks, Path(scratch)):
                print(row, flush=True)
                missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
