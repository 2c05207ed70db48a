"""`make bench`, small steps: the change of weights in the mean, by stochastic rounding, beside the equation, and in RTL.

--pairs: at each rate, in all (100,000).
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from run import Row

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from spiking.campaign import campaign_bench
from spiking.test_draws import pair_net, pairs

from hwflow.spiking.network import Core
from hwflow.spiking.tool.simulate import Stimulus

RATES = [1 / 1024, 1 / 256, 0.05, 0.39, 0.5, 1.5, 4.0]  # units a pair
SYNAPSES = 100


def in_the_mean(total: int) -> Iterator[Row]:
    """Pairs a tick apart, in the golden model."""
    for rate in RATES:
        expected, error, gained = pairs(rate, SYNAPSES, -(-total // SYNAPSES))
        off = abs(gained - expected)
        yield Row(f"{rate:.5g} units a pair, {total:,} pairs: change, of the equation's", f"{gained / expected:.4f}",
                  f"1 ± {max(0.02, 3 * error / expected):.4f}", off <= max(0.02 * expected, 3 * error))  # fmt: skip


def in_rtl() -> Iterator[Row]:
    """The same pairs in the RTL: every weight, trace and the state of the draws after every tick."""
    core = Core(SYNAPSES + 4, 4, 4, stochastic=True)
    bench = campaign_bench([core])
    for rate in RATES:
        network = pair_net(rate, SYNAPSES, core.axons, core.neurons)
        spikes = np.zeros((2000, core.axons), np.bool_)
        spikes[::100, :SYNAPSES] = spikes[1::100, SYNAPSES] = True
        done = bench.run(0, network, Stimulus.of(spikes, learn=True))
        yield Row(f"  {rate:.5g} units a pair, in RTL: registers compared; differing", f"{done.values:,}; {done.mismatches}", "0",
                  done.mismatches == 0)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    options = parser.parse_args()
    missed = 0
    for part in (in_the_mean(options.pairs), in_rtl()):
        for row in part:
            print(row, flush=True)
            missed += not row.met
    return missed


if __name__ == "__main__":
    sys.exit(main())
