"""What may be chosen: the fields of a frozen dataclass, each with its range, and how it is narrowed."""

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from hwflow.errors import UserError

Value = int | float | str


@dataclass(frozen=True)
class Between:
    """Numbers from `low` to `high`, both of them included, in steps, or evenly in their logarithm.

    On a field of type int: whole numbers, whose step is 1 unless it is given; of type float: any, unless a step is given.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False


@dataclass(frozen=True)
class Parameter:
    """One choice: `options` if they are listed, else the numbers from low to high; whole: only whole ones."""

    name: str
    options: tuple[Value, ...] = ()
    low: float = 0
    high: float = 0
    step: float | None = None
    log: bool = False
    whole: bool = True

    @property
    def size(self) -> float:
        """How many values there are; infinite for floats without a step."""
        if self.options:
            return len(self.options)
        if self.high < self.low:
            return 0
        if not self.whole and self.step is None:
            return 1 if self.low == self.high else float("inf")
        return int((self.high - self.low) / (self.step or 1)) + 1

    @property
    def words(self) -> str:
        """As `--space` takes it."""
        if self.options:
            return ",".join(map(str, self.options))
        return f"{self.low:g}..{self.high:g}"

    def holds(self, value: Value) -> bool:
        """Whether the value is one of them."""
        if self.options:
            return value in self.options
        return not isinstance(value, str) and self.low <= value <= self.high

    def narrowed(self, text: str) -> "Parameter":
        """The same with `LOW..HIGH`, or values between commas, of those there are. Raises UserError for any other."""
        low, dots, high = text.partition("..")
        values = tuple(self._value(part) for part in ((low, high) if dots else text.split(",")))
        if not all(map(self.holds, values)):
            raise UserError(f"--space {self.name}={text} goes beyond what there is; {self.name} may be {self.words}.")
        if dots and not self.options:
            return replace(self, low=float(values[0]), high=float(values[1]))
        chosen = tuple(v for v in self.options if values[0] <= v <= values[1]) if dots else values  # type: ignore[operator]
        return replace(self, options=tuple(dict.fromkeys(chosen)), step=None, log=False)

    def _value(self, text: str) -> Value:
        if self.options and isinstance(self.options[0], str):
            return text
        try:
            return int(text) if self.whole else float(text)
        except ValueError:
            kind = "whole number" if self.whole else "number"
            raise UserError(f"--space {self.name}: {text!r} is no {kind}; {self.name} may be {self.words}.") from None


@dataclass(frozen=True)
class Space:
    """All that may be chosen; kind: the dataclass that a factory takes."""

    kind: type[Any]
    parameters: tuple[Parameter, ...]

    def narrowed(self, texts: Sequence[str]) -> "Space":
        """The same with `NAME=LOW..HIGH` or `NAME=VALUE,VALUE`. Raises UserError for a name or values that it has not."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for text in texts:
            name, sign, values = text.partition("=")
            if not sign or name not in known:
                raise UserError(f"--space {text}: there is no such choice; there are {', '.join(known) or 'none'}, as in "
                                "NAME=LOW..HIGH or NAME=VALUE,VALUE.")  # fmt: skip
            known[name] = known[name].narrowed(values)
        return Space(self.kind, tuple(known.values()))

    def check(self) -> None:
        """Raises UserError for a space with nothing, or only one thing, in it."""
        empty = [parameter.name for parameter in self.parameters if parameter.size == 0]
        if empty or not self.parameters:
            what = f"{empty[0]} has no value" if empty else f"{self.kind.__name__} has no fields"
            raise UserError(f"The space is empty: {what}; give each choice a range in which something lies.")
        if all(parameter.size == 1 for parameter in self.parameters):
            raise UserError(
                "The space has a single point, so that every objective is constant; widen --space, or use `hwflow train`."
            )

    def choices(self, values: Mapping[str, Value]) -> Any:
        """The values as the factory takes them, in their least form where the dataclass has a method `reduced` that gives
        it: with what does not matter at one value, so that equal nets are one."""
        made = self.kind(**{parameter.name: values[parameter.name] for parameter in self.parameters})
        return made.reduced() if hasattr(made, "reduced") else made


def space_of(kind: type[Any]) -> Space:
    """The space of a frozen dataclass: int and float fields are Annotated with `Between`, others are Literal or bool.

    Raises UserError for anything else.
    """
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
        raise UserError(f"{getattr(kind, '__name__', kind)} is no dataclass; annotate the factory's first argument with a frozen "
                        "one whose fields have ranges.")  # fmt: skip
    hints = typing.get_type_hints(kind, include_extras=True)
    return Space(kind, tuple(_parameter(field.name, hints[field.name]) for field in dataclasses.fields(kind)))


def _parameter(name: str, hint: Any) -> Parameter:
    if typing.get_origin(hint) is Literal:
        options = typing.get_args(hint)
        return Parameter(name, options, whole=all(isinstance(option, int) for option in options))
    if hint is bool:
        return Parameter(name, (0, 1))
    if typing.get_origin(hint) is Annotated:
        base, *notes = typing.get_args(hint)
        between = next((note for note in notes if isinstance(note, Between)), None)
        if between is not None and base in (int, float):
            b = between
            return Parameter(name, (), b.low, b.high, b.step, b.log, whole=base is int)
    raise UserError(f"The choice {name} has no range; write it as Annotated[int, Between(1, 8)], or as a Literal.")
