"""Learning by reward on the golden model: what is rewarded is done, and nothing else changes."""

from dataclasses import replace

import numpy as np

from hwflow.apps.reward.learning import ACTIONS, SCENES, Rewarding, learn_by_reward
from hwflow.progress import silent
from hwflow.spiking.fit import core_for
from hwflow.spiking.host.lockstep import Lockstep

HOW = Rewarding()


def lockstep() -> Lockstep:
    return Lockstep(core_for(HOW.network(0)))


def test_it_catches_most_balls_after_some_games() -> None:
    done = learn_by_reward(lockstep(), replace(HOW, games=300, judged=60), 0, silent)
    assert done.caught > 0.75 > 4 * done.by_chance
    assert done.curve[-1][0] == 300 and done.curve[-1][1] > done.curve[0][1]
    assert done.presentations >= 360 * 8


def test_only_weights_of_scenes_change() -> None:
    learner = lockstep()
    learn_by_reward(learner, replace(HOW, games=20, judged=1), 1, silent)
    before, after = HOW.network(1).weight, learner.state().weight
    changed = before != after
    assert changed[:SCENES].any() and not changed[SCENES:].any()
    assert after.shape[1] == ACTIONS and after[:SCENES].min() >= 0


def test_a_net_that_is_judged_does_not_learn() -> None:
    learner = lockstep()
    learn_by_reward(learner, replace(HOW, games=1, judged=30), 2, silent)
    once = learner.state().weight.copy()
    learn_by_reward(learner, replace(HOW, games=1, judged=1), 2, silent)
    assert np.array_equal(once, learner.state().weight)


def test_the_same_seed_gives_the_same_games() -> None:
    how = replace(HOW, games=15, judged=5)
    first, second = (learn_by_reward(lockstep(), how, 3, silent) for _ in range(2))
    assert first.curve == second.curve and (first.caught, first.by_chance) == (second.caught, second.by_chance)
