"""One text with all mutants of a module, one of which is chosen when the simulation starts.

A mutant schema (Untch, Offutt and Harrold, 1993): each expression e that has mutants e1, e2, … is `(number == 1 ? e1 :
number == 2 ? e2 : e)`, and a register that one of them does not reset is reset `if (number != 3)`. So a module is built once
and not once a mutant. What is repeated is the whole expression, up to the assignment, condition or port that it is in,
with the changed text in it, so that a mutant is the same circuit as if the file had been changed. The number is read from a
file, since not every test bench hands arguments to the simulation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from mutant_texts import QUIET, Mutant
from pyslang import syntax

# Of the names in rtl/ the first: tools read files in the order of names, and a package stands before what uses it.
PACKAGE = "hwf_0_mutants"
NUMBER = f"{PACKAGE}::number"
# The file may be missing: then nothing is changed.
_PACKAGE_TEXT = """\
package {package};
  function automatic int chosen();
    int file, found;
    found = 0;
    file = $fopen("{path}", "r");
    if (file != 0) begin
      if ($fscanf(file, "%d", found) != 1) found = 0;
      $fclose(file);
    end
    return found;
  endfunction
  int number = chosen();
endpackage
"""
# What is computed when the design is elaborated, so that it cannot be chosen later.
_ELABORATED = {
    "ParameterDeclaration",
    "ParameterDeclarationStatement",
    "ParameterPortList",
    "ParameterValueAssignment",
    "VariableDimension",
    "SimpleRangeSelect",
    "IfGenerate.condition",
    "CaseGenerate.condition",
    "LoopGenerate.initialExpr",
    "LoopGenerate.stopExpr",
    "LoopGenerate.iterationExpr",
    "AscendingRangeSelect.right",
    "DescendingRangeSelect.right",
    "CastExpression.left",
    "MultipleConcatenationExpression.expression",
    "AttributeInstance",
    "ConcurrentAssertionStatement",
    "ImmediateAssertionStatement",
}
_ASSIGNMENT = "AssignmentExpression"  # and those with an operator, whose kinds end so
_PATTERN = "AssignmentPatternExpression"


@dataclass(frozen=True)
class Place:
    """The expression that is repeated for a mutant of what stands in it; `fixed` if it is computed at elaboration."""

    start: int
    end: int
    fixed: bool


@dataclass(frozen=True)
class Edit:
    """What stands from `start` to `end` is `put` instead."""

    start: int
    end: int
    put: str


def package_text(path: Path) -> str:
    """The package in which the number is, read from the file `path` when a simulation starts: 0 for no mutant."""
    return QUIET + _PACKAGE_TEXT.format(package=PACKAGE, path=path)


def schema(text: str, numbered: Mapping[int, Mutant]) -> str:
    """A module's text with these mutants of it, each chosen by its number. All must be `choosable`."""
    found = places(text)
    edits = list(_resets(numbered))
    held = sorted(
        (
            (place, number, mutant)
            for number, mutant in numbered.items()
            if mutant.kind != "reset" and (place := _place(found, mutant))
        ),
        key=lambda one: (one[0].start, one[0].end, one[1]),
    )
    for place, group in groupby(held, key=lambda one: one[0]):
        original = text[place.start : place.end]
        cases = ""
        for _, number, mutant in group:
            here = replace(mutant, start=mutant.start - place.start, end=mutant.end - place.start)
            cases += f"{NUMBER} == {number} ? ({here.within(original)}) : "
        edits.append(Edit(place.start, place.end, f"({cases}({original}))"))
    # From the end on, so that places before stay; of two at one place the inner one, an expression, first.
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.put + text[edit.end :]
    return QUIET + text


def choosable(text: str, mutants: Sequence[Mutant]) -> list[Mutant]:
    """Those of a module's mutants that do not change what is computed at elaboration."""
    found = places(text)
    return [m for m in mutants if m.kind == "reset" or ((place := _place(found, m)) is not None and not place.fixed)]


def _place(found: Mapping[int, Place], mutant: Mutant) -> Place | None:
    """Of the first token in what a mutant changes."""
    return next((found[at] for at in range(mutant.start, mutant.end) if at in found), None)


def _resets(numbered: Mapping[int, Mutant]) -> Iterator[Edit]:
    for number, mutant in numbered.items():
        if mutant.kind == "reset":
            yield Edit(mutant.start, mutant.start, f"begin if ({NUMBER} != {number}) ")
            yield Edit(mutant.end, mutant.end, " end")


def places(text: str) -> dict[int, Place]:
    """The place of each token in an expression, by where the token starts."""
    # Places are counted in bytes there; comments may have letters of more than one.
    root = syntax.SyntaxTree.fromText(text.encode("ascii", "replace").decode()).root
    fixed = _constant_functions(root)
    return dict(_walk(root, None, False, fixed))


def _walk(node: Any, place: Place | None, fixed: bool, functions: set[str]) -> Iterator[tuple[int, Place]]:
    """node: a SyntaxNode of whatever kind, which has the parts of that."""
    kind = node.kind.name
    fixed = fixed or kind in _ELABORATED
    if kind == "FunctionDeclaration" and str(node.prototype.name).strip() in functions:
        fixed = True
    elaborated = [getattr(node, name.split(".")[1]) for name in _ELABORATED if name.startswith(f"{kind}.")]
    for child in node:
        if not isinstance(child, syntax.SyntaxNode):
            if place is not None:
                yield child.location.offset, replace(place, fixed=fixed or place.fixed)
            continue
        here = place
        written = kind.endswith(_ASSIGNMENT) and _same(child, node.left)
        if here is None and not written and _is_repeated(child):
            here = Place(child.sourceRange.start.offset, child.sourceRange.end.offset, fixed)
        below = fixed or any(_same(child, one) for one in elaborated)
        yield from _walk(child, here, below, functions)


def _same(one: syntax.SyntaxNode, other: object) -> bool:
    return isinstance(other, syntax.SyntaxNode) and one.kind == other.kind and one.sourceRange == other.sourceRange


def _is_repeated(node: syntax.SyntaxNode) -> bool:
    expression = isinstance(node, syntax.ExpressionSyntax) and not isinstance(node, syntax.DataTypeSyntax)
    return expression and node.kind.name != _PATTERN and not node.kind.name.endswith(_ASSIGNMENT)


def _constant_functions(root: syntax.SyntaxNode) -> set[str]:
    """Names that are called where something is computed at elaboration."""
    found: set[str] = set()

    def look(node: Any, fixed: bool) -> None:
        fixed = fixed or node.kind.name in _ELABORATED
        if fixed and node.kind.name == "InvocationExpression":
            found.add(str(node.left).strip())
        for child in node:
            if isinstance(child, syntax.SyntaxNode):
                look(child, fixed)

    look(root, False)
    return found
