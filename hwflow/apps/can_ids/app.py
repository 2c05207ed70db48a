"""`can-ids`: intrusion detection on a CAN bus, frame by frame; by a net for small parts; and with masquerades among the attacks."""

from dataclasses import replace
from functools import partial

from hwflow.apps.can_ids.attacks import WITH_MASQUERADE
from hwflow.apps.can_ids.dataset import can_dataset
from hwflow.apps.can_ids.features import PAYLOAD_COLUMNS
from hwflow.apps.recipe import RecipeApp
from hwflow.quantised.train.recipes import Recipe, Schedule

_SCHEDULE = Schedule((32, 32), 3000, 4000, drop=0.05, exchange=PAYLOAD_COLUMNS)
CAN_IDS = RecipeApp(
    Recipe(
        "can-ids",
        "intrusion detection on a CAN bus, frame by frame: normal, DoS, fuzzing, two spoofing attacks",
        can_dataset,
        _SCHEDULE,
        input_bits=1,
    )
)
# A quarter of the weights is left, so that hardwired layers fit beside a guard on an iCE40UP5K, which judge in a microsecond.
SMALL = RecipeApp(
    Recipe(
        "can-ids-small",
        "the same by a net of an eighth of the weights, for a guard on a small part",
        can_dataset,
        replace(_SCHEDULE, hidden=(20,), float_steps=1000, quantised_steps=1500, pruned=0.75),
        input_bits=1,
    )
)
MASQUERADE = RecipeApp(
    Recipe(
        "can-ids-masquerade",
        "the same, and nodes that are silenced and replaced at their own pace",
        partial(can_dataset, kinds=WITH_MASQUERADE),
        _SCHEDULE,
        input_bits=1,
    )
)
