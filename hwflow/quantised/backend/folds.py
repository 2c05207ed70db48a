"""The folds of a layer among which a folding is chosen."""

from dataclasses import replace

from hwflow.quantised.backend.adders import digits
from hwflow.quantised.backend.carries import CHAINS
from hwflow.quantised.backend.folding import MOST_LEVELS, Fold, cycles, folded_layers
from hwflow.quantised.backend.units import MAX_COMPARED, widest
from hwflow.quantised.network import Dense, Network, Node, Threshold

_MOST_PRODUCTS = 200_000  # a cycle: no part holds more, and counting them takes long
_MOST_DIGITS = 4_096  # signed digits other than zero of a layer's weights that is tried hardwired
# Levels of arithmetic between the registers of a hardwired layer, by family: for about 100 MHz on ECP5. The simulated board
# runs everything in time, and has no hardwired layers, each of which is RTL of its own to compile.
_LEVELS = {"ice40": 2, "ecp5": 3, "gowin": 3, "xilinx": 3}
# Nanoseconds that a level of so close registers takes in a design that is placed and routed, for faster clocks: the demo's on the ULX3S
# reaches 112 MHz with 3 levels, 133 with 2, and no more with 1.
_CLOSE_NS = {"ecp5": 3.1}
# Nanoseconds that a level may take if registers are farther apart: well above what it takes in the demo's, which with 4, 8 and 19
# levels reaches 34, 26 and 9 MHz on the iCEBreaker, 111, 82 and 28 MHz on the ULX3S.
_APART_NS = {"ice40": 8.0, "ecp5": 4.0}
_LEAST_LARGE = 256  # words of a memory that is worth a large RAM: less fits a block RAM of the same width


def folds_of(
    network: Network,
    name: str,
    family: str,
    *,
    loaded: bool,
    large: bool,
    clock_hz: int | None = None,
    apart: bool = False,
) -> list[Fold]:
    """The folds of a layer by divisors of its rows and columns that the RTL and a part can hold, and the hardwired one.

    large: also with the weights of deep memories in large RAMs; clock_hz: for which hardwired layers have registers close enough;
    apart: also hardwired with registers only where this clock asks for them.
    """
    layer = folded_layers(network)[name]
    node = next(node for node in network.nodes if node.name == name)
    most = max(1, widest(network.types[node.inputs[0]], layer, loaded)) if isinstance(layer, Dense) else layer.columns
    folds = [
        Fold(pe, simd, loaded=loaded)
        for pe in _divisors(layer.rows)
        for simd in _divisors(layer.columns)
        if pe <= 999 and simd <= most and pe * simd <= _MOST_PRODUCTS
    ]
    if not loaded and family in _LEVELS and isinstance(layer, Dense) and _may_be_hardwired(network, node, layer):
        chain = CHAINS.get(family, "")
        folds += [Fold(layer.rows, layer.columns, levels, chain=chain) for levels in _levels(family, clock_hz, apart)]
    deep = [fold for fold in folds if large and isinstance(layer, Dense) and cycles(layer, fold) >= _LEAST_LARGE]
    return folds + [replace(fold, large=True) for fold in deep]


def _levels(family: str, clock_hz: int | None, apart: bool) -> list[int]:
    """Levels of arithmetic between registers that are close, and, if that are more, between those that a clock asks for."""
    close = _LEVELS[family]
    if clock_hz is None:
        return [close]
    period = 1e9 / clock_hz
    if family in _CLOSE_NS:
        close = max(1, min(close, int(period / _CLOSE_NS[family])))
    far = min(MOST_LEVELS, int(period / _APART_NS[family])) if apart and family in _APART_NS else close
    return [close, *[far] * (far > close)]


def _may_be_hardwired(network: Network, node: Node, layer: Dense) -> bool:
    """Whether its graph of additions is found in a second, and its activation is few comparisons."""
    few = all(
        reader.layer.levels.shape[1] <= MAX_COMPARED
        for reader in network.nodes
        if node.name in reader.inputs and isinstance(reader.layer, Threshold)
    )
    return few and layer.rows <= 999 and digits(layer.weight) <= _MOST_DIGITS


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]
