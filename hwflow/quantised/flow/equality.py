"""Whether an imported network is the model file: against execution of the file by the qonnx package."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.documents import DAMAGE, array_of
from hwflow.errors import MissingTool, UserError
from hwflow.ints import IntArray
from hwflow.progress import Progress, silent
from hwflow.quantised import reference
from hwflow.quantised.flow.covering import covering_vectors
from hwflow.quantised.flow.execution import Execution, NotExecuted
from hwflow.quantised.flow.rounding import LAST_DIGITS
from hwflow.quantised.frontend.inputs import input_error
from hwflow.quantised.frontend.quantisers import affine
from hwflow.quantised.network import INPUT, Add, ArgMax, Dense, Network, Table, TableSum
from hwflow.quantised.ports import parts_of
from hwflow.quantised.report.check import CheckRecord
from hwflow.versions import tools

COUNT = 500  # random vectors of a check
NEAR = 0.25  # of an integer: what is farther away does not stand for it
_EXACT = 1 << 24  # up to here float32 holds every integer


def check(
    model: Path,
    network: Network,
    vectors: NDArray[Any] | None = None,
    y_float: NDArray[Any] | None = None,
    count: int = COUNT,
    progress: Progress = silent,
    *,
    demanded: bool = True,
) -> CheckRecord:
    """Compare the network with execution of its file on `count` random vectors that cover the input's range.

    vectors [n, …], y_float [n, outputs]: the user's too, and what the model's author got for them. Integers are compared, on
    vectors that the input's format leaves as they are; on others the outputs in floats and the classes are. demanded: if
    not, a record without qonnx says that it was not there. Raises UserError for vectors that do not fit, MissingTool
    without qonnx.
    """
    unchecked, execution = "", None
    x, _ = covering_vectors(network, count, seed=0)
    try:
        execution = Execution(model)
        x = execution.held(x)
    except NotExecuted as reason:
        unchecked = f"the qonnx package does not execute {model.name} ({reason})"
    except MissingTool as reason:
        if demanded:
            raise
        unchecked = str(reason).removesuffix(".")
    given = np.zeros((0, network.input_size), dtype=np.float32)
    if vectors is not None:
        given = np.asarray(vectors, dtype=np.float32).reshape(len(vectors), -1)
    error = input_error(network, given) if len(given) else 0.0
    everything = np.concatenate([x, given])
    ours = reference.run(network, network.quantise(everything))
    theirs = nothing = np.zeros((0, sum(port.width for port in network.outputs) or 1))
    if execution is not None:
        try:
            theirs = execution.outputs(everything, progress)
        except NotExecuted as reason:
            unchecked = f"the qonnx package does not execute {model.name} ({reason})"
    floats = [(ours[: len(theirs)], theirs)]
    if y_float is not None:
        author = np.asarray(y_float, dtype=np.float64).reshape(len(y_float), -1)
        if len(author) != len(given):
            raise UserError(f"y_float holds {len(author)} outputs for {len(given)} vectors; give one for each.")
        if network.outputs and author.shape[1] != nothing.shape[1]:
            raise UserError(f"y_float holds {author.shape[1]} values for a vector, and the outputs of {network.name} together have "
                            f"{nothing.shape[1]}; put them one behind another.")  # fmt: skip
        floats.append((ours[len(x) :], author))
    # Integers are those of the file, or, if qonnx does not execute it, what the author got, where the input is not rounded.
    mine, others = floats[-1 if unchecked else 0]
    compared = len(others) if error == 0 else 0 if unchecked else len(x)
    # What the author got may be as near as float32 adds; the file itself is executed in float64 where it differs.
    near = max(NEAR, _reach(network, network.nodes[-1].name) / (_EXACT >> 4)) if unchecked else NEAR
    differ, integers = differences(network, mine[:compared], others[:compared], near)
    exact = execution is not None and not unchecked and _is_exact(network, execution)
    rounded = tied = np.zeros(len(differ), dtype=np.bool_)
    if execution is not None and not unchecked and not exact:
        rounded, tied = _excused(
            network, execution, everything[:compared], mine[:compared], np.asarray(differ.any(axis=1))
        )
    differ &= ~(rounded | tied)[:, None]
    return CheckRecord(
        model=model.name,
        network=network.digest,
        compared="integers" if integers else "values" if all(map(_as_values, network.each_output)) else "classes",
        random=len(x),
        given=len(given),
        values=differ.size,
        mismatches=int(np.count_nonzero(differ)),
        differing=int(np.count_nonzero(differ.any(axis=1))),
        exact=exact,
        rounded=int(rounded.sum()),
        tied=int(tied.sum()),
        largest_error=max(_largest_error(*each) for pair in floats for each in _by_output(network, *pair)),
        class_agreement=_agreement([each for pair in floats for each in _by_output(network, *pair)]),
        input_error=error,
        author=y_float is not None,
        unchecked=unchecked,
        assumptions=network.assumptions,
        tool=tools("qonnx", "onnx", "numpy"),
    )


def read_outputs(path: str | Path) -> NDArray[np.float64] | None:
    """`y_float` [n, …] of an .npz, what the model's author got; None if it holds none. Raises UserError if it is no such.

    The file is one that `read_parts` took.
    """
    try:
        # By a handle, which numpy would leave open of a damaged file.
        with Path(path).open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            y = array_of(file, "y_float") if "y_float" in file else None
    except DAMAGE as error:
        raise UserError(f"y_float in {path} cannot be read ({error!s:.80}); save it again.") from None
    if y is None:
        return None
    if y.ndim < 1 or not y.size or y.dtype.kind not in "fiub" or not np.isfinite(y).all():
        raise UserError(f"y_float in {path} is {y.dtype} of shape {y.shape}; give finite outputs, with the sample as first "
                        "axis.")  # fmt: skip
    return np.asarray(y, dtype=np.float64).reshape(len(y), -1)


def _by_output(
    network: Network, ours: IntArray, theirs: NDArray[np.float64]
) -> list[tuple[Network, IntArray, NDArray[np.float64]]]:
    """For each output the net with that alone, its integers, and what the file gives."""
    if not network.outputs:
        return [(network, ours, theirs)]
    mine = parts_of(ours, [port.size for port in network.outputs])
    return list(zip(network.each_output, mine, parts_of(theirs, [port.width for port in network.outputs]), strict=True))


def differences(
    network: Network, ours: IntArray, theirs: NDArray[np.float64], near: float = NEAR, relative: float = 0
) -> tuple[NDArray[np.bool_], bool]:
    """Which of the network's outputs [n, outputs] are not the file's, and whether integers were compared in all of them.

    relative: of the integer, if that is more than `near`.
    """
    found = [_differences(own, mine, others, np.maximum(near, relative * np.abs(mine)))
             for own, mine, others in _by_output(network, ours, theirs)]  # fmt: skip
    return np.concatenate([differ for differ, _ in found], axis=1), all(integers for _, integers in found)


def _differences(
    network: Network, ours: IntArray, theirs: NDArray[np.float64], near: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], bool]:
    """The same of a net with one output.

    Accumulators are compared as integers: y_file = gain * a + offset, of which gain and offset are known, gives a, which
    nothing but the integer less than `near` away stands for. Outputs behind other steps are compared as floats, up to the last
    digits of float32, but for what mixes them, of which the greatest is.
    """
    last, relation = network.nodes[-1].layer, affine(network.decode)
    if isinstance(last, ArgMax):
        found = theirs if theirs.shape[1] == 1 else theirs.argmax(axis=1)[:, None]
        return ours != found, theirs.shape[1] == 1
    if relation is None and _as_values(network) and (mine := network.dequantise(ours)).shape == theirs.shape:
        return np.abs(mine - theirs) > 4 * LAST_DIGITS * np.abs(theirs).max(initial=0), False
    if relation is None or not np.all(relation[0]) or theirs.shape != ours.shape:
        return _classes(network, ours)[:, None] != theirs.argmax(axis=1)[:, None], False
    gain, offset = relation
    return np.abs((theirs - offset) / gain - ours) >= near, True


def _excused(
    network: Network, execution: Execution, x: NDArray[np.float32], ours: IntArray, differ: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of the vectors that differ [n], those in which the file with its sums in float64 gives the integers; and the others
    in which a value lies at a tie, so that the last digits of float32 decide. Neither, where qonnx cannot execute that."""
    rounded, tied = np.zeros_like(differ), np.zeros_like(differ)
    rows = np.flatnonzero(differ)
    if not rows.size:
        return rounded, tied
    try:
        found = execution.in_float64(x[rows])
    except NotExecuted:
        return rounded, tied
    rounded[rows] = True
    for own, mine, theirs in _by_output(network, ours[rows], found.outputs):
        wrong, integers = differences(own, mine, theirs, NEAR, LAST_DIGITS)
        if not integers and wrong.shape[1] < theirs.shape[1]:
            wrong = ~_is_greatest(theirs, _classes(own, mine))[:, None]
        rounded[rows] &= ~wrong.any(axis=1)
    tied[rows] = found.tied & ~rounded[rows]
    return rounded, tied


def accumulators(network: Network, theirs: NDArray[np.float64]) -> IntArray | None:
    """The integers that stand for the file's outputs; None if its last steps cannot be undone."""
    if isinstance(network.nodes[-1].layer, ArgMax):
        return theirs.astype(np.int64) if theirs.shape[1] == 1 else None
    relation = affine(network.decode)
    if relation is None or not np.all(relation[0]):
        return None
    gain, offset = relation
    values = (theirs - offset) / gain
    integers = np.rint(values)
    # What is nearer to the middle than to an integer stands for none, and so for a number that no sum reaches.
    return np.where(np.abs(values - integers) < NEAR, integers, np.iinfo(np.int64).min).astype(np.int64)


def _classes(network: Network, ours: IntArray) -> IntArray:
    return ours[:, 0] if isinstance(network.nodes[-1].layer, ArgMax) else network.dequantise(ours).argmax(axis=1)


def _ranks(network: Network) -> bool:
    """Whether the host takes the greatest of the net's outputs."""
    return bool(network.decode) and network.decode[-1].kind in ("greatest", "places")


def _as_values(network: Network) -> bool:
    """Whether outputs that are not affine in the accumulators are compared as floats: none that depends on all of them, so that
    their order alone tells them."""
    last = network.nodes[-1].layer
    return not isinstance(last, ArgMax) and all(step.kind not in ("softmax", "log_softmax") for step in network.decode)


def _reach(network: Network, name: str) -> float:
    return float(max(np.abs(end).max() for end in network.ranges[name]))


def _is_exact(network: Network, execution: Execution) -> bool:
    """Whether float32 computes the file without rounding: scales are powers of two, every sum has at most 24 bits,
    and nothing is looked up."""
    _, step = covering_vectors(network, 1, seed=0)
    if any(isinstance(node.layer, Table | TableSum) for node in network.nodes):
        return False  # what stands before a quantiser there is rounded
    sums = [node for node in network.nodes if isinstance(node.layer, Dense | Add)]
    reaches = [_reach(network, node.name) / (step if set(node.inputs) == {INPUT} else 1) for node in sums]
    scales = execution.scales()
    return max(reaches) < _EXACT and scales is not None and bool(np.all(np.frexp(np.abs(scales))[0] == 0.5))


def _largest_error(network: Network, ours: IntArray, theirs: NDArray[np.float64]) -> float:
    """The largest difference between outputs, over their range; 0 where they are not of one kind."""
    mine = network.dequantise(ours)
    if mine.shape != theirs.shape or not theirs.size:
        return 0.0
    span = float(theirs.max() - theirs.min()) or float(np.abs(theirs).max()) or 1.0
    return float(np.abs(mine - theirs).max()) / span


def _agreement(outputs: list[tuple[Network, IntArray, NDArray[np.float64]]]) -> float | None:
    """The part of the vectors whose class has the greatest of the file's outputs, up to float32's last digits."""
    same = []
    for network, ours, theirs in outputs:
        if _ranks(network):
            continue
        mine = _classes(network, ours)
        if theirs.shape[1] > 1:
            same.append(_is_greatest(theirs, mine))
        elif isinstance(network.nodes[-1].layer, ArgMax):
            same.append(mine == theirs[:, 0])
    together = np.concatenate(same) if same else np.zeros(0)
    return float(together.mean()) if together.size else None


def _is_greatest(outputs: NDArray[np.float64], classes: IntArray) -> NDArray[np.bool_]:
    """Whether the output of each vector's class [n] is the greatest, up to float32's last digits."""
    last_digits = np.abs(outputs).max(axis=1) * 4 * LAST_DIGITS
    return np.asarray(np.take_along_axis(outputs, classes[:, None], axis=1)[:, 0] >= outputs.max(axis=1) - last_digits)
