"""What training needs to be told: data, and how to train on them. The recipes themselves are applications (`hwflow/apps/`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from hwflow.dataset import Dataset
from hwflow.sources import Source

Progress = Callable[[str, float], None]  # what is being done, and how much of it is done, 0 … 1


class Net(Enum):
    """The form of a net; `train/graphs.py` says what `hidden` means for those that are graphs."""

    MLP = "MLP"
    HOURGLASS = "hourglass"
    TWO_STREAM = "two-stream net"
    DENDRITES = "net with dendrites"
    MIXER = "mixer"
    KAN = "KAN"


@dataclass(frozen=True)
class Schedule:
    """How a net is trained.

    hidden: sizes of the hidden layers; float_steps, quantised_steps: of the float net, and of the quantised net that
    starts from its weights; batch: samples a step, fewer if the data are few; drop: the share of inputs set to 0 in
    training; exchange: first and last + 1 column that half of the samples of a batch swap with other samples, so that
    the net does not learn attack payloads by heart ((0, 0): none); pruned: the share of each matrix's weights that is zero
    in a quantised MLP of two bits or more, the least ones of the float net.
    """

    hidden: tuple[int, ...]
    float_steps: int
    quantised_steps: int
    batch: int = 512
    learning_rate: float = 5e-3
    drop: float = 0.0
    exchange: tuple[int, int] = (0, 0)
    pruned: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """A name for --recipe, one line about it, its data (from the user's files, if any, and a seed) and how to train on them.

    input_bits: of its data, at most.
    """

    name: str
    description: str
    prepare: Callable[[Sequence[Source], int], Dataset]
    schedule: Schedule
    bits: int = 2
    net: Net = Net.MLP
    input_bits: int = 8
