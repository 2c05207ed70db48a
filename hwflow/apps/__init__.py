"""Whole applications, one folder each. To add one: its folder, and a line in `applications`."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hwflow.errors import UserError
from hwflow.progress import Progress

if TYPE_CHECKING:
    from hwflow.apps.demo import DemoRecord, Plan, Tell
    from hwflow.quantised.train.recipes import Recipe


class Application(Protocol):
    """takes: the options of `hwflow demo` that mean something to it; recipe: what `hwflow train` trains, if it does."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def takes(self) -> frozenset[str]: ...

    @property
    def recipe(self) -> "Recipe | None": ...

    def demo(self, plan: "Plan", out: Path, progress: Progress, tell: "Tell") -> "DemoRecord":
        """From data to a report, in the folder `out`."""
        ...


def applications() -> tuple[Application, ...]:
    """All there are."""
    from hwflow.apps.can_ids.app import CAN_IDS, MASQUERADE, SMALL
    from hwflow.apps.digits.app import DIGITS, GRAPHS, MNIST
    from hwflow.apps.digits_off_chip.app import DIGITS_OFF_CHIP, MNIST_OFF_CHIP
    from hwflow.apps.digits_on_chip.app import DIGITS_ON_CHIP, MNIST_ON_CHIP
    from hwflow.apps.packets.app import PACKETS
    from hwflow.apps.reward.app import REWARDED
    from hwflow.apps.taught.app import DIGITS_TAUGHT, MNIST_TAUGHT

    chip = (DIGITS_ON_CHIP, DIGITS_OFF_CHIP, MNIST_OFF_CHIP, MNIST_ON_CHIP, DIGITS_TAUGHT, *MNIST_TAUGHT, REWARDED)
    return CAN_IDS, SMALL, MASQUERADE, DIGITS, MNIST, *GRAPHS, *chip, PACKETS


def find_application(name: str) -> Application:
    """The application of that name. Raises UserError, with a near name and all there are, if there is none."""
    known = {application.name: application for application in applications()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? The recipes are" if near else "the recipes are"
    raise UserError(f"There is no recipe {name!r}; {hint} {', '.join(known)}.")


def find_recipe(name: str) -> "Recipe":
    """What `hwflow train` trains under that name. Raises UserError if it trains nothing."""
    recipe = find_application(name).recipe
    if recipe is None:
        raise UserError(f"{name} leaves no model file of its own; see `hwflow demo {name}`.")
    return recipe
