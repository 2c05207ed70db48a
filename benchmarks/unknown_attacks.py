"""Attacks of which training saw no frame: the share of them that a can-ids net still calls an attack, and its false alarms.

The generator's traffic is split by time as in `hwflow train can-ids`. Before the cut only some kinds of attack are injected, after it
the others too: whatever the bus looks like while one of these goes on, the net has not seen either. One net for each row.
A frame is caught if it is said to be any attack. The last row is no unknown attack: masquerades in training as in the test, many short ones.
The last two columns are of the same net where the normal class is handicapped, as an offset of its output would, by so much that of the
validation's normal frames one in a thousand is an alarm: caught of those withheld, and false alarms of the test.
"""

import argparse
import sys
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from hwflow.apps.can_ids.app import CAN_IDS
from hwflow.apps.can_ids.attacks import ATTACK_NAMES, HCRL, MASQUERADE, Kinds
from hwflow.apps.can_ids.dataset import GENERATED_SECONDS, can_dataset
from hwflow.apps.can_ids.frame import DOS, FUZZY, SPOOF_GEAR, SPOOF_RPM
from hwflow.dataset import Samples
from hwflow.quantised.train.brevitas import classify, train_pair

WITHHELD = ((DOS,), (FUZZY,), (SPOOF_GEAR,), (SPOOF_RPM,), (SPOOF_GEAR, SPOOF_RPM), (MASQUERADE,), ())
ALARMS = 1e-3  # of the normal frames of validation, where normal is handicapped
STEP = 1 << 16


@dataclass(frozen=True)
class Found:
    """Of the test part: withheld and caught frames, those of the attacks that were learnt, normal ones and false alarms.

    withheld_shifted, normal_shifted: the same where the normal class is handicapped.
    """

    withheld: tuple[int, int]
    learnt: tuple[int, int]
    normal: tuple[int, int]
    withheld_shifted: tuple[int, int]
    normal_shifted: tuple[int, int]


def kinds_without(withheld: tuple[int, ...]) -> Kinds:
    """Before the cut all kinds but these, after it all; masquerades only where the row is about them."""
    if not withheld:
        return Kinds((*HCRL, *(MASQUERADE,) * 8), (*HCRL, *(MASQUERADE,) * 4))
    before = tuple(kind for kind in HCRL if kind not in withheld)
    return Kinds(before, tuple(dict.fromkeys((*HCRL, *withheld))))


def found(withheld: tuple[int, ...], bits: int, seed: int, share: float, seconds: float) -> Found:
    """Train one net, in that share of the recipe's steps, on so many seconds of traffic, and count."""
    data = can_dataset((), seed, kinds_without(withheld), seconds)
    recipe = CAN_IDS.recipe
    steps = {name: round(share * getattr(recipe.schedule, name)) for name in ("float_steps", "quantised_steps")}
    _, net = train_pair(data, replace(recipe.schedule, **steps), bits, seed, lambda what, done: None)
    alarmed, margins = classify(net, data.x_test) != 0, margins_of(net, data.x_test)
    benign = margins_of(net, data.x_validation[data.y_validation == 0])
    shifted = alarmed | (margins > np.quantile(benign, 1 - ALARMS))
    names = np.array(data.class_names)[data.y_test]
    rows = {
        "withheld": np.isin(names, [ATTACK_NAMES[kind] for kind in withheld or (MASQUERADE,)]),
        "normal": names == ATTACK_NAMES[0],
    }
    rows["learnt"] = ~(rows["withheld"] | rows["normal"])
    counts = {name: (int(of.sum()), int(alarmed[of].sum())) for name, of in rows.items()}
    counts |= {
        f"{name}_shifted": (int(rows[name].sum()), int(shifted[rows[name]].sum())) for name in ("withheld", "normal")
    }
    return Found(**counts)


def margins_of(net: torch.nn.Module, x: Samples) -> NDArray[np.float64]:
    """By how much the greatest output of an attack is above that of normal: [n]."""
    with torch.no_grad():
        outputs = [net(torch.from_numpy(x[at : at + STEP]).float()).numpy() for at in range(0, len(x), STEP)]
    scores = np.concatenate(outputs).astype(np.float64)
    margins: NDArray[np.float64] = scores[:, 1:].max(axis=1) - scores[:, 0]
    return margins


def row(withheld: tuple[int, ...], seeds: list[Found]) -> str:
    """One line of the table: sums over the seeds."""

    def share(name: str) -> str:
        frames, alarmed = np.sum([getattr(one, name) for one in seeds], axis=0).tolist()
        return f"{alarmed / frames:.3%} of {frames:,}" if frames else "–"

    name = " and ".join(ATTACK_NAMES[kind] for kind in withheld) or "none; masquerades learnt"
    columns = ("withheld", "learnt", "normal", "withheld_shifted", "normal_shifted")
    return " | ".join(("| " + name, *map(share, columns))) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bits", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=1, help="nets for each row, each on traffic of its own")
    parser.add_argument("--share", type=float, default=1.0, help="of the recipe's training steps")
    parser.add_argument(
        "--seconds", type=float, default=GENERATED_SECONDS, help="of traffic, a third of them for the test"
    )
    parser.add_argument("--withheld", nargs="*", choices=ATTACK_NAMES[1:], help="only this row (no word: the last row)")
    options = parser.parse_args()
    asked = options.withheld
    rows = WITHHELD if asked is None else (tuple(map(ATTACK_NAMES.index, asked)),)
    heads = (
        "not in training",
        "caught of these",
        "of the others",
        "false alarms",
        "caught, shifted",
        "false alarms, shifted",
    )
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|", flush=True)
    for withheld in rows:
        print(
            row(
                withheld,
                [found(withheld, options.bits, seed, options.share, options.seconds) for seed in range(options.seeds)],
            ),
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
