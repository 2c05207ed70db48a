"""What the applications of the spiking core leave behind: `digits.json`, `patterns.json` and `reward.json`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hwflow.evaluation import Evaluation
from hwflow.paths import whole_file
from hwflow.records import read_record, to_json

DIGITS = "digits.json"
PATTERNS = "patterns.json"
REWARD = "reward.json"


@dataclass(frozen=True)
class Proof:
    """On what an application ran, and how that compares with the golden model.

    ticks, spikes, cycles: done by the device, cycles of its clock in ticks (0 on the golden model itself); compared,
    differing: values of spikes and of the state that were read back; first: where they differed first, empty if they did not;
    seconds: of wall clock.
    """

    port: str
    kind: Literal["golden model", "simulated board", "serial port"]
    ticks: int
    spikes: int
    cycles: int
    compared: int
    differing: int
    first: str
    seconds: float

    def __post_init__(self) -> None:
        """Raises ValueError for no ticks at all."""
        if self.ticks < 1:
            raise ValueError(f"an application takes ticks, not {self.ticks}")

    @property
    def right(self) -> bool:
        """Whether it did what the golden model does."""
        return self.differing == 0


@dataclass(frozen=True)
class Pace:
    """Cycles of the core for an image that it classifies, by its schedule, without what the link takes.

    mean, worst: of all images; there: of all images together that the device did; clock_hz: of the project.
    """

    mean: float
    worst: int
    there: int
    clock_hz: int

    def __post_init__(self) -> None:
        """Raises ValueError for no clock."""
        if self.clock_hz < 1:
            raise ValueError(f"a core has a clock, not one of {self.clock_hz} Hz")

    @property
    def mean_seconds(self) -> float:
        return self.mean / self.clock_hz

    @property
    def worst_seconds(self) -> float:
        return self.worst / self.clock_hz


@dataclass(frozen=True)
class DigitsRecord:
    """Digits classified by spikes.

    project: digest of the project; learnt: whether on the chip; least: the accuracy that is asked for; curve: accuracy
    on the images of `curve_of` after so many images, empty for a net that was trained elsewhere; samples: that were learnt
    from, that named the neurons, and held out; notes: sentences on data and net; pace: of images that a net classifies that was
    trained elsewhere.
    """

    recipe: str
    project: str
    seed: int
    learnt: bool
    least: float
    evaluation: Evaluation
    curve: tuple[tuple[int, float], ...]
    samples: tuple[int, int, int]
    notes: tuple[str, ...]
    proof: Proof
    tool: str = ""
    curve_of: str = "held-out images"
    pace: Pace | None = None

    @property
    def as_predicted(self) -> bool:
        """Whether the device, if there was one, took the cycles of the schedule."""
        return self.pace is None or self.proof.kind == "golden model" or self.proof.cycles == self.pace.there

    @property
    def right(self) -> bool:
        """Whether it is accurate enough, equal to the golden model, and as fast as predicted."""
        return self.evaluation.accuracy >= self.least and self.proof.right and self.as_predicted

    def save(self, folder: Path) -> None:
        with whole_file(folder / DIGITS) as draft:
            draft.write_text(to_json(self))

    @staticmethod
    def from_folder(folder: Path) -> "DigitsRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(DigitsRecord, folder / DIGITS, "run `hwflow demo` again.")


@dataclass(frozen=True)
class Sweep:
    """Detectors that were taught `taught` words at a distance, with all words presented to each.

    timing: of presentations; weights: what a one and a zero gain from one; detectors: how many; missed: taught words
    that were not detected; false_least, false_most: false positives of a detector; as_computed: whether every detector
    fired for exactly the words for which it must by the equation; unweighted: 2^distance - 2, for two words.
    """

    timing: str
    weights: tuple[int, int]
    taught: int
    distance: int
    detectors: int
    missed: int
    false_least: int
    false_most: int
    as_computed: bool
    unweighted: int | None


@dataclass(frozen=True)
class Detector:
    """A detector of packets: the headers it was taught, packets that have one of them, and what it fired for."""

    headers: tuple[str, ...]
    packets: int
    missed: int
    false: int
    false_computed: int


@dataclass(frozen=True)
class PatternsRecord:
    """Words and packets' headers learnt by a teacher's spike.

    project: digest of the project; packets, others: IP packets in the file, and packets that were not; as DigitsRecord.
    """

    recipe: str
    project: str
    seed: int
    sweeps: tuple[Sweep, ...]
    file: str
    packets: int
    others: int
    detectors: tuple[Detector, ...]
    notes: tuple[str, ...]
    proof: Proof
    tool: str = ""

    @property
    def right(self) -> bool:
        """Whether nothing was missed, every false positive is one by the equation, and all is equal to the model."""
        swept = all(sweep.as_computed and not sweep.missed for sweep in self.sweeps)
        detected = all(not one.missed and one.false == one.false_computed for one in self.detectors)
        return swept and detected and self.proof.right

    def save(self, folder: Path) -> None:
        with whole_file(folder / PATTERNS) as draft:
            draft.write_text(to_json(self))

    @staticmethod
    def from_folder(folder: Path) -> "PatternsRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(PatternsRecord, folder / PATTERNS, "run `hwflow demo` again.")


@dataclass(frozen=True)
class RewardRecord:
    """A control task learnt from rewards.

    project: digest of the project; least: the share of games that are to be won; caught, by_chance: the shares that were, by the net and by moves
    at random, in the games that judge it; games: that it learnt from, and that judge it; curve: games, and the share of the last
    of them that was won.
    """

    recipe: str
    project: str
    seed: int
    least: float
    caught: float
    by_chance: float
    games: tuple[int, int]
    presentations: int
    curve: tuple[tuple[int, float], ...]
    proof: Proof
    tool: str = ""

    @property
    def right(self) -> bool:
        """Whether it won enough, and is equal to the golden model."""
        return self.caught >= self.least and self.proof.right

    def save(self, folder: Path) -> None:
        with whole_file(folder / REWARD) as draft:
            draft.write_text(to_json(self))

    @staticmethod
    def from_folder(folder: Path) -> "RewardRecord":
        """Raises UserError if it is not there or is damaged."""
        return read_record(RewardRecord, folder / REWARD, "run `hwflow demo` again.")
