"""`can-ids`: intrusion detection on a CAN bus, frame by frame."""

from hwflow.apps.can_ids.dataset import can_dataset
from hwflow.apps.can_ids.features import PAYLOAD_COLUMNS
from hwflow.apps.recipe import RecipeApp
from hwflow.quantised.train.recipes import Recipe, Schedule

CAN_IDS = RecipeApp(
    Recipe(
        "can-ids",
        "intrusion detection on a CAN bus, frame by frame: normal, DoS, fuzzing, two spoofing attacks",
        can_dataset,
        Schedule((32, 32), 3000, 4000, drop=0.05, exchange=PAYLOAD_COLUMNS),
        input_bits=1,
    )
)
