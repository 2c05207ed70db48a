"""Attacks of which training saw no frame: the share of them that a can-ids net still calls an attack, and its false alarms.

The generator's traffic is split by time as in `hwflow train can-ids`. Before the cut only some kinds of attack are injected, after it
the others too: whatever the bus looks like while one of these goes on, the net has not seen either. One net for each row.
A frame is caught if it is said to be any attack. The last row is no unknown attack: masquerades in training as in the test.
"""

import argparse
import sys
from dataclasses import dataclass, replace

import numpy as np

from hwflow.apps.can_ids.app import CAN_IDS
from hwflow.apps.can_ids.attacks import ATTACK_NAMES, HCRL, MASQUERADE, WITH_MASQUERADE, Kinds
from hwflow.apps.can_ids.dataset import GENERATED_SECONDS, can_dataset
from hwflow.apps.can_ids.frame import DOS, FUZZY, SPOOF_GEAR, SPOOF_RPM
from hwflow.quantised.train.brevitas import classify, train_pair

WITHHELD = ((DOS,), (FUZZY,), (SPOOF_GEAR,), (SPOOF_RPM,), (SPOOF_GEAR, SPOOF_RPM), (MASQUERADE,), ())


@dataclass(frozen=True)
class Found:
    """Of the test part: withheld and caught frames, those of the attacks that were learnt, normal ones and false alarms."""

    withheld: tuple[int, int]
    learnt: tuple[int, int]
    normal: tuple[int, int]


def kinds_without(withheld: tuple[int, ...]) -> Kinds:
    """Before the cut all kinds but these, after it all; masquerades only where the row is about them."""
    if not withheld:
        return WITH_MASQUERADE
    before = tuple(kind for kind in HCRL if kind not in withheld)
    return Kinds(before, tuple(dict.fromkeys((*HCRL, *withheld))))


def found(withheld: tuple[int, ...], bits: int, seed: int, share: float, seconds: float) -> Found:
    """Train one net, in that share of the recipe's steps, on so many seconds of traffic, and count."""
    data = can_dataset((), seed, kinds_without(withheld), seconds)
    recipe = CAN_IDS.recipe
    steps = {name: round(share * getattr(recipe.schedule, name)) for name in ("float_steps", "quantised_steps")}
    _, net = train_pair(data, replace(recipe.schedule, **steps), bits, seed, lambda what, done: None)
    alarmed = classify(net, data.x_test) != 0
    names = np.array(data.class_names)[data.y_test]
    rows = {
        "withheld": np.isin(names, [ATTACK_NAMES[kind] for kind in withheld or (MASQUERADE,)]),
        "normal": names == ATTACK_NAMES[0],
    }
    rows["learnt"] = ~(rows["withheld"] | rows["normal"])
    return Found(**{name: (int(of.sum()), int(alarmed[of].sum())) for name, of in rows.items()})


def row(withheld: tuple[int, ...], seeds: list[Found]) -> str:
    """One line of the table: sums over the seeds."""

    def share(name: str) -> str:
        frames, alarmed = np.sum([getattr(one, name) for one in seeds], axis=0).tolist()
        return f"{alarmed / frames:.3%} of {frames:,}" if frames else "–"

    name = " and ".join(ATTACK_NAMES[kind] for kind in withheld) or "none; masquerades learnt"
    return f"| {name} | {share('withheld')} | {share('learnt')} | {share('normal')} |"


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
    print("| not in training | caught of these | caught of the others | false alarms |\n|---|---|---|---|", flush=True)
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
