"""Brevitas' own examples (TFC, SFC, LFC at 1 and 2 bits), exported as QONNX and as QCDQ: integers against what executes the files.

Each net is untrained, its batch norms as if trained, and each file gets --vectors random vectors over its input's range: the integers
behind its outputs are compared with execution by qonnx, and, of QCDQ files, which it executes too, by onnxruntime. A vector is
excused only where the file, with its sums in float64, gives the integers, or a value lies at a tie. Brevitas writes no QCDQ of
1 bit.
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import onnxruntime
import torch
from brevitas.export import export_onnx_qcdq, export_qonnx
from quantised.frontend.test_exports import SHAPES, by_onnxruntime, example
from run import Row

from hwflow.quantised import reference
from hwflow.quantised.flow.covering import covering_vectors
from hwflow.quantised.flow.equality import check, differences
from hwflow.quantised.frontend import load

WIDTHS = ((1, 1), (1, 2), (2, 2))  # bits of weights and of activations


def against_qonnx(path: Path, name: str, vectors: int) -> Row:
    record = check(path, load(path), count=vectors)
    excused = f", {record.rounded + record.tied} excused" if record.rounded + record.tied else ""
    figure = f"{record.mismatches} of {record.values:,} differ{excused}"
    return Row(
        f"{name}, by qonnx", figure, "0", record.right and not record.unchecked and record.compared == "integers"
    )


def against_onnxruntime(path: Path, name: str, vectors: int) -> Row:
    network = load(path)
    x, _ = covering_vectors(network, vectors, seed=1)
    differ, integers = differences(
        network, reference.run(network, network.quantise(x)), by_onnxruntime(path, x).astype(float)
    )
    return Row(
        f"{name}, by onnxruntime", f"{int(differ.sum())} of {differ.size:,} differ", "0", integers and not differ.any()
    )


def files(folder: Path) -> Iterator[tuple[str, Path, bool]]:
    """What each file is, the file, and whether onnxruntime executes it."""
    for name in SHAPES:
        for weight_bits, bits in WIDTHS:
            net, sample = example(name, weight_bits, bits), torch.zeros(1, 784)
            title, path = f"{name} {weight_bits}W{bits}A", folder / f"{name}{weight_bits}{bits}.onnx"
            export_qonnx(net, sample, str(path), dynamo=False)
            yield f"{title}, QONNX", path, False
            if min(weight_bits, bits) > 1:
                export_onnx_qcdq(net, sample, str(path), dynamo=False)
                yield f"{title}, QCDQ", path, True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=int, default=1000)
    vectors = parser.parse_args().vectors
    warnings.simplefilter("ignore")  # of torch and Brevitas themselves
    onnxruntime.set_default_logger_severity(3)  # of constants among a file's inputs it has a warning each
    missed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, path, executed in files(Path(scratch)):
            for row in (
                against_qonnx(path, name, vectors),
                *([against_onnxruntime(path, name, vectors)] if executed else []),
            ):
                print(row, flush=True)
                missed += not row.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
