"""How the integers of the input come about when the model has no quantiser for them."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.elementwise import ROUNDINGS, Step, apply
from hwflow.quantised.frontend.quantisers import one
from hwflow.quantised.network import Network
from hwflow.quantised.ports import parts_of

FIXED_BITS, FIXED_FRACTION = 16, 10
LARGEST_ERROR = 0.01  # of the vectors' range, that rounding to the input's format may make
_FORMAT = re.compile(r"(U?)(?:INT([0-9]{1,3})|FIXED([0-9]{1,3})\.(-?[0-9]{1,3}))")
_MAX_INT, _MAX_FIXED, _MAX_FRACTION = 32, 16, 100  # bits


@dataclass(frozen=True)
class InputFormat:
    """What the user, or a set of samples, says of an input.

    kind: of the integers; fraction: bits of fraction of a fixed-point number, which is kind * 2^-fraction, formed by
    rounding behind the arithmetic that stands before the first matrix; None for integers that the vectors hold as they
    are. Written `UINT8` or `FIXED16.10` (`U` before it: unsigned).
    """

    kind: IntType
    fraction: int | None = None

    def __str__(self) -> str:
        if self.fraction is None:
            return str(self.kind)
        return f"{'' if self.kind.signed else 'U'}FIXED{self.kind.bits}.{self.fraction}"

    @staticmethod
    def parse(name: str) -> "InputFormat":
        """Raises UserError if the name is none of a format."""
        found = _FORMAT.fullmatch(name.upper())
        if found:
            bits, fraction = int(found[2] or found[3]), int(found[4] or 0)
            most = _MAX_INT if found[2] else _MAX_FIXED
            if 1 <= bits <= most and abs(fraction) <= _MAX_FRACTION:
                return InputFormat(IntType(bits, signed=not found[1]), None if found[2] else fraction)
        raise UserError(f"--input-type {name!r:.40} is no type of an input; give integers of 1 to {_MAX_INT} bits, as UINT8, "
                        f"or fixed point of 1 to {_MAX_FIXED} bits and how many of them are fraction, as FIXED16.10.")  # fmt: skip


@dataclass(frozen=True, eq=False)
class InputForm:
    """encode: from the model's own input to integers of `kind`; decode: from these to what the model computes with.

    assumptions: sentences on what nobody said.
    """

    kind: IntType
    encode: tuple[Step, ...] = ()
    decode: tuple[Step, ...] = ()
    assumptions: tuple[str, ...] = ()


Former = Callable[[Sequence[Step]], InputForm]  # from the steps that stand between the input and the first matrix


def declared(form: InputForm) -> Former:
    """What the file declares: the integers are there before any step."""
    return lambda steps: InputForm(form.kind, form.encode, (*form.decode, *steps))


def fixed_point(kind: IntType, fraction_bits: int) -> InputForm:
    """Multiples of 2^-fraction_bits."""
    unit = 2.0**fraction_bits
    return InputForm(kind, (Step("mul", (one(unit),)),), (Step("div", (one(unit),)),))


def bipolar() -> InputForm:
    """-1 and +1 as the bits 0 and 1."""
    to_bit = (Step("add", (one(1),)), Step("div", (one(2),)))
    return InputForm(IntType(1, signed=False), to_bit, (Step("mul", (one(2),)), Step("sub", (one(1),))))


def formatted(given: InputFormat) -> Former:
    """What the user gives."""
    if given.fraction is None:
        return declared(InputForm(given.kind))
    return lambda steps: _rounded(steps, given, ())


def _rounded(steps: Sequence[Step], given: InputFormat, assumptions: tuple[str, ...]) -> InputForm:
    unit = one(2.0 ** (given.fraction or 0))
    encode = (*steps, Step("mul", (unit,)), Step("round"))
    return InputForm(given.kind, encode, (Step("div", (unit,)),), assumptions)


def assumed(samples: NDArray[Any] | None = None) -> Former:
    """An input of which the file says nothing, and, perhaps, samples of it [n, …].

    (x + 1) / 2 is how nets take -1 and +1: one bit, unless the samples are others. Anything else is taken as fixed point
    behind the steps, signed, 16 bits: with the fraction that the samples need (see `format_of`), or 10 bits of it. The
    host refuses what lies outside, so that nothing is cut off silently.
    """

    def form(steps: Sequence[Step]) -> InputForm:
        values = None if samples is None else apply(steps, _flat(samples))
        if _is_half_of_x_plus_one(steps) and (values is None or bool(np.all((values == 0) | (values == 1)))):
            said = "the file does not say how its input is quantised; from (x + 1) / 2 before the first matrix it is taken as -1 or +1"
            return InputForm(IntType(1, signed=False), tuple(steps), (), (said,))
        found = InputFormat(IntType(FIXED_BITS, signed=True), FIXED_FRACTION) if values is None else format_of(values)
        behind = " behind the arithmetic before the first matrix" if steps else ""
        said = (f"the file does not say how its input is quantised; it is rounded to {found}{behind}, {found.kind.bits} bits "
                f"with {found.fraction} of fraction, {_end(found, found.kind.min)} to {_end(found, found.kind.max)}")  # fmt: skip
        said += (", chosen by the range of the samples" if values is not None
                 else ": give --vectors to choose by the range of samples, or --input-type")  # fmt: skip
        return _rounded(steps, found, (said,))

    return form


def _is_half_of_x_plus_one(steps: Sequence[Step]) -> bool:
    if [step.kind for step in steps] not in (["add", "div"], ["add", "mul"]):
        return False
    one_, half = (step.operands[0].tolist() for step in steps)
    return bool(one_ == [1] and half == [2 if steps[1].kind == "div" else 0.5])


def _end(form: InputFormat, integer: int) -> str:
    return f"{integer * 2.0 ** -(form.fraction or 0):.6g}"


def _flat(samples: NDArray[Any]) -> NDArray[np.float32]:
    x = np.asarray(samples, dtype=np.float32)
    if x.ndim < 2 or not x.size or not np.isfinite(x).all():
        raise UserError(f"The samples of shape {x.shape} are no vectors of finite numbers; give the model's own inputs, with "
                        "the sample as first axis.")  # fmt: skip
    return x.reshape(len(x), -1)


def format_of(values: NDArray[np.float32]) -> InputFormat:
    """Fixed point, signed, of 16 bits, for values like these.

    The least fraction with which all of them are exact, if there is one that holds them: what is larger than they fits
    too then. Else the greatest fraction that holds them. Raises UserError if no fraction does.
    """
    kind = IntType(FIXED_BITS, signed=True)
    largest = float(np.abs(values).max())
    if not math.isfinite(largest):
        raise UserError("The samples overflow before the first matrix; give them as the model takes them.")
    # frexp: 2^(e-1) <= largest < 2^e, so 15 - e bits of fraction always hold it but for rounding up at the very top.
    finest = min(FIXED_BITS - 1 - math.frexp(largest)[1], _MAX_FRACTION) if largest else 0
    if np.rint(values.max() * 2.0**finest) > kind.max:
        finest -= 1
    exact = values.astype(np.float64) * 2.0**finest
    if np.array_equal(exact, np.rint(exact)):
        whole = exact.astype(np.int64)
        common = int(np.bitwise_or.reduce(np.abs(whole), axis=None))
        finest -= (common & -common).bit_length() - 1 if common else 0
    if finest < -_MAX_FRACTION:
        raise UserError(
            f"The samples reach {largest:.3g}, which no fixed point holds; scale the input as for training."
        )
    return InputFormat(kind, finest)


def input_error(network: Network, x: NDArray[Any]) -> float:
    """The largest rounding that the input's format makes in vectors [n, …], over the range of the vectors.

    Both are taken behind the steps before the rounding. 0 for a network whose own quantiser rounds, which the model means.
    """
    sizes = [port.size for port in network.sources]
    parts = parts_of(np.asarray(x, dtype=np.float32).reshape(len(x), -1), sizes)
    return max(_rounding(port.steps, part) for port, part in zip(network.sources, parts, strict=True))


def _rounding(encode: Sequence[Step], x: NDArray[np.float32]) -> float:
    """The same of one input."""
    *steps, last = encode or (Step("relu"),)
    if last.kind not in ROUNDINGS or any(step.kind in ROUNDINGS or step.kind == "clip" for step in steps):
        return 0.0
    values = apply(steps, x).astype(np.float64)
    span = float(values.max() - values.min()) or float(np.abs(values).max())
    return float(np.abs(np.rint(values) - values).max()) / span if span else 0.0


def check_input(network: Network, x: NDArray[Any], where: str) -> float:
    """The `input_error` of vectors that came from `where`. Raises UserError if it is more than 1 % of their range."""
    error = input_error(network, x)
    if not error <= LARGEST_ERROR:
        raise UserError(f"The input of {network.name} is rounded to {network.input_type}, which changes the vectors of {where} "
                        f"by up to {error:.1%} of their range; compile with --vectors {where} to choose the input's format by "
                        "them, or name one with --input-type.")  # fmt: skip
    return error
