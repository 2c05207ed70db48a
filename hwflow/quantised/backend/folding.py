"""Folding: how many rows (PE) and columns (SIMD) of each matrix are worked on in a cycle."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from hwflow.errors import UserError
from hwflow.quantised.backend.carries import CHAINS
from hwflow.quantised.network import INPUT, ArgMax, Dense, Network, TableSum, Threshold

CONSTANT, LOADED = "constant", "loaded"  # weights, in a folding file
BLOCK, LARGE = "block", "large"  # RAM, there

HARDWIRED = "hardwired"  # the key of a hardwired layer's levels
MOST_LEVELS = 99  # between registers, as a folding file says


@dataclass(frozen=True)
class Fold:
    """PE rows and SIMD columns a cycle, and where the weights lie.

    levels: of a hardwired layer, of arithmetic between two registers at most, 0 for one without registers; loaded: whether
    weights and thresholds are no part of the hardware, which the host writes them into; large: whether the weights lie in the part's large memories with
    one port, which the host writes too; chain: the carry chain that a hardwired layer's additions are written for
    (`carries.CHAINS`), empty for none.
    """

    pe: int
    simd: int
    levels: int | None = None
    loaded: bool = False
    large: bool = False
    chain: str = ""

    def to_document(self) -> dict[str, int | str]:
        """As it stands in a folding file."""
        document: dict[str, int | str] = {"PE": self.pe, "SIMD": self.simd}
        if self.levels is not None:
            document[HARDWIRED] = self.levels
        if self.chain:
            document["chain"] = self.chain
        return document | ({"weights": LOADED} if self.loaded else {}) | ({"RAM": LARGE} if self.large else {})

    @staticmethod
    def from_document(entry: Any) -> "Fold":
        """The inverse. Raises KeyError, TypeError or ValueError for what is none."""
        chains = ("", *CHAINS.values())
        for key, words in (("weights", (CONSTANT, LOADED)), ("RAM", (BLOCK, LARGE)), ("chain", chains)):
            if entry.get(key, words[0]) not in words:
                raise ValueError(f"{key} is one of {', '.join(words)}")
        return Fold(
            whole_number(entry["PE"]),
            whole_number(entry["SIMD"]),
            whole_number(entry[HARDWIRED]) if HARDWIRED in entry else None,
            entry.get("weights") == LOADED,
            entry.get("RAM") == LARGE,
            entry.get("chain", ""),
        )


@dataclass(frozen=True)
class Folding:
    """A Fold for each Dense and each TableSum node of a network, by name."""

    folds: Mapping[str, Fold]

    def of(self, name: str) -> Fold:
        return self.folds[name]

    @property
    def loaded(self) -> bool:
        """Whether the host writes all that is the net's own into the hardware."""
        return any(fold.loaded for fold in self.folds.values())

    def with_loaded_weights(self) -> "Folding":
        """The same, with weights and thresholds that the host writes."""
        return Folding({name: replace(fold, loaded=True) for name, fold in self.folds.items()})

    def for_family(self, family: str) -> "Folding":
        """The same, with the additions of hardwired layers for the carry chains of a family."""
        chain = CHAINS.get(family, "")
        folds = {name: fold if fold.levels is None else replace(fold, chain=chain) for name, fold in self.folds.items()}
        return Folding(folds)

    def to_json(self) -> str:
        """The folding file: for each layer its PE and SIMD, of a hardwired one how many levels lie between registers and for
        what carry chain, and where weights lie that are not constants."""
        return json.dumps({name: fold.to_document() for name, fold in self.folds.items()}, indent=1)


def dense_layers(network: Network) -> dict[str, Dense]:
    return {node.name: node.layer for node in network.nodes if isinstance(node.layer, Dense)}


def folded_layers(network: Network) -> dict[str, Dense | TableSum]:
    """All layers that are folded: matrices, and sums of tables."""
    return {node.name: node.layer for node in network.nodes if isinstance(node.layer, Dense | TableSum)}


def cycles(layer: Dense | TableSum, fold: Fold) -> int:
    """Cycles a vector takes: ceil(rows / PE) * ceil(columns / SIMD), for each of its tokens."""
    return layer.tokens * math.ceil(layer.rows / fold.pe) * math.ceil(layer.columns / fold.simd)


def whole_number(value: object) -> int:
    """A PE or SIMD as it stands in a JSON file. Raises ValueError unless it is a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r:.40} is no whole number")
    return value


def read_folding(path: Path, network: Network) -> Folding:
    """Read a folding file. Raises UserError if it does not name each layer once with a legal PE and SIMD."""
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    return parse_folding(content, network, str(path))


def parse_folding(content: bytes, network: Network, source: str) -> Folding:
    """The same of a folding file's content; `source` says in errors where it is from."""
    try:
        document = json.loads(content)
        folds = {str(name): Fold.from_document(entry) for name, entry in document.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f'{source} is not a folding file; it should read like {{"dense0": {{"PE": 4, "SIMD": 8}}}}.'
                        ) from None  # fmt: skip
    return checked(Folding(folds), network, source)


def checked(folding: Folding, network: Network, source: str) -> Folding:
    """The folding itself, if it is legal for the network; else UserError. Layers are never folded by default."""
    layers = folded_layers(network)
    for name in folding.folds:
        if name not in layers:
            raise UserError(f"{source} folds {name!r:.60}, which is no layer; the layers are {', '.join(layers)}.")
    for name, layer in layers.items():
        if name not in folding.folds:
            raise UserError(f"{source} does not fold layer {name}; give its PE and SIMD.")
        fold = folding.of(name)
        if layer.tokens > 1 and (layer.rows % max(fold.pe, 1) or layer.columns % max(fold.simd, 1)):
            raise UserError(f"{source} folds layer {name} by PE {fold.pe} and SIMD {fold.simd}, but {layer.tokens} tokens share it, and PE "
                            f"then divides its {layer.rows} rows and SIMD its {layer.columns} columns.")  # fmt: skip
        if not (1 <= fold.pe <= min(layer.rows, 999) and 1 <= fold.simd <= layer.columns):
            raise UserError(f"{source} folds layer {name} by PE {fold.pe} and SIMD {fold.simd}, but PE is 1 to "
                            f"{min(layer.rows, 999)} and SIMD 1 to {layer.columns}.")  # fmt: skip
        if fold.levels is not None and isinstance(layer, TableSum):
            raise UserError(
                f"{source} makes layer {name} hardwired, which sums of tables cannot be; leave its levels out."
            )
        if fold.levels is not None and isinstance(layer, Dense):
            _check_hardwired(name, layer, fold, source)
            if not fold.levels and not leads_to_registers(name, folding, network):
                raise UserError(f"{source} makes layer {name} hardwired without registers, which only one may be that a "
                                "hardwired layer or a class reads; give it levels.")  # fmt: skip
        if fold.large and isinstance(layer, TableSum):
            raise UserError(
                f"{source} puts layer {name} into large RAMs, which sums of tables cannot use; leave RAM out."
            )
    if folding.loaded:
        check_loadable(network, source)
        if not all(fold.loaded for fold in folding.folds.values()):
            raise UserError(f"{source} has weights of some layers loaded and of others constant; load all or none.")
    return folding


def _check_hardwired(name: str, layer: Dense, fold: Fold, source: str) -> None:
    if (fold.pe, fold.simd) != (layer.rows, layer.columns):
        raise UserError(f"{source} makes layer {name} hardwired, which takes all of it in a cycle; give PE {layer.rows} and "
                        f"SIMD {layer.columns}.")  # fmt: skip
    assert fold.levels is not None
    if not 0 <= fold.levels <= MOST_LEVELS:
        raise UserError(f"{source} puts {fold.levels} levels of arithmetic between the registers of layer {name}; give up to "
                        f"{MOST_LEVELS}, or 0 for no registers.")  # fmt: skip
    if fold.loaded or fold.large:
        raise UserError(f"{source} makes layer {name} hardwired, whose weights are constants in logic; fold it, so that "
                        "they lie in a memory.")  # fmt: skip


def leads_to_registers(name: str, folding: Folding, network: Network) -> bool:
    """Whether a layer, or the activation behind it, is read by one hardwired layer, or by the class, alone."""
    readers = [node for node in network.nodes if name in node.inputs]
    if len(readers) == 1 and isinstance(readers[0].layer, Threshold):
        readers = [node for node in network.nodes if readers[0].name in node.inputs]
    if len(readers) != 1:
        return False
    (reader,) = readers
    hardwired = isinstance(reader.layer, Dense) and folding.of(reader.name).levels is not None
    return hardwired or isinstance(reader.layer, ArgMax)


def check_loadable(network: Network, source: str) -> None:
    """Raises UserError if weights of the network cannot be loaded: with branches, how wide sums are hangs on them."""
    for node, before in zip(network.nodes, (INPUT, *(node.name for node in network.nodes)), strict=False):
        if node.inputs != (before,) or not isinstance(node.layer, Dense | Threshold | ArgMax):
            raise UserError(f"{source} has weights loaded, but {network.name} is no chain of matrices ({node.name}); "
                            "take constant weights.")  # fmt: skip


def smallest(network: Network) -> Folding:
    """One multiplication, or one entry looked up, a cycle in each layer."""
    return Folding({name: Fold(1, 1) for name in folded_layers(network)})


def faster(layer: Dense, fold: Fold) -> list[Fold]:
    """The next larger divisors of the columns and of the rows: each a fold with fewer cycles."""
    widths = (d for d in range(fold.simd + 1, layer.columns + 1) if layer.columns % d == 0)
    heights = (d for d in range(fold.pe + 1, min(layer.rows, 999) + 1) if layer.rows % d == 0)
    return [Fold(fold.pe, simd) for simd in islice(widths, 1)] + [Fold(pe, fold.simd) for pe in islice(heights, 1)]
