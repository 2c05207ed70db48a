"""The ball and the paddle."""

import numpy as np
import pytest

from hwflow.apps.reward.task import COLUMNS, HEIGHT, MOVES, Scene


def test_a_paddle_that_goes_where_it_is_rewarded_catches_every_ball() -> None:
    for number in range(COLUMNS**2):
        scene = Scene(*divmod(number, COLUMNS), HEIGHT)
        assert scene.number == number
        for _ in range(HEIGHT):
            scene = scene.moved(next(move for move in MOVES if scene.reward(move)))
        assert scene.caught and scene.left == 0


@pytest.mark.parametrize(
    ("ball", "paddle", "good"),
    [
        (5, 2, [False, False, True]),
        (2, 5, [True, False, False]),
        (3, 3, [False, True, False]),
        (0, 0, [True, True, False]),
    ],
)
def test_rewards(ball: int, paddle: int, good: list[bool]) -> None:
    """At a wall the paddle stays where it is."""
    assert [Scene(ball, paddle, 1).reward(move) for move in MOVES] == good


def test_scenes_are_drawn_at_the_top() -> None:
    scenes = [Scene.drawn(np.random.default_rng(seed)) for seed in range(50)]
    assert {scene.left for scene in scenes} == {HEIGHT} and len({scene.number for scene in scenes}) > 20
