"""What the check of an import leaves behind: `check.json`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwflow.quantised.frontend.inputs import LARGEST_ERROR
from hwflow.records import read_record, to_json, write_record
from hwflow.words import Part

CHECK = "check.json"


def check_beside(folder: Path, network: str) -> "CheckRecord | None":
    """The check that lies in a folder; None if there is none of the network with that digest."""
    if not (folder / CHECK).is_file():
        return None
    record = CheckRecord.from_folder(folder)
    return record if record.network == network else None


@dataclass(frozen=True)
class CheckRecord:
    """The integer network against the model file, on the same vectors.

    model: the file's name; network: digest of the network; random, given: vectors drawn from the input's whole range, and
    those of the user; values, mismatches: integers behind the outputs (or, where the outputs do not give them, classes) that
    were compared, and that differ; vectors that the input's format rounds are not among them; differing: vectors with a
    mismatch; compared: what was: the integer behind each output, or, where the file's outputs do not give it, their values, or the class; exact: whether the file's own float32 arithmetic is exact on these vectors; rounded: vectors that do not count,
    as the file gives these integers when its sums are added in float64, and others in float32; tied: vectors that do not
    count either, as a value in them lies at a tie, where the last digits of float32 decide;
    largest_error: between outputs in floats, over the range of the outputs; class_agreement: vectors with the same greatest
    output, None with one output; input_error: the largest rounding that the input's format makes in the user's
    vectors, over their range; author: whether outputs that the model's author got were compared too; unchecked: why the
    file was not executed, so that what the author got is all there is to compare with; empty if it was; assumptions: of the import; tool: as in every record. It holds no time, so that an equal check leaves an equal file.
    """

    model: str
    network: str
    compared: Literal["integers", "values", "classes"]
    random: int
    given: int
    values: int
    mismatches: int
    differing: int
    exact: bool
    rounded: int
    tied: int
    largest_error: float
    class_agreement: float | None
    input_error: float
    author: bool
    unchecked: str
    assumptions: tuple[str, ...]
    tool: str = ""

    @property
    def vectors(self) -> int:
        return self.random + self.given

    @property
    def right(self) -> bool:
        """Whether the integers are the file's, and the input's format leaves the user's vectors what they are."""
        return self.differing == 0 and self.input_error <= LARGEST_ERROR

    @property
    def wrong(self) -> str:
        """What is wrong, in a sentence; empty if nothing is."""
        if self.right:
            return ""
        if self.differing == 0:
            return (f"The input's format changes the vectors by up to {self.input_error:.1%} of their range; choose it by them "
                    "with --vectors, or name one with --input-type.")  # fmt: skip
        return (f"The integers of {self.model} differ from execution by qonnx in {self.differing:,} of {self.vectors:,} vectors "
                f"({self.mismatches:,} of {self.values:,} values); report the file to hwflow.")  # fmt: skip

    def words(self) -> tuple[Part, ...]:
        """What was compared with what, and what the import assumed."""
        given = f" and {self.given:,} given" if self.given else ""
        lines = [f"{self.model}: {self.mismatches:,} of {self.values:,} {self.compared} differ from execution by qonnx, on {self.random:,} "
                 f"random vectors{given}",
                 f"outputs differ by at most {self.largest_error:.2g} of their range"]  # fmt: skip
        if self.unchecked:
            compared = f"; what the author got was compared instead, {self.mismatches:,} of {self.values:,} {self.compared} differ"
            lines[0] = f"not checked: {self.unchecked}{compared if self.author else ''}"
        if self.rounded:
            lines.append(f"in {self.rounded:,} more vectors float32 rounds the file's own sums: added in float64 they give the "
                         "integers")  # fmt: skip
        if self.tied:
            lines.append(f"in {self.tied:,} more vectors a value lies at a tie, where float32's last digits decide")
        if self.class_agreement is not None:
            lines.append(f"the same class in {self.class_agreement:.2%} of the vectors")
        if self.input_error:
            lines.append(f"the input's format changes the given vectors by up to {self.input_error:.2g} of their range")
        return (*lines, *(f"assumed: {sentence}" for sentence in self.assumptions))

    @property
    def made(self) -> bool:
        """Whether anything was compared."""
        return not self.unchecked or self.author

    def save(self, folder: Path) -> None:
        write_record(self, folder / CHECK)

    @property
    def files(self) -> dict[str, bytes]:
        """What `save` would write, by path."""
        return {CHECK: to_json(self).encode()}

    @staticmethod
    def from_folder(folder: Path) -> "CheckRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(CheckRecord, folder / CHECK, "run `hwflow check` again.")
