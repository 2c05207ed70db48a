"""How the integers of the input come about when the model has no quantiser for them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hwflow.errors import UserError
from hwflow.ints import IntType
from hwflow.quantised.elementwise import Step
from hwflow.quantised.frontend.quantisers import one

FIXED_BITS, FIXED_FRACTION = 16, 10


@dataclass(frozen=True, eq=False)
class InputForm:
    """encode: from the model's own input to integers of `kind`; decode: from these to what the model computes with."""

    kind: IntType
    encode: tuple[Step, ...] = ()
    decode: tuple[Step, ...] = ()


def fixed_point(kind: IntType, fraction_bits: int) -> InputForm:
    """Multiples of 2^-fraction_bits."""
    unit = 2.0**fraction_bits
    return InputForm(kind, (Step("mul", (one(unit),)),), (Step("div", (one(unit),)),))


def bipolar() -> InputForm:
    """-1 and +1 as the bits 0 and 1."""
    to_bit = (Step("add", (one(1),)), Step("div", (one(2),)))
    return InputForm(IntType(1, signed=False), to_bit, (Step("mul", (one(2),)), Step("sub", (one(1),))))


def assumed_form(steps: Sequence[Step]) -> InputForm:
    """The form of an input of which the file says nothing; `steps` stand between it and the first matrix.

    (x + 1) / 2 is how nets take -1 and +1: one bit. Anything else is taken as fixed point behind the steps, signed,
    16 bits, 10 of them fraction: the host refuses what lies outside, so that nothing is cut off silently.
    """
    if [step.kind for step in steps] in (["add", "div"], ["add", "mul"]):
        one_, half = (step.operands[0] for step in steps)
        if one_.tolist() == [1] and half.tolist() == [2 if steps[1].kind == "div" else 0.5]:
            return InputForm(IntType(1, signed=False), tuple(steps))
    unit = one(2**FIXED_FRACTION)
    encode = (*steps, Step("mul", (unit,)), Step("round"))
    return InputForm(IntType(FIXED_BITS, signed=True), encode, (Step("div", (unit,)),))


def int_type(name: str) -> IntType:
    """The type that `--input-type` names. Raises UserError if it is none."""
    found = re.fullmatch(r"(U?)INT([1-9]\d?)", name.upper())
    if not found or int(found[2]) > 32:
        raise UserError(
            f"--input-type {name!r:.40} is no integer type; give INT or UINT and 1 to 32 bits, as in UINT8."
        )
    return IntType(int(found[2]), signed=not found[1])
