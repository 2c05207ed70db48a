"""The inputs of a model while it is lowered: floats, until it is settled how each becomes integers."""

import math
from dataclasses import dataclass

import numpy as np

from hwflow.ints import IntType
from hwflow.quantised.elementwise import Step, same_steps
from hwflow.quantised.frontend.inputs import Former, InputForm
from hwflow.quantised.frontend.products import type_of
from hwflow.quantised.frontend.quantisers import integer_end
from hwflow.quantised.network import InputPort
from hwflow.quantised.tables import Range


@dataclass
class Source:
    """An input.

    name: in the file; shape: of the tensor, batch first as 1; form: how it becomes integers, from the steps before the first
    matrix, if the model has no quantiser for it. Once that is settled: kind: of the integers; encode: the steps to them;
    node: whose values they are.
    """

    name: str
    shape: tuple[int, ...]
    form: Former
    kind: IntType | None = None
    encode: tuple[Step, ...] = ()
    node: str = ""
    _settled: tuple[tuple[Step, ...], tuple[Step, ...]] = ((), ())  # the steps that were, and those that remain

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def tokens(self) -> int:
        """Vectors of an input that is a matrix."""
        return self.shape[1] if len(self.shape) == 3 else 1

    @property
    def ends(self) -> Range:
        """The least and the greatest integer of each element."""
        assert self.kind is not None
        each = np.ones(self.size, dtype=np.int64)
        return self.kind.min * each, self.kind.max * each

    @property
    def port(self) -> InputPort:
        assert self.kind is not None
        return InputPort(self.name, self.shape[1:], self.kind, self.encode)

    def settle(self, whole: tuple[Step, ...], rest: tuple[Step, ...]) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """Settle how the input becomes integers: the steps that remain behind them, and sentences on what was assumed.

        whole, rest: the steps up to the last integer, and behind it. Raises ValueError if it was settled otherwise before.
        """
        if self.kind is not None:
            before, decode = self._settled
            if not same_steps(before, (*whole, *rest)):
                raise ValueError("it quantises the model's input in another way than a branch before it; quantise the input once, "
                                 "and let the branches read that")  # fmt: skip
            return decode, ()
        form = InputForm(type_of(whole, self.size), whole, rest) if integer_end(whole) else self.form(rest)
        self.encode, self.kind = form.encode, form.kind
        self._settled = (*whole, *rest), form.decode
        return form.decode, form.assumptions
