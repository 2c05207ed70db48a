"""FINN's folding files, and which foldings its RTL can carry out.

FINN writes `{"Defaults": {}, "MVAU_rtl_0": {"PE": 4, "SIMD": 8, …}, "Thresholding_rtl_0": {"PE": 4}, …}`: a matrix is an
MVAU, its thresholds a node of their own.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwflow.errors import UserError
from hwflow.quantised.backend.folding import Fold, Folding, checked, dense_layers, read_folding, whole_number
from hwflow.quantised.network import Network, Threshold

FINN_FOLDING = "finn_folding.json"
_NODE = re.compile(r"(?P<op>MVAU|MatrixVectorActivation|Thresholding)(_(?P<style>rtl|hls))?_(?P<number>[0-9]{1,9})")
_WIRED = {
    "mem_mode": "internal_decoupled",
    "runtime_writeable_weights": 0,
    "pumpedMemory": 0,
    "pumpedCompute": 0,
    "TH": 1,
}
_RAM_STYLES = ("auto", "block", "distributed", "ultra")


@dataclass(frozen=True)
class FinnFolding:
    """A folding, and what FINN asks besides: the thresholds' own PE, and the kind of memory of the weights.

    threshold_pe: for each Threshold node in order, or empty to take that of the matrix before it; ram_styles: for each
    Dense node in order, or empty for `auto`.
    """

    folding: Folding
    threshold_pe: tuple[int, ...] = ()
    ram_styles: tuple[str, ...] = ()

    def to_job(self, network: Network) -> dict[str, list[dict[str, Any]]]:
        """For FINN's worker: what each MVAU and each Thresholding gets, in the order of the chain."""
        folds = [self.folding.of(name) for name in dense_layers(network)]
        styles = self.ram_styles or ("auto",) * len(folds)
        mvaus = [{"PE": f.pe, "SIMD": f.simd, "ram_style": s} for f, s in zip(folds, styles, strict=True)]
        return {
            "MVAU": mvaus,
            "Thresholding": [{"PE": pe} for pe in self.threshold_pe or _beside(network, self.folding)],
        }


def _beside(network: Network, folding: Folding) -> tuple[int, ...]:
    """For each Threshold the PE of the Dense it follows."""
    pes = []
    pe = 1
    for node in network.nodes:
        if node.name in folding.folds:
            pe = folding.of(node.name).pe
        elif isinstance(node.layer, Threshold):
            pes.append(pe)
    return tuple(pes)


def is_finn(document: Mapping[str, Any]) -> bool:
    """Whether a folding document names FINN's nodes."""
    return any(_NODE.fullmatch(str(name)) for name in document)


def read_any(path: Path, network: Network, *, wired: bool = False) -> FinnFolding:
    """Read a folding file, hwflow's own or FINN's. Raises UserError if it is neither, or is not legal.

    wired: refuse what FINN's file asks of memories that hwflow does not wire.
    """
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and is_finn(document):
        return from_finn(document, network, str(path), wired=wired)
    return FinnFolding(read_folding(path, network))


def from_finn(document: Mapping[str, Any], network: Network, source: str, *, wired: bool = False) -> FinnFolding:
    """FINN's document as a folding of the network: its MVAUs in order are the network's matrices.

    Nodes that FINN puts between layers (FIFOs, converters of width) are passed over. Raises UserError for a number of
    MVAUs that is not the network's, for a folding that is not legal, or for a memory mode that hwflow does not wire.
    """
    mvaus, thresholds = _nodes(source, document, "M"), _nodes(source, document, "T")
    names = list(dense_layers(network))
    if len(mvaus) != len(names):
        raise UserError(f"{source} folds {len(mvaus)} MVAUs, but {network.name} has {len(names)} matrices.")
    folds, styles = {}, []
    for name, (node, entry) in zip(names, mvaus, strict=True):
        folds[name] = Fold(_number(source, node, entry, "PE"), _number(source, node, entry, "SIMD"))
        if wired:
            _check_wiring(source, node, entry)
        styles.append(str(entry.get("ram_style", "auto")))
    folding = checked(Folding(folds), network, source)
    steps = [node.layer.size for node in network.nodes if isinstance(node.layer, Threshold)]
    pes = tuple(_number(source, node, entry, "PE") for node, entry in thresholds)
    fits = len(pes) == len(steps) and all(pe >= 1 and size % pe == 0 for pe, size in zip(pes, steps, strict=True))
    return FinnFolding(folding, pes if fits else (), tuple(styles))


def _number(source: str, node: str, entry: Mapping[str, Any], key: str) -> int:
    try:
        return whole_number(entry.get(key, 1))
    except ValueError as error:
        raise UserError(f"{source} gives {node} a {key} that cannot be: {error}; give 1 or more.") from None


def to_finn(folding: Folding, network: Network) -> str:
    """The folding as FINN writes it, for the RTL of every layer."""
    job = FinnFolding(folding).to_job(network)
    nodes = {f"{op}_rtl_{i}": entry for op, entries in job.items() for i, entry in enumerate(entries)}
    return json.dumps({"Defaults": {}, **nodes}, indent=1)


def check_for_finn(folding: Folding, network: Network, source: str) -> None:
    """Raises UserError, with the reason, if FINN cannot fold so, or if its RTL would not be safe."""
    layers = dense_layers(network)
    for name, layer in layers.items():
        fold = folding.of(name)
        for what, value, whole in (("PE", fold.pe, layer.rows), ("SIMD", fold.simd, layer.columns)):
            if whole % value:
                raise UserError(f"{source} folds layer {name} by {what} {value}, which does not divide its {whole}; FINN "
                                "folds by divisors only.")  # fmt: skip
        if fold.simd == layer.columns > 1:
            raise UserError(f"{source} folds layer {name} by SIMD {fold.simd}, the whole width of its matrix: FINN's RTL then "
                            "gives a result in every cycle and loses some when what follows it, or the board, takes them "
                            f"more slowly; give {name} a smaller SIMD and a larger PE.")  # fmt: skip


def _nodes(source: str, document: Mapping[str, Any], letter: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The entries of one kind: by number, or, where FINN mixed RTL and HLS and numbered each, as they stand."""
    found = [(match, name, entry) for name, entry in document.items()
             if (match := _NODE.fullmatch(str(name))) and match["op"].startswith(letter)]  # fmt: skip
    if len({match["style"] for match, _, _ in found}) == 1:
        found.sort(key=lambda item: int(item[0]["number"]))
    for _, name, entry in found:
        if not isinstance(entry, dict):
            raise UserError(f"{source} gives {name} {entry!r:.40}, and not its PE and SIMD by name.")
    return [(name, entry) for _, name, entry in found]


def _check_wiring(source: str, node: str, entry: Mapping[str, Any]) -> None:
    for key, value in _WIRED.items():
        if entry.get(key, value) != value:
            raise UserError(
                f"{source} gives {node} {key} {entry[key]!r:.40}; hwflow wires FINN with {key} {value!r} only."
            )
    if str(entry.get("ram_style", "auto")) not in _RAM_STYLES:
        raise UserError(
            f"{source} gives {node} ram_style {entry['ram_style']!r:.40}; it is one of {', '.join(_RAM_STYLES)}."
        )
