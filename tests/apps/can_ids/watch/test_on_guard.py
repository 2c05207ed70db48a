"""What a guard's features say of the measures, and what it counted meanwhile."""

import numpy as np
import pytest
from apps.can_ids import watching as made

from hwflow.apps.can_ids.features import MEASURES, feature_bits, measure
from hwflow.apps.can_ids.profile import learn_profile
from hwflow.apps.can_ids.watch.on_guard import _since, reached
from hwflow.quantised.host.guard import GuardCounts


def test_a_feature_tells_the_highest_level_that_was_reached() -> None:
    log = made.attacked()
    measured = measure(log, learn_profile(made.benign()))
    told = reached(feature_bits(log, measured))
    for at, kind in enumerate(MEASURES):
        levels = np.array([0, *kind.levels])
        assert (told[:, at] == levels[np.searchsorted(levels, measured[:, at], side="right") - 1]).all(), kind.name


@pytest.mark.parametrize("before", [5, (1 << 32) - 2])
def test_counts_wrap(before: int) -> None:
    then = GuardCounts(*[before] * 9, verdicts=(before, 0))
    now = GuardCounts(*[(before + 7) % (1 << 32)] * 9, verdicts=((before + 3) % (1 << 32), 0))
    assert _since(now, then) == GuardCounts(*[7] * 9, verdicts=(3, 0))
